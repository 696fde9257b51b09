//! What partners read about themselves and each other: profiles, relationships, agreements (partner-center.md 3.9, 3.10).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Link};

/// A partner, by its Microsoft Partner Network id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MpnProfile {
    /// Its name.
    pub partner_name: String,
    /// Its id.
    pub mpn_id: String,
    /// Always `MpnProfile`.
    pub profile_type: String,
    /// Itself.
    pub links: MpnProfileLinks,
    /// Always `MpnProfile`.
    pub attributes: Attributes,
}

/// Where a profile is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MpnProfileLinks {
    /// Itself.
    #[serde(rename = "self")]
    pub own: Link,
}

/// Another partner that a partner works with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerRelationship {
    /// The other's tenant.
    pub id: String,
    /// The other's name.
    pub name: String,
    /// What the caller is to the other: `is_indirect_cloud_solution_provider_of`, `is_indirect_reseller_of`.
    pub relationship_type: String,
    /// Always `Active`.
    pub state: String,
    /// The other's Microsoft Partner Network id.
    pub mpn_id: String,
    /// Always `PartnerRelationship`.
    pub attributes: Attributes,
}

/// Whether a partner has signed the Microsoft Partner Agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreementStatus {
    /// Whether it has.
    pub is_agreement_signed: bool,
}

/// A text that customers agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreementMetadata {
    /// Names the text.
    pub template_id: String,
    /// `MicrosoftCustomerAgreement`.
    pub agreement_type: String,
    /// Where it is read.
    pub agreement_link: String,
    /// Newer ones have greater ranks.
    pub version_rank: i64,
}

/// That a customer has accepted an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterAgreement)]
pub struct Agreement {
    /// The partner's user who confirmed it; absent for what is older than that. Not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Who agreed for the customer.
    pub primary_contact: Contact,
    /// Names the text.
    pub template_id: String,
    /// When the customer agreed.
    pub date_agreed: String,
    /// `MicrosoftCustomerAgreement`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the text is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_link: Option<String>,
}

/// Somebody who agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterContact)]
pub struct Contact {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}
