//! Where a webhook departs from today's words and form (fulfillment.md 3.3). Kept with what it tells, so that it says the
//! same each time it is sent. Called by [`super::Notice`].

use serde::{Deserialize, Serialize};

use super::super::{
    operation::{Operation, OperationAction, OperationSource, OperationState},
    policy::{
        Policy, SuspendAction, WebhookAuthorization, WebhookId, WebhookQuantityType,
        WebhookReinstateForm, WebhookSuccessWord,
    },
};

/// One way in which a webhook is not as today's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Departure {
    /// Its id is `org:<guid>,<guid>`.
    OrgPair,
    /// It has no bearer.
    NoBearer,
    /// `Success` instead of `Succeeded`.
    Success,
    /// The short form, with `operationType` instead of `action`.
    OperationType,
    /// The quantity at its top is a text.
    TextQuantity,
    /// The action is `Suspended`.
    Suspended,
}

impl Departure {
    /// Those that a policy asks for in the webhook of an operation.
    pub(super) fn all_of(operation: &Operation, policy: &Policy) -> Vec<Self> {
        let is = |action| operation.action == action;
        let theirs = operation.source == OperationSource::Azure;
        let told = operation.state == OperationState::Succeeded;
        let all = [
            (Self::OrgPair, theirs && policy.get::<WebhookId>() == WebhookId::OrgPair),
            (Self::NoBearer, policy.get::<WebhookAuthorization>() == WebhookAuthorization::Absent),
            (
                Self::Success,
                told && policy.get::<WebhookSuccessWord>() == WebhookSuccessWord::Success,
            ),
            (
                Self::OperationType,
                is(OperationAction::Reinstate)
                    && policy.get::<WebhookReinstateForm>() == WebhookReinstateForm::OperationType,
            ),
            (Self::TextQuantity, policy.get::<WebhookQuantityType>() == WebhookQuantityType::Text),
            (
                Self::Suspended,
                is(OperationAction::Suspend)
                    && policy.get::<SuspendAction>() == SuspendAction::Suspended,
            ),
        ];
        all.into_iter().filter_map(|(departure, asked)| asked.then_some(departure)).collect()
    }
}
