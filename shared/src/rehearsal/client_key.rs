//! Public keys that a publisher's apps, or a partner's, prove themselves with instead of a secret, and the broker's own that
//! were rotated.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// `POST /sandboxes/{s}/publishers/{publisherId}/client-keys`, `…/partners/{partnerId}/client-keys`: exactly one of `jwk`
/// and `certificate`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterClientKey {
    /// Which of a publisher's apps; `api` if absent. A partner has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppKind>,
    /// A public key (RFC 7517): RSA, or EC with `P-256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwk: Option<Value>,
    /// A certificate in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// One of a publisher's two apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AppKind {
    /// The one that calls the API: `clientId`.
    Api,
    /// The one of the landing page: `signIn.clientId`.
    SignIn,
}

/// A registered key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClientKey {
    /// Which of a publisher's apps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppKind>,
    /// What the header of an assertion names it by.
    pub kid: String,
    /// `jwk` or `certificate`.
    pub form: String,
    /// For a certificate: the base64url of its SHA-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
}

/// `GET …/client-keys`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClientKeys {
    /// Of each app; the newest first.
    pub keys: Vec<ClientKey>,
}

/// `POST /sandboxes/{s}/signing-keys` and `…/token-keys`: which key signs from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedKey {
    /// Its id.
    pub key_id: String,
}
