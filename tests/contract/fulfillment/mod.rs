//! The publisher face: SaaS Fulfillment API v2 and licenseAssignments.

mod activate;
mod common;
mod license_assignments;
mod resolve;
mod subscription;
