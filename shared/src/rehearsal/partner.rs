//! What the operator may say of a partner, and tokens of its users without a sign-in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sandbox::present;
use crate::secret::Secret;

/// Somebody in a partner's tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerUser {
    /// What it signs in as.
    pub name: String,
    /// `GlobalAdmin`, `AdminAgent`, `SalesAgent`, `BillingAdmin`; may be none.
    pub roles: Vec<String>,
}

/// Whether a partner buys for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccountKind {
    /// Purchases are activated by their publishers, and charged.
    #[default]
    Production,
    /// The partner activates its purchases itself (partner-center.md 3.7).
    IntegrationSandbox,
}

/// `PUT /sandboxes/{s}/partners/{partnerId}`: absent keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurePartner {
    /// Where codes for its app may be sent, 20 at most; null: `http://localhost`, any port.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub redirect_uris: Option<Option<Vec<String>>>,
    /// Whether it buys for real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_kind: Option<AccountKind>,
    /// Whether it has signed the Microsoft Partner Agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_signed: Option<bool>,
}

/// `POST /sandboxes/{s}/partners/{partnerId}/tokens`. Everything may be left out: a token of its global admin.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskPartnerToken {
    /// What the user signs in as; the first one who fits `roles` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What the user is, as far as this token goes; what it is anyway if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Whether it has signed in with a second factor; true if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<bool>,
    /// Whether it is of the app by itself, without a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_only: Option<bool>,
}

/// A token of the partner face.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerToken {
    /// The token.
    #[schema(value_type = String)]
    pub access_token: Secret<String>,
    /// Seconds of real time until it ends.
    pub expires_in: i64,
    /// What its user is; empty for an app by itself.
    pub roles: Vec<String>,
    /// Who its user is; absent for an app by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}
