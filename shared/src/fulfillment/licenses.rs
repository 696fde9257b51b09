//! `licenseAssignments`: how a publisher says that licenses are assigned (S27). Our extension: the documentation
//! names the condition and gives it no API (partner-center.md Q9).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{clock::Instant, objects};

/// The whole set of people who hold a license. It replaces the set before it, so it may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LicenseAssignments {
    /// One entry a person; at most as many as licenses were bought.
    #[serde(deserialize_with = "objects::list")]
    pub assigned_to: Vec<AssignedTo>,
}

/// A person who holds a license: an object id, an e-mail address, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignedTo {
    /// The user's object id in the customer's tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// The user's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_id: Option<String>,
}

/// Where the assignment stands after the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicensesAssigned {
    /// Licenses bought; 1 for a plan without seats.
    pub required: i64,
    /// People in the set.
    pub assigned: i64,
    /// Whether all are assigned now.
    pub complete: bool,
    /// When the set counted as complete: the first confirmation. Absent while it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Instant>,
}
