//! What a client needs to know of an authority: OpenID Connect Discovery, and MSAL's instance discovery (clients.md 3).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client needs to know of an authority (OpenID Connect Discovery).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenIdMetadata {
    /// Who tokens say issued them; `{tenantid}` stands for each token's own tenant.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where tokens are had.
    pub token_endpoint: String,
    /// Where keys are.
    pub jwks_uri: String,
    /// Who is signed in.
    pub userinfo_endpoint: String,
    /// Where people sign out.
    pub end_session_endpoint: String,
    /// How a client names itself.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// With which keys a client may sign an assertion.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How an answer comes back.
    pub response_modes_supported: Vec<String>,
    /// What an answer holds.
    pub response_types_supported: Vec<String>,
    /// What may be asked for.
    pub scopes_supported: Vec<String>,
    /// PKCE: `S256`.
    pub code_challenge_methods_supported: Vec<String>,
    /// `pairwise`.
    pub subject_types_supported: Vec<String>,
    /// `RS256`.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// What an id token may say.
    pub claims_supported: Vec<String>,
    /// Never.
    pub request_uri_parameter_supported: bool,
}

/// Whether a host is an authority, and by which names (MSAL's authority validation).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InstanceDiscovery {
    /// The metadata of the authority that was asked about.
    pub tenant_discovery_endpoint: String,
    /// `1.1`.
    #[serde(rename = "api-version")]
    pub api_version: String,
    /// Hosts that are one.
    pub metadata: Vec<InstanceMetadata>,
}

/// Names of one authority.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InstanceMetadata {
    /// Where to call it.
    pub preferred_network: String,
    /// Under which name to cache.
    pub preferred_cache: String,
    /// All its names.
    pub aliases: Vec<String>,
}
