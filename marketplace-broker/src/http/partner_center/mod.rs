//! The partner face: the Partner Center REST API under `/v1` (partner-center.md 3), a file a resource. Routes stand in
//! `http/mod.rs`; `problem.rs` is the one table of its errors, `reading.rs` reads bodies as its clients write them.

pub mod activate;
pub mod activation_links;
pub mod agreement_status;
pub mod agreements;
pub mod amend;
pub mod availabilities;
pub mod caller;
pub mod carts;
pub mod catalogue;
pub mod checkout;
pub mod collection;
mod customer_body;
pub mod customer_path;
pub mod customer_profiles;
pub mod customer_view;
pub mod customers;
pub mod duties;
pub mod headers;
pub mod line_reading;
mod market;
pub mod mfa;
pub mod mpn_profile;
pub mod order_path;
pub mod order_view;
pub mod orders;
pub mod params;
pub mod problem;
pub mod products;
pub mod rate;
pub mod reading;
pub mod relationships;
pub mod request_key;
pub mod skus;
pub mod subscription_view;
pub mod subscriptions;
