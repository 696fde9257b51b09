//! `publisherSteps`: what a publisher wants done before a change (S17). Our extension: the starting page names such
//! steps, and the documentation gives them no API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{clock::Instant, objects};

/// All steps of whoever sends it. They replace those it sent before, so it may be repeated; an empty list clears them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclareSteps {
    /// In the order in which they are shown; 20 at most.
    #[serde(deserialize_with = "objects::list")]
    pub steps: Vec<DeclaredStep>,
}

/// A step as a publisher declares it. One that is done stays done if it is declared again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclaredStep {
    /// The publisher's own name for it, once in a list: 1 to 50 of letters, digits, `-` and `_`.
    pub id: String,
    /// What is to be done, in plain words.
    pub title: String,
    /// Where it is done.
    pub url: String,
    /// Changes that wait for it.
    #[serde(deserialize_with = "objects::words")]
    pub blocks: Vec<BlockedChange>,
}

/// A change that a partner can make and a step can block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BlockedChange {
    /// To cancel.
    Cancel,
    /// To suspend.
    Suspend,
    /// To end a suspension.
    Resume,
    /// To change the number of licenses.
    Quantity,
    /// To turn auto-renew on or off.
    AutoRenew,
    /// To change the indirect reseller.
    Reseller,
    /// To change the nickname.
    Nickname,
}

impl BlockedChange {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Cancel,
        Self::Suspend,
        Self::Resume,
        Self::Quantity,
        Self::AutoRenew,
        Self::Reseller,
        Self::Nickname,
    ];

    /// Its name, on the wire, in forms and in databases.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Quantity => "quantity",
            Self::AutoRenew => "autoRenew",
            Self::Reseller => "reseller",
            Self::Nickname => "nickname",
        }
    }

    /// The change of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == name)
    }
}

/// Who may declare a step besides the publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum StepDeclarer {
    /// The operator of the rehearsal, in the publisher's place.
    Operator,
}

/// The steps of a subscription, in their order: the publisher's, then the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublisherSteps {
    /// One entry a step.
    pub steps: Vec<PublisherStep>,
}

/// A step, and whether it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublisherStep {
    /// The name it was declared by.
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// Where it is done.
    pub url: String,
    /// Changes that wait for it.
    pub blocks: Vec<BlockedChange>,
    /// Who declared it; absent: the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_by: Option<StepDeclarer>,
    /// When it was done; absent while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_as_it_is_written() {
        for change in BlockedChange::ALL {
            let written = serde_json::to_value(change).unwrap();
            assert_eq!(written, change.name());
            assert_eq!(BlockedChange::named(change.name()), Some(change));
        }
        assert_eq!(BlockedChange::named("delete"), None);
    }
}
