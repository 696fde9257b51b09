//! `setup`: a publisher tells who submitted the information it needs and where the customer signs in afterwards, and the
//! partner's two duties that hang on that (S24, S25). Our extension: no documented API knows of either.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Instant,
    objects::{maybe_object, not_null},
};

/// What a publisher tells of a setup. It may be repeated: the first submission is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportSetup {
    /// Who submitted the information.
    #[serde(default, deserialize_with = "maybe_object", skip_serializing_if = "Option::is_none")]
    pub information_submitted_by: Option<SubmittedBy>,
    /// Taken and not looked at: the time of the call counts, on the sandbox's clock.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub information_submitted_at: Option<String>,
    /// Where the customer signs in. Another one takes its place.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub sign_in_url: Option<String>,
}

/// Who submitted the information: an object id, an e-mail address, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmittedBy {
    /// The user's object id.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// The user's tenant.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The user's e-mail address.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub email_id: Option<String>,
}

/// The partner's duties between purchase and use, as far as they are done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Duties {
    /// The publisher has the information it needs (S24).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub information_submitted: Option<InformationSubmitted>,
    /// Where the customer signs in, once the publisher has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_url: Option<String>,
    /// The customer was sent that URL (S25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_sent: Option<UrlSent>,
}

/// Who submitted the information, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InformationSubmitted {
    /// As the publisher told it.
    pub by: SubmittedBy,
    /// When the publisher told it first, on the sandbox's clock.
    pub at: Instant,
}

/// Who sent the URL to the customer, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UrlSent {
    /// Who recorded it.
    pub by: String,
    /// When, on the sandbox's clock.
    pub at: Instant,
}
