//! What somebody can ask the publisher to change: a file each. Every command loads, lets the domain decide, saves,
//! and adds the call that follows from it, in one transaction. Called by `http` and the workers.

mod assign_licenses;
mod begin_sign_in;
mod confirm_setup;
mod console_session;
mod count_usage;
mod declare_step;
mod finish_step;
mod note_refused_webhook;
mod open_visit;
mod receive_webhook;
mod record_delivery;
mod record_operation;
mod record_usage;
mod remove_step;
mod set_behavior;
mod sign_visitor_in;
mod submit_information;
mod take_sign_in;

use jiff::Timestamp;
use shared::ids::StepId;

use crate::{
    domain::{Account, AccountKey, Call, Kind, PublisherStep, Refusal},
    store::{Error, NewMessage, Tx},
};

pub use assign_licenses::AssignLicenses;
pub use begin_sign_in::BeginSignIn;
pub use confirm_setup::ConfirmSetup;
pub use console_session::{SignIn, SignOut};
pub use count_usage::CountUsage;
pub use declare_step::DeclareStep;
pub use finish_step::FinishStep;
pub use note_refused_webhook::NoteRefusedWebhook;
pub use open_visit::{OpenVisit, Opened};
pub use receive_webhook::{Finding, ReceiveWebhook};
pub use record_delivery::{Accepted, Delivery, RecordDelivery};
pub use record_operation::{OperationNews, RecordOperation};
pub use record_usage::{RecordUsage, ToldUsage, UsageNews};
pub use remove_step::RemoveStep;
pub use set_behavior::SetBehavior;
pub use sign_visitor_in::SignVisitorIn;
pub use submit_information::SubmitInformation;
pub use take_sign_in::TakeSignIn;

/// The step of this name; refuses if there is none.
async fn require_step(
    tx: &mut Tx,
    key: &AccountKey,
    step: &StepId,
) -> Result<PublisherStep, Error> {
    let steps = tx.publisher_steps(key).await?;
    let found = steps.into_iter().find(|known| known.id == *step);
    found.ok_or(Error::Refused(Refusal::UnknownStep))
}

/// Adds the call that tells of all steps of an account.
async fn tell_steps(
    tx: &mut Tx,
    account: &Account,
    message_id: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let message = NewMessage {
        id: message_id.to_owned(),
        key: account.key.clone(),
        publisher: account.purchase.publisher.clone(),
        call: Call::Account(Kind::PublisherSteps),
        people: Vec::new(),
        created_at: now,
        due_at: now,
    };
    tx.enqueue_newest(&message).await
}
