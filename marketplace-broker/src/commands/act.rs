//! What the customer or the marketplace does to a subscription, but for changes of plan and quantity (S5, S9, S10, S12,
//! S13, S15, S16 of fulfillment.md 2.1). Called by `http/rehearsal/actions`.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId, SubscriptionId};

use super::{IdSeed, operate, require_subscription, save};
use crate::{
    domain::{
        operation::{Operation, OperationAction, OperationSource, OperationState},
        refusal::Refusal,
        subscription::{Change, Happening, Status, Subscription},
    },
    store::{Command, Failure, Tx},
};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The customer, or the partner for it, cancels.
    Unsubscribe,
    /// The marketplace suspends.
    Suspend,
    /// The payment that is due fails.
    FailPayment,
    /// The payment of the next renewal will fail.
    FailNextPayment,
    /// The reason of the suspension is gone.
    Reinstate,
    /// The term ends now.
    Renew,
}

/// Does it.
pub struct Act {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// To what.
    pub subscription: SubscriptionId,
    /// What.
    pub deed: Deed,
    /// What operations and timers are named from.
    pub ids: IdSeed,
}

impl Command for Act {
    /// The operation that records it, if there is one yet.
    type Output = Option<OperationId>;
    const NAME: &'static str = "act";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Option<OperationId>, Failure> {
        let found = require_subscription(tx, &self.sandbox, self.subscription).await?;
        let open = operate::Open::of(tx, &self.sandbox, found.id).await?;
        let allowed = found.allowed_actions(open.lock().is_some());
        let allowing = |refusal: Refusal| refusal.allowing(allowed.clone());
        let mut ids = self.ids.ids();
        let (change, action) = match self.deed {
            Deed::Reinstate => {
                found.may_reinstate(at).map_err(allowing)?;
                if let Some(Operation { id, action, .. }) = open.lock() {
                    let (action, id) = (action.name(), *id);
                    return Err(Refusal::OperationOpen { action, id, allowed }.into());
                }
                let before = (&found, open);
                operate::make_way(tx, &self.sandbox, before, (&mut ids, at)).await?;
                return Ok(Some(self.ask_reinstate(tx, &found, at).await?));
            }
            Deed::FailNextPayment => {
                let change = found.fail_next_payment(at).map_err(allowing)?;
                save(tx, &self.sandbox, &change, &mut ids, at).await?;
                return Ok(None);
            }
            Deed::Unsubscribe => {
                (found.cancel(OperationSource::Azure, at), OperationAction::Unsubscribe)
            }
            Deed::Suspend => (found.suspend(Happening::Suspend, at), OperationAction::Suspend),
            Deed::FailPayment => {
                (found.suspend(Happening::FailPayment, at), OperationAction::Suspend)
            }
            Deed::Renew => renewed(found.renew(tx.policy(&self.sandbox).await?.get(), at)),
        };
        let change = change.map_err(allowing)?;
        let what = (action, OperationSource::Azure);
        let told =
            operate::change_and_tell(tx, &self.sandbox, &change, what, (&mut ids, at)).await?;
        Ok(Some(told.id))
    }
}

impl Act {
    async fn ask_reinstate(
        &self,
        tx: &mut Tx,
        found: &Subscription,
        at: Timestamp,
    ) -> Result<OperationId, Failure> {
        let operation = Operation {
            id: self.ids.ids().operation(),
            subscription_id: found.id,
            action: OperationAction::Reinstate,
            source: OperationSource::Azure,
            target: found.target(),
            created_at: at,
            state: OperationState::InProgress { acknowledged_at: None },
        };
        operate::start(tx, &self.sandbox, &operation, Some(found)).await?;
        Ok(operation.id)
    }
}

/// A renewal whose payment fails is a suspension (S15).
fn renewed(change: Result<Change, Refusal>) -> (Result<Change, Refusal>, OperationAction) {
    let action = match &change {
        Ok(change) => renewal_action(change),
        Err(_) => OperationAction::Renew,
    };
    (change, action)
}

/// What a publisher is told when a term is over.
pub(super) fn renewal_action(change: &Change) -> OperationAction {
    match change.subscription.status {
        Status::Suspended { .. } => OperationAction::Suspend,
        Status::Unsubscribed { .. } => OperationAction::Unsubscribe,
        Status::PendingFulfillmentStart | Status::Subscribed => OperationAction::Renew,
    }
}
