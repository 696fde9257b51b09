//! What commands have in common that start, move and end operations and tell publishers of them.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};

use super::{Ids, record, save};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryState, Notice},
        event::Event,
        operation::{
            FailureReason, Operation, OperationAction, OperationEvent, OperationSource,
            OperationState,
        },
        policy::{RevertWebhook, SecondOperation},
        subscription::{Change, Status, Subscription},
        timer::{Timer, TimerKind},
    },
    store::{
        Failure, Superseded, Tx, deliveries_before, insert_delivery, insert_operation,
        open_operations, promote_deliveries, save_operation, supersede_delivery,
    },
};

/// Stores a new operation. `told`: the subscription as its webhook shows it; `None`: no webhook now.
pub(super) async fn start(
    tx: &mut Tx,
    sandbox: &SandboxId,
    operation: &Operation,
    told: Option<&Subscription>,
) -> Result<(), Failure> {
    insert_operation(tx, sandbox, operation).await?;
    let Operation { id, action, source, .. } = *operation;
    let event = Event::OperationStarted { id, action, source };
    record(tx, sandbox, operation.created_at, Some(operation.subscription_id), &event);
    match told {
        Some(subscription) => {
            notify(tx, sandbox, operation, subscription, operation.created_at).await
        }
        None => Ok(()),
    }
}

