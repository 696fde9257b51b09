//! Every question somebody can ask. Reads only, on the readers' connections. Called by http and workers.

mod accounts;
mod activation_links;
mod client_keys;
mod deliveries;
mod orders;
mod partner_customers;
mod partner_subscriptions;
mod partners;
mod products;
mod publisher;
mod resolve;
mod sandbox;
mod subscription;
mod usage;

pub use accounts::{accounts_of, partner};
pub use activation_links::{LinksAsked, ShownLink, activation_links};
pub use client_keys::client_keys;
pub use deliveries::{deliveries, delivery};
pub use orders::{cart, order, orders};
pub use partner_customers::{
    CustomerField, CustomerFilter, CustomersAsked, customer_of, customers_of,
};
pub use partner_subscriptions::{
    SoldSubscriptions, subscription_and_operation, subscription_of, subscriptions_of,
};
pub use partners::{agreements, partner_of_mpn, partner_of_tenant, partners};
pub use products::{Listed, Shelf, holding, product, products};
pub use publisher::{available_plans, list_subscriptions, open_operations, operation};
pub use resolve::{ResolveRefusal, Resolved, resolve};
pub use sandbox::{ClockView, SandboxView, clock_view, journal, policy, sandbox_view, sandboxes};
pub use subscription::{Truth, charges, duties, own_steps, own_subscription, subscription_truth};
pub use usage::{UsageView, usage, usage_days};
