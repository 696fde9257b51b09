//! Header names, once. Called by handlers and clients of both services.

/// The purchase token on `resolve` (fulfillment.md 1.2).
pub const MARKETPLACE_TOKEN: &str = "x-ms-marketplace-token";
/// One request, as its sender names it (fulfillment.md 1.1).
pub const REQUEST_ID: &str = "x-ms-requestid";
/// One action over several requests (fulfillment.md 1.1).
pub const CORRELATION_ID: &str = "x-ms-correlationid";
/// The service's own id of an exchange; fulfillment and operations only (C07).
pub const ACTIVITY_ID: &str = "x-ms-activityid";
/// The rehearsal sandbox's time at the answer, on every answer that belongs to a sandbox (architecture.md, Time).
pub const REHEARSE_NOW: &str = "x-rehearse-now";
/// Where an operation that was just started can be looked at (fulfillment.md 1.8).
pub const OPERATION_LOCATION: &str = "operation-location";
/// Its id (fulfillment.md 1.8).
pub const OPERATION_ID: &str = "operation-id";
/// Standard Webhooks: the message, the same at every attempt.
pub const WEBHOOK_ID: &str = "webhook-id";
/// Standard Webhooks: seconds since 1970 of this attempt, real time.
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// Standard Webhooks: `v1,` and the signature.
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";
/// Partner face: one request, and the key under which a repeat is known (partner-center.md 3.0).
pub const MS_REQUEST_ID: &str = "ms-requestid";
/// Partner face: one action over several requests.
pub const MS_CORRELATION_ID: &str = "ms-correlationid";
/// Partner face: the service's own name of an exchange.
pub const MS_CV: &str = "ms-cv";
/// Partner face: the server that answered.
pub const MS_SERVER_ID: &str = "ms-serverid";
/// Partner face: the language asked for.
pub const X_LOCALE: &str = "x-locale";
/// Partner face: where the next page begins.
pub const MS_CONTINUATION_TOKEN: &str = "ms-continuationtoken";
/// Asks whether the token's user has signed in with a second factor (partner-center.md P-5).
pub const VALIDATE_MFA: &str = "validatemfa";
/// Whether it has.
pub const IS_MFA_COMPLIANT: &str = "ismfacompliant";
