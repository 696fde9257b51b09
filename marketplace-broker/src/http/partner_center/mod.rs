//! The partner face: the Partner Center REST API under `/v1` (partner-center.md 3), a file a resource. Routes stand in
//! `http/mod.rs`; `problem.rs` is the one table of its errors, `reading.rs` reads bodies as its clients write them.

pub mod amend;
pub mod caller;
pub mod collection;
pub mod customer_path;
pub mod customer_view;
pub mod customers;
pub mod headers;
pub mod params;
pub mod problem;
pub mod reading;
pub mod subscription_view;
pub mod subscriptions;
