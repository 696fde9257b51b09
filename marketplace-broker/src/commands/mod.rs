//! Every change somebody can ask for, one file each: load, decide (in `domain`), save, enqueue. A command knows no
//! status code and no wire type. Called by http handlers, workers and start-up, through `store.execute`.

mod act;
mod activate_in_sandbox;
mod activate_subscription;
pub mod advance_clock;
mod amend_subscription;
mod answer_operation;
mod assign_licenses;
mod cancel_order;
mod cancel_subscription;
mod change_subscription;
mod check_out;
mod configure_partner;
mod configure_publisher;
mod confirm_agreement;
mod create_customer;
mod create_sandbox;
mod declare_steps;
mod give_sign_in;
mod hold_deliveries;
mod ids;
mod issue_activation_link;
mod issue_code;
mod once;
mod operate;
mod pick_up;
mod place_order;
mod publish_offers;
mod purchase;
mod record_exchanges;
mod record_url_sent;
mod redeem_code;
mod redeliver;
mod register_client_key;
mod remove_customer;
mod report_setup;
mod report_usage;
mod rotate_signing_key;
mod rotate_token_key;
mod run_due_timers;
mod sell;
mod send_deliveries;
mod set_clock;
mod set_policy;
mod set_term_ends;
mod store_signing_key;
mod use_assertion;
mod use_refresh;
mod write_cart;

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

pub use act::{Act, Deed};
pub use activate_in_sandbox::ActivateInSandbox;
pub use activate_subscription::ActivateSubscription;
pub use amend_subscription::{AmendSubscription, Amended};
pub use answer_operation::{AnswerOperation, Answered};
pub use assign_licenses::AssignLicenses;
pub use cancel_order::CancelOrder;
pub use cancel_subscription::{CancelSubscription, Canceled};
pub use change_subscription::ChangeSubscription;
pub use check_out::{CheckOut, CheckedOut};
pub use configure_partner::{ConfigurePartner, Settings as PartnerSettings};
pub use configure_publisher::{ConfigurePublisher, Settings as PublisherSettings};
pub use confirm_agreement::ConfirmAgreement;
pub use create_customer::CreateCustomer;
pub use create_sandbox::{CreateSandbox, World, client_secret};
pub use declare_steps::{DeclareSteps, FinishStep};
pub use give_sign_in::GiveSignIn;
pub use hold_deliveries::HoldDeliveries;
pub use ids::{IdSeed, Ids};
pub use issue_activation_link::IssueActivationLink;
pub use issue_code::IssueCode;
pub use once::{Once, Replayable};
pub use place_order::PlaceOrder;
pub use publish_offers::PublishOffers;
pub use purchase::Purchase;
pub use record_exchanges::RecordExchanges;
pub use record_url_sent::RecordUrlSent;
pub use redeem_code::RedeemCode;
pub use redeliver::Redeliver;
pub use register_client_key::{DropClientKey, KeyOwner, RegisterClientKey, WhichApp};
pub use remove_customer::RemoveCustomer;
pub use report_setup::ReportSetup;
pub use report_usage::{ReportUsage, Reported};
pub use rotate_signing_key::RotateSigningKey;
pub use rotate_token_key::RotateTokenKey;
pub use run_due_timers::{Ran, RunDueTimers};
pub use send_deliveries::{Attempted, ForgetLeases, SendDeliveries};
pub use set_clock::SetClock;
pub use set_policy::{SetProfile, SetQuirk};
pub use set_term_ends::SetTermEnds;
pub use store_signing_key::StoreSigningKey;
pub use use_assertion::UseAssertion;
pub use use_refresh::UseRefresh;
pub use write_cart::{CreateCart, Filling, ReplaceCart};

use crate::{
    domain::{
        event::Event,
        refusal::Refusal,
        subscription::{Change, Subscription},
        timer::TimerChange,
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

/// The same for either: a publisher, or the operator, who may do it for all of them (`None`).
async fn require_subscription_of(
    tx: &mut Tx,
    sandbox: &SandboxId,
    publisher: Option<&PublisherId>,
    id: SubscriptionId,
) -> Result<Subscription, Failure> {
    match publisher {
        Some(publisher) => require_own_subscription(tx, sandbox, publisher, id).await,
        None => require_subscription(tx, sandbox, id).await,
    }
}

/// Saves a changed subscription with everything that follows from its events.
async fn save(
    tx: &mut Tx,
    sandbox: &SandboxId,
    change: &Change,
    ids: &mut Ids,
    at: Timestamp,
) -> Result<(), Failure> {
    let subscription = &change.subscription;
    save_subscription(tx, sandbox, subscription).await?;
    for (number, charge) in (FIRST_CHARGE..).zip(change.charges()) {
        tx.charge(sandbox, subscription.id, number, charge);
    }
    for timer in change.timers() {
        let (TimerChange::Set(kind, _) | TimerChange::Void(kind)) = timer;
        tx.void_timers(sandbox, subscription.id, kind);
        if let TimerChange::Set(kind, due_at) = timer {
            operate::set_timer(tx, sandbox, subscription, (kind, due_at), ids);
        }
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
