//! The publisher confirms fulfillment: the second key (S28, C17-C21). Called by `http/fulfillment/activate`.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, operate, require_own_subscription, save};
use crate::{
    domain::{
        party::LicenseConfirmation,
        policy::{ActivateEffect, ActivateSubscribed},
        refusal::Refusal,
        subscription::{Activation, Status},
        timer::{ACTIVATION_DELAY, TimerKind},
    },
    store::{Command, Failure, Tx, has_timer},
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
    /// What the body says, or why it could not be read; refused after id and state (architecture.md, Order of
    /// refusals).
    pub body: Result<Activation, Refusal>,
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
        let policy = tx.policy(&self.sandbox).await?;
        let again = policy.get::<ActivateSubscribed>() == ActivateSubscribed::Accept;
        if again && found.status == Status::Subscribed {
            return Ok(()); // repeating it changes nothing
        }
        let change = found.clone().activate(self.license_confirmation, at)?;
        found.check_activation(&self.body.clone()?, policy.get())?;
        let mut ids = self.ids.ids();
        if policy.get::<ActivateEffect>() == ActivateEffect::AtOnce {
            return save(tx, &self.sandbox, &change, &mut ids, at).await;
        }
        if !has_timer(tx, &self.sandbox, found.id, TimerKind::Activation).await? {
            let due = (TimerKind::Activation, at + ACTIVATION_DELAY);
            operate::set_timer(tx, &self.sandbox, &found, due, &mut ids);
        }
        Ok(())
    }
}
