//! Operations on subscriptions (fulfillment.md 1.10 to 1.12), in the order the real service writes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words::UpdateOperationStatus;
use crate::objects::not_null;

/// A change of a subscription with an id of its own (fulfillment.md 1.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SaaSOperation)]
pub struct Operation {
    /// Its id; the `id` of the webhook that tells of it.
    #[schema(format = "uuid")]
    pub id: String,
    /// The same.
    #[schema(format = "uuid")]
    pub activity_id: String,
    /// Whose offer.
    pub publisher_id: String,
    /// The offer.
    pub offer_id: String,
    /// The plan asked for.
    pub plan_id: String,
    /// The licenses asked for; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>)]
    pub quantity: Option<i64>,
    /// Who started it.
    pub operation_request_source: OperationSource,
    /// Of which subscription.
    #[schema(format = "uuid")]
    pub subscription_id: String,
    /// When it was started; UTC with Z.
    #[schema(format = "date-time")]
    pub time_stamp: String,
    /// What it does.
    pub action: OperationAction,
    /// Where it stands.
    pub status: OperationStatus,
    /// Only on a Failed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_status_code: Option<String>,
    /// Only on a Failed one: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// Who started an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum OperationSource {
    /// The customer or the marketplace.
    Azure,
    /// The publisher, by the API.
    Partner,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum OperationAction {
    /// Another plan.
    ChangePlan,
    /// Another number of licenses.
    ChangeQuantity,
    /// Out of suspension.
    Reinstate,
    /// A new term.
    Renew,
    /// Payment failed.
    Suspend,
    /// The end.
    Unsubscribe,
    /// Bought on a plan that activates by itself (C57).
    Subscribe,
}

/// Where an operation stands (fulfillment.md 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum OperationStatus {
    /// Asked for by the publisher, not picked up yet.
    NotStarted,
    /// Open.
    InProgress,
    /// Done.
    Succeeded,
    /// Not done.
    Failed,
    /// What was asked for is so already.
    Conflict,
}

/// `GET …/operations` (C43).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OperationList)]
pub struct Operations {
    /// Those that are open.
    pub operations: Vec<Operation>,
}

/// `PATCH …/operations/{operationId}`: the publisher's answer to a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateOperation {
    /// `Success` or `Failure`, in any case.
    #[schema(value_type = UpdateOperationStatus)]
    pub status: String,
    /// Older documents ask for it; not looked at.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// Older documents ask for it; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub quantity: Option<Value>,
}
