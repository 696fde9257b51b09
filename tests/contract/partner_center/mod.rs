//! The partner face (partner-center.md), by resource.

mod activation_links;
mod amend;
mod caller;
mod cancellation;
mod carts;
mod catalogue;
mod checkout;
mod customers;
mod duties;
mod limits;
mod orders;
mod partners;
mod quantity;
pub mod stage;
mod subscriptions;
