//! Another plan or another quantity is asked for: by the publisher (S8, C33 to C39), or by the customer and the partner
//! for it (S7). Called by `http/fulfillment/change` and `http/rehearsal/actions`.

use jiff::Timestamp;
use shared::ids::{OperationId, PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, operate, require_own_subscription, require_subscription};
use crate::{
    domain::{
        change::{Wish, target},
        operation::{Operation, OperationSource, OperationState, PICK_UP_DELAY},
        refusal::Refusal,
        subscription::Subscription,
        timer::TimerKind,
    },
    store::{Command, Failure, Tx, customer, offer},
};

/// Asks for a change.
pub struct ChangeSubscription {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The publisher who asks; `None`: the customer, or the partner for it.
    pub publisher: Option<PublisherId>,
    /// Of what.
    pub subscription: SubscriptionId,
    /// To what, or why that could not be read; refused after id and state.
    pub wish: Result<Wish, Refusal>,
    /// The new operation.
    pub operation: OperationId,
    /// What timers are named from.
    pub ids: IdSeed,
}

impl Command for ChangeSubscription {
    type Output = ();
    const NAME: &'static str = "changeSubscription";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let found = self.load(tx).await?;
        let source = self.source();
        let open = operate::Open::of(tx, &self.sandbox, found.id).await?;
        let allowed = || found.allowed_actions(open.lock().is_some());
        found.may_change(source, at).map_err(|refusal| match (refusal, source) {
            (Refusal::NotActive, OperationSource::Azure) => Refusal::WrongState {
                action: "a change of plan or quantity",
                state: found.status.name(),
                allowed: allowed(),
            },
            (refusal, _) => refusal,
        })?;
        if let Some(open) = open.lock() {
            let (action, id) = (open.action.name(), open.id);
            return Err(Refusal::OperationOpen { action, id, allowed: allowed() }.into());
        }
        let operation = self.ask(tx, &found, at).await?;
        let mut ids = self.ids.ids();
        operate::make_way(tx, &self.sandbox, (&found, open), (&mut ids, at)).await?;
        if source == OperationSource::Partner {
            operate::start(tx, &self.sandbox, &operation, None).await?;
            let due = (TimerKind::OperationStart, at + PICK_UP_DELAY);
            operate::set_timer(tx, &self.sandbox, &found, due, &mut ids);
            return Ok(());
        }
        operate::start(tx, &self.sandbox, &operation, Some(&found)).await
    }
}

impl ChangeSubscription {
    fn source(&self) -> OperationSource {
        match self.publisher {
            Some(_) => OperationSource::Partner,
            None => OperationSource::Azure,
        }
    }

    async fn load(&self, tx: &mut Tx) -> Result<Subscription, Failure> {
        match &self.publisher {
            Some(publisher) => {
                require_own_subscription(tx, &self.sandbox, publisher, self.subscription).await
            }
            None => require_subscription(tx, &self.sandbox, self.subscription).await,
        }
    }

    async fn ask(
        &self,
        tx: &mut Tx,
        found: &Subscription,
        at: Timestamp,
    ) -> Result<Operation, Failure> {
        let wish = self.wish.clone()?;
        let offer = offer(tx.read(), &self.sandbox, &found.offer_id).await?;
        let offer = offer.ok_or_else(|| Refusal::unknown("Offer", &found.offer_id))?;
        let customer = customer(tx.read(), &self.sandbox, Some(found.customer_id)).await?;
        let customer = customer.ok_or_else(|| Refusal::unknown("Customer", found.customer_id))?;
        Ok(Operation {
            id: self.operation,
            subscription_id: found.id,
            action: wish.action(),
            source: self.source(),
            target: target(found, &wish, &offer, &customer.country)?,
            created_at: at,
            state: match self.source() {
                OperationSource::Partner => OperationState::NotStarted,
                OperationSource::Azure => OperationState::InProgress { acknowledged_at: None },
            },
        })
    }
}