/// Something has happened to a subscription of which its publisher is only told (fulfillment.md 2.2): an operation
/// that is Succeeded at once.
pub(super) async fn tell(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: &Subscription,
    (action, source): (OperationAction, OperationSource),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<Operation, Failure> {
    let operation = Operation {
        id: ids.operation(),
        subscription_id: subscription.id,
        action,
        source,
        target: subscription.target(),
        created_at: at,
        state: OperationState::Succeeded,
    };
    start(tx, sandbox, &operation, Some(subscription)).await?;
    Ok(operation)
}

/// Puts a webhook into the outbox, behind those of the same subscription that are not over. The subscription is
/// locked, so its webhooks are in the order of its changes.
pub(super) async fn notify(
    tx: &mut Tx,
    sandbox: &SandboxId,
    operation: &Operation,
    subscription: &Subscription,
    at: Timestamp,
) -> Result<(), Failure> {
    let (last, open) = deliveries_before(tx, sandbox, subscription.id).await?;
    let delivery = Delivery {
        operation_id: operation.id,
        subscription_id: subscription.id,
        publisher_id: subscription.publisher_id.clone(),
        number: last + 1,
        action: operation.action,
        notice: Notice::of(operation, subscription, &tx.policy(sandbox).await?),
        state: if open { DeliveryState::Behind } else { DeliveryState::Ready },
        ended: None,
        attempts: 0,
        resends: 0,
        created_at: at,
        first_attempt_at: None,
        last_outcome: None,
    };
    insert_delivery(tx, sandbox, &delivery).await
}

/// Something happens to an operation, and what follows from it to its subscription, its timers and its webhook. The
/// operation as it is then.
pub(super) async fn happen(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (operation, subscription): (Operation, Subscription),
    event: OperationEvent,
    (ids, at): (&mut Ids, Timestamp),
) -> Result<Operation, Failure> {
    let before = operation.state;
    let policy = tx.policy(sandbox).await?;
    let moved = operation.on(event, &subscription.target(), (&policy, at))?;
    if moved.state == before {
        return Ok(moved);
    }
    let moved = moved.unless_outrun(matches!(subscription.status, Status::Suspended { .. }));
    let change = match moved.state {
        OperationState::Succeeded => Some(subscription.clone().apply(&moved, at)?),
        _ => None,
    };
    save_operation(tx, sandbox, before, &moved).await?;
    let Operation { id, action, state, subscription_id, .. } = moved;
    record(tx, sandbox, at, Some(subscription_id), &Event::OperationMoved { id, action, state });
    if let Some(change) = change {
        save(tx, sandbox, &change, ids, at).await?;
    }
    if !state.is_open() {
        void_if_none_is_open(tx, sandbox, subscription_id).await?;
        // The wait is this webhook's only if it was the one that waited: others of the subscription may be before it.
        let superseded = supersede_delivery(tx, sandbox, id).await?;
        if superseded == Superseded::WhileWaiting {
            tx.void_timers(sandbox, subscription_id, TimerKind::Redelivery);
        }
        if superseded != Superseded::No {
            promote_deliveries(tx, sandbox, &[subscription_id]).await?;
        }
    }
    let refused = [FailureReason::RefusedByPublisher, FailureReason::WebhookRejected]
        .map(OperationState::Failed)
        .contains(&state);
    if refused && policy.get::<RevertWebhook>() == RevertWebhook::On {
        revert(tx, sandbox, (&moved, &subscription), (ids, at)).await?;
    }
    Ok(moved)
}

/// An operation has ended: if none is open any more, nothing is waited for.
pub(super) async fn void_if_none_is_open(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<(), Failure> {
    if open_operations(tx.read(), sandbox, subscription).await?.is_empty() {
        tx.void_timers(sandbox, subscription, TimerKind::DecisionWindow);
        tx.void_timers(sandbox, subscription, TimerKind::OperationStart);
    }
    Ok(())
}

/// After a change was refused: a second one, back to what is (fulfillment.md 3.4). Once; it may be refused as well.
async fn revert(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (refused, subscription): (&Operation, &Subscription),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<(), Failure> {
    let current = subscription.target();
    if !refused.action.may_be_rejected() || refused.target == current {
        return Ok(());
    }
    let back = Operation {
        id: ids.operation(),
        target: current,
        created_at: at,
        source: OperationSource::Azure,
        state: OperationState::InProgress { acknowledged_at: None },
        ..refused.clone()
    };
    start(tx, sandbox, &back, Some(subscription)).await
}

/// What is open of a subscription when something else is asked for, and what that means (F8).
pub(super) struct Open {
    operations: Vec<Operation>,
    rule: SecondOperation,
}

impl Open {
    /// Of this subscription.
    pub(super) async fn of(
        tx: &mut Tx,
        sandbox: &SandboxId,
        subscription: SubscriptionId,
    ) -> Result<Self, Failure> {
        let operations = open_operations(tx.read(), sandbox, subscription).await?;
        Ok(Self { operations, rule: tx.policy(sandbox).await?.get() })
    }

    /// The one that locks the subscription.
    pub(super) fn lock(&self) -> Option<&Operation> {
        self.operations.first().filter(|_| self.rule == SecondOperation::Locked)
    }

    /// Those that make way for a newer one.
    fn outdated(self) -> Vec<Operation> {
        match self.rule {
            SecondOperation::Locked | SecondOperation::SideBySide => Vec::new(),
            SecondOperation::Supersedes => self.operations,
        }
    }
}

/// Something newer is asked for: what has to make way for it fails (F8).
pub(super) async fn make_way(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (subscription, open): (&Subscription, Open),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<(), Failure> {
    overtake(tx, sandbox, (subscription, open.outdated()), (ids, at)).await
}

/// A cancellation or a suspension comes before whatever is open: that fails (fulfillment.md 2.1).
pub(super) async fn end_open(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: &Subscription,
    (ids, at): (&mut Ids, Timestamp),
) -> Result<(), Failure> {
    let open = open_operations(tx.read(), sandbox, subscription.id).await?;
    overtake(tx, sandbox, (subscription, open), (ids, at)).await
}

async fn overtake(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (subscription, open): (&Subscription, Vec<Operation>),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<(), Failure> {
    for open in open {
        let both = (open, subscription.clone());
        happen(tx, sandbox, both, OperationEvent::Overtaken, (ids, at)).await?;
    }
    Ok(())
}

/// The subscription has changed by itself: what overtakes open operations does, the change is stored, and the
/// publisher is told.
pub(super) async fn change_and_tell(
    tx: &mut Tx,
    sandbox: &SandboxId,
    change: &Change,
    (action, source): (OperationAction, OperationSource),
    (ids, at): (&mut Ids, Timestamp),
) -> Result<Operation, Failure> {
    if matches!(action, OperationAction::Suspend | OperationAction::Unsubscribe) {
        end_open(tx, sandbox, &change.subscription, (ids, at)).await?;
    }
    save(tx, sandbox, change, ids, at).await?;
    tell(tx, sandbox, &change.subscription, (action, source), (ids, at)).await
}

/// The same without telling.
pub(super) async fn change_silently(
    tx: &mut Tx,
    sandbox: &SandboxId,
    change: &Change,
    (ids, at): (&mut Ids, Timestamp),
) -> Result<(), Failure> {
    end_open(tx, sandbox, &change.subscription, (ids, at)).await?;
    save(tx, sandbox, change, ids, at).await
}

/// Sets a timer of a subscription.
pub(super) fn set_timer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: &Subscription,
    (kind, due_at): (TimerKind, Timestamp),
    ids: &mut Ids,
) {
    let timer = Timer { id: ids.draw(), due_at, kind, subscription_id: subscription.id };
    tx.set_timer(sandbox, timer);
}
