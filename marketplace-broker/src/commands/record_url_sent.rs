//! The partner has sent the customer the URL to sign in at (S25). Called by `http/rehearsal/duties`.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};

use super::{record, require_subscription};
use crate::{
    domain::{duty::Duties, refusal::Refusal},
    store::{Command, Failure, Tx, duties_of, save_duties},
};

/// Records that it was sent, and by whom. It may be repeated: the first time is kept.
pub struct RecordUrlSent {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Who sent it, or why the body could not be read; refused after id and state.
    pub by: Result<String, Refusal>,
}

impl Command for RecordUrlSent {
    type Output = Duties;
    const NAME: &'static str = "recordUrlSent";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Duties, Failure> {
        let found = require_subscription(tx, &self.sandbox, self.subscription).await?;
        found.require_running(at)?;
        let by = self.by.clone()?;
        let before = duties_of(tx.read(), &self.sandbox, self.subscription).await?;
        let (duties, events) = before.sent(&by, at)?;
        if !events.is_empty() {
            save_duties(tx, &self.sandbox, self.subscription, &duties).await?;
        }
        for event in &events {
            record(tx, &self.sandbox, at, Some(self.subscription), event);
        }
        Ok(duties)
    }
}
