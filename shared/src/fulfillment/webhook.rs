//! The webhook's body (fulfillment.md 3.2). Unlike the API it spells nulls out. Written by the broker, read by the
//! publisher.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    operation::{OperationAction, OperationSource, OperationStatus},
    subscription::{Party, SaasSubscriptionStatus},
};

/// What the marketplace tells a publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The operation's id: the key to dedupe by.
    pub id: String,
    /// The same.
    pub activity_id: String,
    /// Whose offer.
    pub publisher_id: String,
    /// The offer.
    pub offer_id: String,
    /// The plan asked for; the current one where no other is asked for (C50).
    pub plan_id: String,
    /// The licenses asked for; always a number, 1 for a flat rate (fulfillment.md 1.13, 9).
    pub quantity: i64,
    /// Of which subscription.
    pub subscription_id: String,
    /// When the operation was started; UTC with Z.
    pub time_stamp: String,
    /// What happens.
    pub action: OperationAction,
    /// `InProgress` where the publisher may answer, else `Succeeded` (C51).
    pub status: OperationStatus,
    /// Who started it.
    pub operation_request_source: OperationSource,
    /// The subscription: before a change that is asked for, after one that has happened.
    pub subscription: WebhookSubscription,
    /// Null in every sample there is.
    pub purchase_token: Option<String>,
}

/// The subscription inside a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSubscription {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose offer.
    pub publisher_id: String,
    /// The offer.
    pub offer_id: String,
    /// The current plan.
    pub plan_id: String,
    /// The current number of licenses; null for a flat rate.
    pub quantity: Option<i64>,
    /// The user it is for.
    pub beneficiary: Party,
    /// The buyer.
    pub purchaser: Party,
    /// What the beneficiary may do.
    pub allowed_customer_operations: Vec<String>,
    /// Always `None`.
    pub session_mode: String,
    /// Whether it is in a free trial.
    pub is_free_trial: bool,
    /// Always false.
    pub is_test: bool,
    /// Always `None`.
    pub sandbox_type: String,
    /// Where it stands.
    pub saas_subscription_status: SaasSubscriptionStatus,
    /// The term.
    pub term: WebhookTerm,
    /// Whether it renews.
    pub auto_renew: bool,
    /// When it was bought; UTC with Z.
    pub created: String,
    /// When it changed last; a real value, unlike the API's (fulfillment.md 1.5).
    pub last_modified: String,
}

/// The term inside a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTerm {
    /// First day, midnight UTC; null before activation.
    pub start_date: Option<String>,
    /// Last day, inclusive; null before activation.
    pub end_date: Option<String>,
    /// `P1M`, `P1Y`, …
    pub term_unit: String,
    /// Null in every sample there is.
    pub charge_duration: Option<String>,
}
