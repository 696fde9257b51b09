//! Who signed in: claims of an id token, userinfo, and a profile as Microsoft Graph has it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Claims of an id token (v2).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IdClaims {
    /// The app that asked.
    pub aud: String,
    /// The issuer of the person's tenant ([`super::issuer_v2`]).
    pub iss: String,
    /// Seconds, real time.
    pub iat: i64,
    /// The same.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// For whoever issued it alone.
    pub aio: String,
    /// Of the authorization code in the same answer; with `code id_token` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The person's mail address; if `email` was asked for and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The person's name; if `profile` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As the request had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The person, in its tenant: with `tid` what a purchase names.
    pub oid: String,
    /// What the person signs in as; if `profile` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// For whoever issued it alone.
    pub rh: String,
    /// The person, for this app alone.
    pub sub: String,
    /// The person's tenant.
    pub tid: String,
    /// Names this token.
    pub uti: String,
    /// `2.0`.
    pub ver: String,
}

/// Claims of an id token (v1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IdClaimsV1 {
    /// The app that asked.
    pub aud: String,
    /// The issuer of the person's tenant ([`super::issuer_v1`]).
    pub iss: String,
    /// Seconds, real time.
    pub iat: i64,
    /// The same.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// By what the person has proved who it is.
    pub amr: Vec<String>,
    /// Of the authorization code in the same answer; with `code id_token` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// Last name.
    pub family_name: String,
    /// First name.
    pub given_name: String,
    /// Whole name.
    pub name: String,
    /// As the request had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The person, in its tenant: with `tid` what a purchase names.
    pub oid: String,
    /// For whoever issued it alone.
    pub rh: String,
    /// The person, for this app alone.
    pub sub: String,
    /// The person's tenant.
    pub tid: String,
    /// What the person signs in as.
    pub unique_name: String,
    /// The same.
    pub upn: String,
    /// Names this token.
    pub uti: String,
    /// `1.0`.
    pub ver: String,
}

/// `GET /oidc/userinfo`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserInfo {
    /// The person, for this app alone.
    pub sub: String,
    /// Whole name.
    pub name: String,
    /// Last name.
    pub family_name: String,
    /// First name.
    pub given_name: String,
    /// The mail address, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// `GET /v1.0/me`: a profile as Microsoft Graph has it. What there is not is null.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphUser {
    /// Always the same.
    #[serde(rename = "@odata.context")]
    pub context: String,
    /// Always empty.
    pub business_phones: Vec<String>,
    /// Whole name.
    pub display_name: String,
    /// First name.
    pub given_name: String,
    /// Always null.
    pub job_title: Option<String>,
    /// The mail address; null for who has none (LP-09).
    pub mail: Option<String>,
    /// Always null.
    pub mobile_phone: Option<String>,
    /// Always null.
    pub office_location: Option<String>,
    /// Always null.
    pub preferred_language: Option<String>,
    /// Last name.
    pub surname: String,
    /// What it signs in as.
    pub user_principal_name: String,
    /// Its id in the tenant.
    pub id: String,
}
