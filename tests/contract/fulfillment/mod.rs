//! The publisher face: SaaS Fulfillment API v2 licenseAssignments, publisherSteps and setup.

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
mod publisher_steps;
mod resolve;
mod setup;
mod subscription;
