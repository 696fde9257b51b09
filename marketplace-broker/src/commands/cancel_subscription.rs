//! The publisher cancels (S6, C40, C41): asked for now, done when the operation is picked up. Called by
//! `http/fulfillment/cancel`.

use jiff::Timestamp;
use shared::ids::{OperationId, PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, operate, require_own_subscription};
use crate::{
    domain::{
        operation::{Operation, OperationAction, OperationSource, OperationState, PICK_UP_DELAY},
        policy::DeleteUnsubscribed,
        refusal::Refusal,
        subscription::Status,
        timer::TimerKind,
    },
    store::{Command, Failure, Tx},
};

/// Asks for the end of a subscription.
pub struct CancelSubscription {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// What ends.
    pub subscription: SubscriptionId,
    /// The new operation.
    pub operation: OperationId,
    /// What the timer is named from.
    pub ids: IdSeed,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canceled {
    /// It will end, or has ended and its operation says so.
    Started,
    /// It has ended already, and nothing was started.
    AlreadyEnded,
}

impl Command for CancelSubscription {
    type Output = Canceled;
    const NAME: &'static str = "cancelSubscription";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Canceled, Failure> {
        let found =
            require_own_subscription(tx, &self.sandbox, &self.publisher, self.subscription).await?;
        found.may_cancel(OperationSource::Partner)?;
        let open = operate::Open::of(tx, &self.sandbox, found.id).await?;
        if let Some(Operation { id, action, .. }) = open.lock() {
            let (action, id, allowed) = (action.name(), *id, Vec::new());
            return Err(Refusal::OperationOpen { action, id, allowed }.into());
        }
        // What has ended cannot end again: the operation is a Conflict, and nobody is told (fulfillment.md F4).
        let ended = matches!(found.status, Status::Unsubscribed { .. });
        match tx.policy(&self.sandbox).await?.get() {
            DeleteUnsubscribed::Ok if ended => return Ok(Canceled::AlreadyEnded),
            DeleteUnsubscribed::NotFound if ended => return Err(Refusal::Ended.into()),
            _ => {}
        }
        let mut ids = self.ids.ids();
        operate::make_way(tx, &self.sandbox, (&found, open), (&mut ids, at)).await?;
        let operation = Operation {
            id: self.operation,
            subscription_id: found.id,
            action: OperationAction::Unsubscribe,
            source: OperationSource::Partner,
            target: found.target(),
            created_at: at,
            state: if ended { OperationState::Conflict } else { OperationState::NotStarted },
        };
        operate::start(tx, &self.sandbox, &operation, None).await?;
        if !ended {
            let due = (TimerKind::OperationStart, at + PICK_UP_DELAY);
            operate::set_timer(tx, &self.sandbox, &found, due, &mut ids);
        }
        Ok(Canceled::Started)
    }
}
