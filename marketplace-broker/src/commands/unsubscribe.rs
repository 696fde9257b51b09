//! The customer, or the partner for it, cancels (S5, S12, S16 of fulfillment.md 2.1). Called by
//! `http/rehearsal/actions`.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId, SubscriptionId};

use super::{require_subscription, save};
use crate::{
    domain::operation::{Operation, OperationAction, OperationSource},
    store::{Command, Failure, Tx, insert_operation},
};

/// Ends a subscription.
pub struct Unsubscribe {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// What ends.
    pub subscription: SubscriptionId,
    /// The operation that records it.
    pub operation: OperationId,
}

impl Command for Unsubscribe {
    type Output = ();
    const NAME: &'static str = "unsubscribe";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let found = require_subscription(tx, &self.sandbox, self.subscription).await?;
        let change = found.unsubscribe(at)?;
        save(tx, &self.sandbox, &change, at).await?;
        let operation = Operation {
            id: self.operation,
            subscription_id: self.subscription,
            action: OperationAction::Unsubscribe,
            source: OperationSource::Azure,
            at,
        };
        insert_operation(tx, &self.sandbox, &operation).await
    }
}
