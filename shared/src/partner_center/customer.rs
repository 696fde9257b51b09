//! Customers (partner-center.md 3.2).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Attributes;
use crate::secret::Secret;

/// A customer. A list has less of it: what is optional here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterCustomer)]
pub struct Customer {
    /// Its id, the same as its tenant's: the portal's "Microsoft ID".
    pub id: String,
    /// Its id in commerce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commerce_id: Option<String>,
    /// Who it is.
    pub company_profile: CompanyProfile,
    /// Who is billed, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_profile: Option<BillingProfile>,
    /// `reseller`; `none` in the answer that says it was created.
    pub relationship_to_partner: String,
    /// Whether the partner may administrate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_delegated_access: Option<bool>,
    /// Its administrator's first password: in the answer to its creation only, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_credentials: Option<UserCredentials>,
    /// Domains besides the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_domains: Option<Vec<String>>,
    /// The partner id of its indirect reseller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associated_partner_id: Option<String>,
    /// Always `Customer`.
    pub attributes: Attributes,
}

/// Who a customer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyProfile {
    /// Its tenant.
    pub tenant_id: String,
    /// Its domain.
    pub domain: String,
    /// Its name.
    pub company_name: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The number it is registered by, in countries that want one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_registration_number: Option<String>,
    /// Always `CustomerCompanyProfile`.
    pub attributes: Attributes,
}

/// Who is billed, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingProfile {
    /// Its id.
    pub id: String,
    /// First name of who gets bills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Mail address.
    pub email: String,
    /// Language and region, `en-US`.
    pub culture: String,
    /// Language, `en`.
    pub language: String,
    /// The company's name.
    pub company_name: String,
    /// Where bills go.
    pub default_address: Address,
    /// With an etag; `CustomerBillingProfile`.
    pub attributes: Attributes,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Two letters.
    pub country: String,
    /// State or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line1: Option<String>,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// First name of who is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// What a new customer's administrator signs in with, once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCredentials {
    /// The part of the user name before the domain.
    pub user_name: String,
    /// The password.
    #[schema(value_type = String)]
    pub password: Secret<String>,
}
