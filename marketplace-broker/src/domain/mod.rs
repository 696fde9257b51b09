//! The rules of the marketplace, pure: values in, (new state, events) out. No async, no SQL, no clock read, no
//! wire types. Called by commands and queries; `store` turns its values into rows and back.

pub mod access;
pub mod activation;
pub mod activation_link;
pub mod agreement;
pub mod amendment;
pub mod billing;
pub mod cancellation;
pub mod cart;
pub mod catalog;
pub mod change;
pub mod country;
pub mod customer;
pub mod delivery;
pub mod duty;
pub mod event;
pub mod identity;
pub mod license;
pub mod listing;
pub mod metering;
pub mod money;
pub mod operation;
pub mod order;
pub mod partner_refusal;
pub mod partner_status;
pub mod party;
pub mod policy;
pub mod publisher_step;
pub mod publishing;
pub mod purchase;
pub mod refusal;
pub mod reseller;
pub mod sandbox;
pub mod subscription;
pub mod term;
pub mod timer;
