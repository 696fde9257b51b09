//! The partner face (partner-center.md), by resource.

mod amend;
mod caller;
mod cancellation;
mod catalogue;
mod customers;
mod partners;
mod quantity;
pub mod stage;
mod subscriptions;
mod duties;
