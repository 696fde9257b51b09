//! The publisher confirms fulfillment: the second key (S28, C17-C21). Called by `http/fulfillment/activate`.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, require_own_subscription, save};
use crate::{
    domain::{party::LicenseConfirmation, refusal::Refusal},
    store::{Command, Failure, Tx},
};

/// Activates a subscription.
pub struct ActivateSubscription {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// The caller's setting: whether this turns both keys.
    pub license_confirmation: LicenseConfirmation,
    /// What to activate.
    pub subscription: SubscriptionId,
    /// What timers are named from.
    pub ids: IdSeed,
    /// Whether the body could be read; refused after id and state (architecture.md, Order of refusals).
    pub body: Result<(), Refusal>,
}

impl Command for ActivateSubscription {
    type Output = ();
    const NAME: &'static str = "activateSubscription";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let found =
            require_own_subscription(tx, &self.sandbox, &self.publisher, self.subscription).await?;
        let change = found.activate(self.license_confirmation, at)?;
        self.body.clone()?;
        save(tx, &self.sandbox, &change, &mut self.ids.ids(), at).await
    }
}
