//! The publisher face: SaaS Fulfillment API v2 and licenseAssignments.

mod activate;
mod auto_activation;
mod cancel;
mod change;
mod common;
mod license_assignments;
mod list;
mod model;
mod operations;
mod plans;
mod resolve;
mod subscription;
