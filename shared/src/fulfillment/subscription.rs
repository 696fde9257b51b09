//! The Subscription object of fulfillment.md 1.5, in the order the real service writes it, and what wraps it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::{AllowedCustomerOperation, SandboxType, SessionMode, TermUnit};
use crate::objects::not_null;

/// A SaaS subscription as the publisher sees it (fulfillment.md 1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The subscription's id, a GUID.
    #[schema(format = "uuid")]
    pub id: String,
    /// Whose offer it is.
    pub publisher_id: String,
    /// The offer bought.
    pub offer_id: String,
    /// The name the buyer gave it.
    pub name: String,
    /// Where it stands.
    pub saas_subscription_status: SaasSubscriptionStatus,
    /// The user it is for.
    pub beneficiary: Party,
    /// The buyer; differs from the beneficiary when a partner buys (P-face, C30).
    pub purchaser: Party,
    /// The plan bought.
    pub plan_id: String,
    /// The term; before activation its unit only (C23).
    pub term: SubscriptionTerm,
    /// Whether it renews at the end of the term.
    pub auto_renew: bool,
    /// Always false (LIVE).
    pub is_test: bool,
    /// Whether it is in a free trial.
    pub is_free_trial: bool,
    /// What the beneficiary may do: a set of Read, Update, Delete.
    #[schema(value_type = Vec<AllowedCustomerOperation>)]
    pub allowed_customer_operations: Vec<String>,
    /// Always `None` (LIVE).
    #[schema(value_type = SandboxType)]
    pub sandbox_type: String,
    /// When it was bought; UTC with Z, trailing zeros trimmed.
    #[schema(format = "date-time")]
    pub created: String,
    /// The constant `0001-01-01T00:00:00`, without Z (C29).
    pub last_modified: String,
    /// Licenses bought; absent for a flat-rate plan (C15).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>)]
    pub quantity: Option<i64>,
    /// Always `None` (LIVE).
    #[schema(value_type = SessionMode)]
    pub session_mode: String,
}

/// Where a subscription stands (fulfillment.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SaasSubscriptionStatus {
    /// In Microsoft's file, and never seen: never sent here.
    NotStarted,
    /// Bought, not activated.
    PendingFulfillmentStart,
    /// Activated.
    Subscribed,
    /// Payment failed.
    Suspended,
    /// Ended for good.
    Unsubscribed,
}

/// A user on either side of the purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AadIdentifier)]
pub struct Party {
    /// E-mail address; may be empty in the real world.
    #[schema(format = "email")]
    pub email_id: String,
    /// The user's object id in its tenant.
    #[schema(format = "uuid")]
    pub object_id: String,
    /// The tenant.
    #[schema(format = "uuid")]
    pub tenant_id: String,
    /// Passport unique id.
    pub puid: String,
}

/// The term of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionTerm {
    /// First day, midnight UTC; absent before activation (C23).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub start_date: Option<String>,
    /// Last day, inclusive, midnight UTC: start + term - 1 day (C24).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub end_date: Option<String>,
    /// `P1M` or `P1Y` to `P5Y`.
    #[schema(value_type = TermUnit)]
    pub term_unit: String,
    /// In Microsoft's file, and in no recording: never sent here (fulfillment.md 1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_duration: Option<String>,
}

/// The answer to resolve (C09).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResolvedSubscription)]
pub struct Resolved {
    /// The subscription's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The name the buyer gave it.
    pub subscription_name: String,
    /// The offer bought.
    pub offer_id: String,
    /// The plan bought.
    pub plan_id: String,
    /// Licenses bought; absent for a flat-rate plan (C15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// The whole subscription, as it is now.
    pub subscription: Subscription,
}

/// A page of the publisher's subscriptions, in every status (C25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SubscriptionsResponse)]
pub struct SubscriptionList {
    /// At most 100.
    pub subscriptions: Vec<Subscription>,
    /// Where the next page is, absolute; absent on the last one (C26).
    #[serde(rename = "@nextLink", default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    pub next_link: Option<String>,
}

/// `PATCH …/subscriptions/{subscriptionId}`: another plan or another quantity, never both (C36).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SubscriberPlan, description = "Plan or licenses: PATCH takes one of them, activate both or none")]
pub struct ChangeSubscription {
    /// The plan to change to.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// The licenses to change to.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
}

/// What a publisher may send with activate; the newest documentation sends no body at all (C18). `/openapi.json` has it
/// as [`ChangeSubscription`]: Microsoft's file knows one schema for both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActivateRequest {
    /// The plan bought. Compared where a quirk says so (fulfillment.md Q7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// The licenses bought. Compared where a quirk says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
}
