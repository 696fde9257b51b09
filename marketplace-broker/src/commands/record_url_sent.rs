//! The partner has sent the customer the URL to sign in at (S25). Called by
//! `http/partner_center/duties`, and by `http/rehearsal/duties` in the partner's place.

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId, SubscriptionId};

use super::{record, require_subscription};
use crate::{
    domain::{duty::Duties, partner_refusal::PartnerRefusal, refusal::Refusal},
    store::{Command, Failure, Tx, duties_of, lock_subscription, save_duties},
};

/// Records that it was sent, and by whom. It may be repeated: the first time is kept.
pub struct RecordUrlSent {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose subscription, as a partner says; `None`: the operator asks.
    pub customer: Option<CustomerId>,
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
        let found = match self.customer {
            None => require_subscription(tx, &self.sandbox, self.subscription).await?,
            Some(customer) => {
                let id = self.subscription;
                let found = lock_subscription(tx, &self.sandbox, id).await?;
                let found = found.filter(|found| found.customer_id == customer);
                let unknown = || Refusal::from(PartnerRefusal::NoSubscription(id.to_string()));
                found.ok_or_else(unknown)?
            }
        };
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
