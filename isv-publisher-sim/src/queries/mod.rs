//! What somebody can ask the publisher: a file each. Called by the pages.

mod account_of_visit;
mod list_accounts;
mod list_reports;
mod list_webhooks;

pub use account_of_visit::{Page, account_of_visit};
pub use list_accounts::list_accounts;
pub use list_reports::list_reports;
pub use list_webhooks::{Arrival, list_webhooks};
