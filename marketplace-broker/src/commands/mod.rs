//! Every change somebody can ask for, one file each: load, decide (in `domain`), save, enqueue. A command knows no
//! status code and no wire type. Called by http handlers, workers and start-up, through `store.execute`.

mod activate_subscription;
pub mod advance_clock;
mod assign_licenses;
mod configure_publisher;
mod create_sandbox;
mod issue_activation_link;
mod purchase;
mod record_exchanges;
mod rotate_token_key;
mod run_due_timers;
mod set_clock;
mod store_signing_key;
mod unsubscribe;

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

pub use activate_subscription::ActivateSubscription;
pub use assign_licenses::AssignLicenses;
pub use configure_publisher::{ConfigurePublisher, Settings as PublisherSettings};
pub use create_sandbox::{CreateSandbox, World};
pub use issue_activation_link::IssueActivationLink;
pub use purchase::Purchase;
pub use record_exchanges::RecordExchanges;
pub use rotate_token_key::RotateTokenKey;
pub use run_due_timers::{Ran, RunDueTimers};
pub use set_clock::SetClock;
pub use store_signing_key::StoreSigningKey;
pub use unsubscribe::Unsubscribe;

use crate::{
    domain::{
        event::Event,
        refusal::Refusal,
        subscription::{Change, Subscription},
        timer::TimerKind,
    },
    store::{Failure, JournalRow, Tx, lock_subscription, save_subscription},
};

/// The number of the first charge line; renewals and corrections count on from it.
const FIRST_CHARGE: i64 = 1;

/// Loads a subscription for a change, or refuses.
async fn require_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Subscription, Failure> {
    let found = lock_subscription(tx, sandbox, id).await?;
    Ok(found.ok_or_else(|| Refusal::unknown("Subscription", id))?)
}

/// The same for a publisher: another publisher's subscription is refused as such.
async fn require_own_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    id: SubscriptionId,
) -> Result<Subscription, Failure> {
    let subscription = require_subscription(tx, sandbox, id).await?;
    if subscription.publisher_id == *publisher {
        Ok(subscription)
    } else {
        Err(Refusal::NotYours.into())
    }
}

/// Saves a changed subscription with everything that follows from its events.
async fn save(
    tx: &mut Tx,
    sandbox: &SandboxId,
    change: &Change,
    at: Timestamp,
) -> Result<(), Failure> {
    let subscription = &change.subscription;
    save_subscription(tx, sandbox, subscription).await?;
    for (number, charge) in (FIRST_CHARGE..).zip(change.charges()) {
        tx.charge(sandbox, subscription.id, number, charge);
    }
    if change.ends_pending() {
        tx.void_timers(sandbox, subscription.id, TimerKind::PendingLimit);
    }
    for event in &change.events {
        record(tx, sandbox, at, Some(subscription.id), event);
    }
    Ok(())
}

/// Writes an event to the journal of this transaction.
fn record(
    tx: &mut Tx,
    sandbox: &SandboxId,
    at: Timestamp,
    subscription: Option<SubscriptionId>,
    event: &Event,
) {
    tx.record(JournalRow::event(sandbox, at, subscription, event));
}

#[cfg(test)]
mod gate_tests;
