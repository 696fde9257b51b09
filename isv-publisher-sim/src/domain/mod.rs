//! The publisher's rules, pure: values in, new values out. No database, no web, no clock. Called by the commands,
//! which load and save what these rules decide on, and by the pages, which ask them what is possible.

mod account;
mod behavior;
mod information;
mod operation;
mod publisher_step;
mod purchase;
mod refusal;
mod sender;
mod setup;
mod state;
mod step;
mod usage;
mod visitor;
mod webhook;

pub use account::{Account, AccountKey};
pub use behavior::{Behavior, Reaction, react};
pub use information::{Entries, Field, FieldError, Information, Problem};
pub use operation::{Action, Mismatch, Operation, Source, Status, Told, Verdict};
pub use publisher_step::{NewStep, PublisherStep, STEPS_MAX, StepEntries, StepProblem};
pub use purchase::{Purchase, Seen, Standing, Term};
pub use refusal::Refusal;
pub use sender::{Claims, Recipient, TokenVersion, Unsound};
pub use setup::{Place, Setup};
pub use state::{Keys, State, Submitted};
pub use step::{Call, Kind, OperationCall, Progress, Step, backoff, look_again};
pub use usage::{Meter, MeteredDimension, MeteredPlan, Overage, Reporting, hour_of};
pub use visitor::{Asked, IdClaims, SignedIn, UnsoundIdentity, UserId, Visitor};
pub use webhook::{Answer, Checks, Course, Patch, RefusedWebhook, Webhook, WebhookKey};
