//! Error bodies E2, E3 and E5 of fulfillment.md 1.1. (E1 is a bare JSON string and needs no type.)

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// E3: 400 and 404 of the fulfillment API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// What is wrong and what to change.
    pub message: String,
    /// The field or parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The code, stable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// E2: the api-version is absent or wrong; note the capitals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionError {
    /// The one member.
    #[serde(rename = "Error")]
    pub error: VersionDetail,
}

/// Inside [`VersionError`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionDetail {
    /// `ApiVersionUnspecified` or `UnsupportedApiVersion` (C01).
    #[serde(rename = "Code")]
    pub code: String,
    /// What to change.
    #[serde(rename = "Message")]
    pub message: String,
}

/// E5: the marketplace broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FulfillmentInternalServerErrorResponse {
    /// The one member.
    pub error: InternalServerErrorDetail,
}

/// Inside [`FulfillmentInternalServerErrorResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InternalServerErrorDetail {
    /// `UnexpectedError`.
    pub code: String,
    /// That it is no fault of the caller's.
    pub message: String,
}

impl FulfillmentInternalServerErrorResponse {
    /// The one body there is, with the words of the face.
    #[must_use]
    pub fn saying(message: &str) -> Self {
        let code = "UnexpectedError".to_owned();
        Self { error: InternalServerErrorDetail { code, message: message.to_owned() } }
    }
}
