//! What somebody can ask the publisher to change: a file each. Every command loads, lets the domain decide, saves,
//! and adds the call that follows from it, in one transaction. Called by `http` and the workers.

mod assign_licenses;
mod begin_sign_in;
mod confirm_setup;
mod console_session;
mod count_usage;
mod note_refused_webhook;
mod open_visit;
mod receive_webhook;
mod record_delivery;
mod record_operation;
mod record_usage;
mod set_behavior;
mod sign_visitor_in;
mod submit_information;
mod take_sign_in;

pub use assign_licenses::AssignLicenses;
pub use begin_sign_in::BeginSignIn;
pub use confirm_setup::ConfirmSetup;
pub use console_session::{SignIn, SignOut};
pub use count_usage::CountUsage;
pub use note_refused_webhook::NoteRefusedWebhook;
pub use open_visit::{OpenVisit, Opened};
pub use receive_webhook::{Finding, ReceiveWebhook};
pub use record_delivery::{Accepted, Delivery, RecordDelivery};
pub use record_operation::{OperationNews, RecordOperation};
pub use record_usage::{RecordUsage, ToldUsage, UsageNews};
pub use set_behavior::SetBehavior;
pub use sign_visitor_in::SignVisitorIn;
pub use submit_information::SubmitInformation;
pub use take_sign_in::TakeSignIn;
