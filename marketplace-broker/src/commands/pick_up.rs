//! An operation that the publisher started begins (S6, S8 of fulfillment.md 2.1). Called by `run_due_timers`.

use jiff::Timestamp;
use shared::ids::SandboxId;

use super::{Ids, operate, record, save};
use crate::{
    domain::{
        event::Event,
        operation::{FailureReason, Operation, OperationAction, OperationEvent, OperationState},
        policy::{DeleteWebhook, PublisherChangeOrder, PublisherChangeWebhook},
        subscription::Subscription,
        timer::TimerKind,
    },
    store::{Failure, Tx, lock_subscription, save_operation},
};

/// Begins it: its webhook leaves, or the subscription ends. False when it is not possible any more.
pub(super) async fn pick_up(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (open, found): (Operation, Subscription),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<bool, Failure> {
    if open.action == OperationAction::Unsubscribe {
        return cancel(tx, sandbox, (open, found), (ids, at)).await;
    }
    let policy = tx.policy(sandbox).await?;
    let told = policy.get::<PublisherChangeWebhook>() == PublisherChangeWebhook::On;
    let both = (open, found.clone());
    let open = operate::happen(tx, sandbox, both, OperationEvent::PickedUp, (ids, at)).await?;
    match policy.get() {
        PublisherChangeOrder::NotifiedFirst if told => {
            operate::notify(tx, sandbox, &open, &found, at).await?;
        }
        PublisherChangeOrder::NotifiedFirst => {
            let both = (open, found.clone());
            let event = OperationEvent::Acknowledged;
            let silent = operate::happen(tx, sandbox, both, event, (ids, at)).await?;
            if let Some(closes) = silent.window_closes_at(&policy) {
                let due = (TimerKind::DecisionWindow, closes);
                operate::set_timer(tx, sandbox, &found, due, ids);
            }
        }
        PublisherChangeOrder::AppliedFirst => {
            let id = found.id;
            let both = (open, found);
            let done =
                operate::happen(tx, sandbox, both, OperationEvent::Applied, (ids, at)).await?;
            if let (true, Some(changed)) = (told, lock_subscription(tx, sandbox, id).await?) {
                operate::notify(tx, sandbox, &done, &changed, at).await?;
            }
        }
    }
    Ok(true)
}

/// The publisher's cancellation: the subscription ends, or stays because it came too late (F2).
async fn cancel(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (mut open, found): (Operation, Subscription),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<bool, Failure> {
    use crate::domain::operation::OperationSource::Partner;
    let policy = tx.policy(sandbox).await?;
    let change = match found.cancels_too_late(open.created_at, &policy) {
        true => None,
        false => match found.cancel(Partner, at) {
            Ok(change) => Some(change),
            Err(_) => return Ok(false),
        },
    };
    let state = match change {
        Some(_) => OperationState::Succeeded,
        None => OperationState::Failed(FailureReason::CancellationTooLate),
    };
    let before = std::mem::replace(&mut open.state, state);
    save_operation(tx, sandbox, before, &open).await?;
    let Operation { id, action, subscription_id, .. } = open;
    let moved = Event::OperationMoved { id, action, state };
    record(tx, sandbox, at, Some(subscription_id), &moved);
    operate::void_if_none_is_open(tx, sandbox, subscription_id).await?;
    let Some(change) = change else { return Ok(true) };
    operate::end_open(tx, sandbox, &change.subscription, (&mut *ids, at)).await?;
    save(tx, sandbox, &change, ids, at).await?;
    if policy.get::<DeleteWebhook>() == DeleteWebhook::On {
        operate::notify(tx, sandbox, &open, &change.subscription, at).await?;
    }
    Ok(true)
}
