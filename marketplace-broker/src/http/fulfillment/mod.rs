//! The publisher face: SaaS Fulfillment API v2 and our extensions `licenseAssignments`, `publisherSteps` and `setup`.
//! A file a resource; `problem` turns refusals into E1 to E5, `headers` puts the real service's headers on every answer.

pub mod activate;
pub mod cancel;
pub mod change;
pub mod headers;
pub mod license_assignments;
pub mod list;
pub mod location;
pub mod operations;
pub mod plans;
pub mod problem;
pub mod projection;
pub mod publisher_steps;
pub mod resolve;
pub mod setup;
pub mod shape;
pub mod subscription;
