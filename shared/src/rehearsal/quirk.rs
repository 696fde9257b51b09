//! Profiles and quirks: how a sandbox behaves where the sources about the marketplace are silent or disagree.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /rehearsal/v1/quirks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuirkTable {
    /// In the order of their numbers.
    pub quirks: Vec<Quirk>,
}

/// `GET` of `/sandboxes/{s}/quirks`, and the answer to a change of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SandboxQuirks {
    /// The profile.
    pub profile: String,
    /// In the order of their numbers, each with the value in force.
    pub quirks: Vec<Quirk>,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quirk {
    /// `Q01` and on; never given to another.
    pub number: String,
    /// Its name.
    pub id: String,
    /// What it is about.
    pub what: String,
    /// Who says so.
    pub source: String,
    /// When the source said so: `2023-08`, to the day where that is known.
    pub date: String,
    /// What there is to choose from.
    pub values: Vec<QuirkValue>,
    /// What each profile chooses.
    pub profiles: ProfileValues,
    /// The value in force; absent in the table alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where that comes from; absent in the table alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<QuirkOrigin>,
}

/// A value of a quirk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuirkValue {
    /// Its name.
    pub name: String,
    /// What happens under it.
    pub means: String,
    /// The rule of Microsoft's .NET SDK 2.x and its accelerator that it breaks (fulfillment.md 1.13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<i64>,
}

/// What each profile chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileValues {
    /// The newest documentation; the default.
    pub documented: String,
    /// What was seen of the live service.
    pub observed: String,
    /// Nothing that breaks Microsoft's .NET SDK 2.x.
    pub sdk2: String,
}

/// Where a value in force comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum QuirkOrigin {
    /// The profile chose it.
    Profile,
    /// It was set by hand.
    Set,
}

/// `PUT /sandboxes/{s}/quirks/{id}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQuirk {
    /// A value's name; null gives the quirk back to the profile.
    #[serde(deserialize_with = "Option::deserialize")]
    pub value: Option<String>,
}

/// `PUT /sandboxes/{s}/profile`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProfile {
    /// `documented`, `observed` or `sdk2`.
    pub profile: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_said_and_never_left_out() {
        let back: SetQuirk = serde_json::from_str(r#"{"value":null}"#).unwrap();
        assert_eq!(back.value, None);
        assert!(serde_json::from_str::<SetQuirk>("{}").is_err());
    }
}
