//! The answer of the token endpoint, v1 (fulfillment.md 5.1). Written by the broker's `http/identity`, read by the
//! publisher's client and the command line.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::secret::Secret;

/// The resource a publisher's token is for (fulfillment.md 5.3).
pub const MARKETPLACE_RESOURCE: &str = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7";

/// A bearer token. In v1 all members are strings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenV1 {
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds of real time until it ends.
    pub expires_in: String,
    /// The same.
    pub ext_expires_in: String,
    /// Seconds since 1970, real time.
    pub expires_on: String,
    /// Seconds since 1970, real time.
    pub not_before: String,
    /// The resource asked for.
    pub resource: String,
    /// The token.
    #[schema(value_type = String)]
    pub access_token: Secret<String>,
}

/// Why no token was given (fulfillment.md 5.4).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenError {
    /// The OAuth error, for example `invalid_client`.
    pub error: String,
    /// `AADSTS…`, what is wrong and what to change.
    pub error_description: String,
    /// The number in the description.
    pub error_codes: Vec<u32>,
    /// Real time, `2026-01-01 00:00:00Z`.
    pub timestamp: String,
    /// An id of this answer.
    pub trace_id: String,
    /// An id of this action.
    pub correlation_id: String,
    /// Where to read about it.
    pub error_uri: String,
}
