//! The publisher's rules, pure: values in, new values out. No database, no web, no clock. Called by the commands,
//! which load and save what these rules decide on, and by the pages, which ask them what is possible.

mod account;
mod information;
mod purchase;
mod refusal;
mod state;
mod step;

pub use account::{Account, AccountKey};
pub use information::{Entries, Field, FieldError, Information, Problem};
pub use purchase::{Purchase, Standing};
pub use refusal::Refusal;
pub use state::{Keys, State, Submitted};
pub use step::{Kind, Step, backoff};
