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
