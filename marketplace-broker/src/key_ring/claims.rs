//! Claims of the tokens that come back to us. Called by the key ring and by those who issue them.

use serde::{Deserialize, Serialize};
use shared::identity::{issuer_v1, issuer_v2};

/// Claims of a bearer for the publisher or the partner face (fulfillment.md 5.3; partner-center.md 3.1). We issue v1, as
/// Entra does for these resources; v2 is taken. One that a user has signed in for has `scp`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The resource.
    pub aud: String,
    /// `https://sts.windows.net/{tid}/`, or v2 `https://login.microsoftonline.com/{tid}/v2.0`.
    pub iss: String,
    /// The tenant.
    pub tid: String,
    /// The app; v1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// The app; v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// How the app proved itself: `1` by a secret, `2` by an assertion; v1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appidacr: Option<String>,
    /// The user, or the app's service principal.
    pub oid: String,
    /// The user for this app alone, or the app's service principal.
    pub sub: String,
    /// What the user has allowed the app; absent: no user has signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// What the user signs in as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// By what the user has proved who it is: `pwd`, `mfa`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// What the user is in the partner's tenant; a claim of our own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Seconds, real time.
    pub iat: i64,
    /// Seconds, real time.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// `1.0`, or `2.0`.
    pub ver: String,
}

impl Claims {
    /// The app that it was issued to.
    pub fn app(&self) -> Option<&str> {
        self.appid.as_deref().or(self.azp.as_deref())
    }

    /// Whether tenant and issuer fit.
    pub fn is_of_its_issuer(&self) -> bool {
        self.iss == issuer_v1(&self.tid) || self.iss == issuer_v2(&self.tid)
    }
}

/// Claims of an access token for a person's own profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GraphClaims {
    /// Microsoft Graph.
    pub aud: String,
    /// `https://sts.windows.net/{tid}/`.
    pub iss: String,
    /// Seconds, real time.
    pub iat: i64,
    /// Seconds, real time.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// The app that asked.
    pub appid: String,
    /// The person, in its tenant.
    pub oid: String,
    /// What was asked for.
    pub scp: String,
    /// The person, for this app alone.
    pub sub: String,
    /// The person's tenant.
    pub tid: String,
    /// Names this token.
    pub uti: String,
    /// `1.0`.
    pub ver: String,
}
