//! Wire types of the publisher face: the SaaS Fulfillment API v2 and our extensions `licenseAssignments`,
//! `publisherSteps` and `setup`. Written by the broker's `http/fulfillment`, read by the publisher's client. Members are
//! omitted, never null (fulfillment.md 1.13), but in webhooks. Schemas of `/openapi.json` have the names of Microsoft's
//! file, so that a client made from either has the same types.

mod error;
mod licenses;
mod operation;
mod plan;
mod setup;
mod steps;
mod subscription;
mod webhook;
mod words;

pub use error::{
    Detail, FulfillmentInternalServerErrorResponse, InternalServerErrorDetail, VersionDetail,
    VersionError,
};
pub use licenses::{AssignedTo, LicenseAssignments, LicensesAssigned};
pub use operation::{
    Operation, OperationAction, OperationSource, OperationStatus, Operations, UpdateOperation,
};
pub use plan::{
    AvailablePlan, AvailablePlans, MeteredQuantityIncluded, MeteringDimension, PlanComponents,
    RecurrentBillingTerm, SourceOffer,
};
pub use setup::{Duties, InformationSubmitted, ReportSetup, SubmittedBy, UrlSent};
pub use steps::{
    BlockedChange, DeclareSteps, DeclaredStep, PublisherStep, PublisherSteps, StepDeclarer,
};
pub use subscription::{
    ActivateRequest, ChangeSubscription, Party, Resolved, SaasSubscriptionStatus, Subscription,
    SubscriptionList, SubscriptionTerm,
};
pub use webhook::{Webhook, WebhookSubscription, WebhookTerm};
pub use words::{
    AllowedCustomerOperation, SandboxType, SessionMode, TermUnit, UpdateOperationStatus,
};
