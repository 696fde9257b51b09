//! Activation links, and activation in an integration sandbox (partner-center.md 3.6, 3.7).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Header, Link};
use crate::secret::Secret;

/// Where a line of an order is activated.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineActivationLink {
    /// From 0.
    pub line_item_number: i64,
    /// The publisher's landing page with the purchase token.
    pub link: SecretLink,
}

/// A link that is as good as the purchase: absolute, and not for every eye.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecretLink {
    /// The address.
    #[schema(value_type = String)]
    pub uri: Secret<String>,
    /// The HTTP method.
    pub method: String,
    /// Headers to send along.
    pub headers: Vec<Header>,
}

impl SecretLink {
    /// A link that is opened.
    #[must_use]
    pub fn get(uri: Secret<String>) -> Self {
        let Link { method, headers, .. } = Link::get("");
        Self { uri, method, headers }
    }
}

/// What an integration sandbox has activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxActivation {
    /// Which subscription.
    pub subscription_id: String,
    /// Always `Success`.
    pub status: String,
}
