//! A publisher tells who submitted the information and where the customer signs in (S24). Called by
//! `http/fulfillment/setup`.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

use super::{record, require_own_subscription};
use crate::{
    domain::{
        duty::{Duties, Report},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, duties_of, save_duties},
};

/// Records what the publisher tells of a setup. It may be repeated.
pub struct ReportSetup {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// What it tells, or why the body could not be read; refused after id and state.
    pub report: Result<Report, Refusal>,
}

impl Command for ReportSetup {
    type Output = Duties;
    const NAME: &'static str = "reportSetup";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Duties, Failure> {
        let found =
            require_own_subscription(tx, &self.sandbox, &self.publisher, self.subscription).await?;
        found.require_running(at)?;
        let report = self.report.clone()?;
        let before = duties_of(tx.read(), &self.sandbox, self.subscription).await?;
        let (duties, events) = before.report(&report, at);
        if !events.is_empty() {
            save_duties(tx, &self.sandbox, self.subscription, &duties).await?;
        }
        for event in &events {
            record(tx, &self.sandbox, at, Some(self.subscription), event);
        }
        Ok(duties)
    }
}
