//! The authority's words: answers of the token endpoints (fulfillment.md 5), metadata, keys, claims. Written by the
//! broker's `http/identity`, read by the publisher's client and the command line.

mod metadata;
mod person;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use metadata::{InstanceDiscovery, InstanceMetadata, OpenIdMetadata};
pub use person::{GraphUser, IdClaims, IdClaimsV1, UserInfo};

use crate::secret::Secret;

/// The resource a publisher's token is for (fulfillment.md 5.3).
pub const MARKETPLACE_RESOURCE: &str = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7";

/// The resource a partner's token is for (partner-center.md 3.1, P-4).
pub const PARTNER_CENTER_RESOURCE: &str = "https://api.partnercenter.microsoft.com";

/// A bearer token. In v1 all members are strings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenV1 {
    /// Always `Bearer`.
    pub token_type: String,
    /// What the token is for; if somebody signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
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
    /// For the next token; if somebody signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret<String>>,
    /// Who signed in ([`IdClaimsV1`]); if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub id_token: Option<Secret<String>>,
}

/// Seconds in an answer of v2: a number, as the real authority sends it, or a text, as samples of the documents have it
/// (fulfillment.md 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Seconds {
    /// `3599`.
    Number(i64),
    /// `"3599"`.
    Text(String),
}

/// A bearer token, v2. Numbers are numbers here, unless a quirk says otherwise (fulfillment.md 5.2).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenV2 {
    /// Always `Bearer`.
    pub token_type: String,
    /// What the token is for; with a code only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Seconds of real time until it ends.
    #[schema(value_type = i64)]
    pub expires_in: Seconds,
    /// The same.
    #[schema(value_type = i64)]
    pub ext_expires_in: Seconds,
    /// The token.
    #[schema(value_type = String)]
    pub access_token: Secret<String>,
    /// For the next token; if `offline_access` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret<String>>,
    /// Who signed in ([`IdClaims`]); if `openid` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub id_token: Option<Secret<String>>,
    /// Base64url of `{"uid","utid"}`; if the request had `client_info=1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_info: Option<String>,
}

/// What `generatetoken` gives for a partner's token (partner-center.md 3.1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExchangedToken {
    /// The token.
    #[schema(value_type = String)]
    pub access_token: Secret<String>,
    /// Always `bearer`.
    pub token_type: String,
    /// Seconds of real time until it ends.
    pub expires_in: i64,
}

/// Why Microsoft Graph does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphProblem {
    /// The error.
    pub error: GraphError,
}

/// An error of Microsoft Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphError {
    /// `InvalidAuthenticationToken` or `Authorization_RequestDenied`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Which request it was.
    pub inner_error: GraphInnerError,
}

/// Which request an error of Microsoft Graph belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GraphInnerError {
    /// When it came, to the second, UTC.
    pub date: String,
    /// Its id.
    pub request_id: String,
    /// The client's id of it.
    pub client_request_id: String,
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

/// Why no answer was given yet: call again after `Retry-After` seconds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TransientError {
    /// Always `temporarily_unavailable`.
    pub error: String,
    /// `AADSTS90033`, and what to do.
    pub error_description: String,
}

/// The keys that tokens of a tenant are signed with (`/{tenant}/discovery/keys`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeySet {
    /// All that are good now; the newest first.
    pub keys: Vec<Key>,
}

/// A public RS256 key (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// `RSA`.
    pub kty: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// `RS256`.
    pub alg: String,
    /// Its name, in the header of each token.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// Claims of the token a webhook carries (fulfillment.md 3.5). v1 has `appid`, v2 has `azp`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookClaims {
    /// The publisher's app.
    pub aud: String,
    /// The publisher's tenant's issuer.
    pub iss: String,
    /// The publisher's tenant.
    pub tid: String,
    /// Who calls: the marketplace; v1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// Who calls: the marketplace; v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// How the caller proved itself: `1`, by a secret; v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azpacr: Option<String>,
    /// The caller's service principal.
    pub oid: String,
    /// The same.
    pub sub: String,
    /// Seconds, real time; backdated, because clients allow no skew.
    pub iat: i64,
    /// The same.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// `1.0` or `2.0`.
    pub ver: String,
}

/// The issuer of a tenant's v1 tokens.
#[must_use]
pub fn issuer_v1(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// The issuer of a tenant's v2 tokens.
#[must_use]
pub fn issuer_v2(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}
