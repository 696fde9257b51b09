//! Wire types of the publisher face: the SaaS Fulfillment API v2 and our extension `licenseAssignments`.
//! Written by the broker's `http/fulfillment`, read by the publisher's client. Members are omitted, never null
//! (fulfillment.md 1.13).

mod error;
mod licenses;
mod subscription;

pub use error::{Detail, VersionDetail, VersionError};
pub use licenses::{AssignedTo, LicenseAssignments, LicensesAssigned};
pub use subscription::{
    ActivateRequest, Party, Resolved, SaasSubscriptionStatus, Subscription, SubscriptionTerm,
};
