//! Usage of a subscription, as the operator sees it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{clock::Instant, metering::Quantity, rehearsal::Amount};

/// `GET …/subscriptions/{id}/usage`: the present term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The subscription.
    pub subscription_id: String,
    /// The plan it is on.
    pub plan_id: String,
    /// First day of the term, midnight UTC; absent before activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_start: Option<Instant>,
    /// Last day of the term, inclusive, midnight UTC; absent before activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_end: Option<Instant>,
    /// The dimensions of its plan, and those with usage of a plan it was on before.
    pub dimensions: Vec<DimensionUsage>,
    /// Accepted events of the term, the newest hour first; 1,000 at most.
    pub events: Vec<UsageLine>,
}

/// What a dimension has come to in the term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DimensionUsage {
    /// The plan.
    pub plan_id: String,
    /// Its id.
    pub dimension: String,
    /// Its name.
    pub display_name: String,
    /// What one is called.
    pub unit_of_measure: String,
    /// Whether any number of units is included and no usage is taken.
    pub unlimited: bool,
    /// Units of the term that cost nothing; the publisher counts them and reports only what goes beyond. Absent for an
    /// unlimited one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<i64>,
    /// Those of them that are used, as far as the marketplace can know: all, once overage is reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included_used: Option<i64>,
    /// Those of them that are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included_left: Option<i64>,
    /// Units beyond the included ones: what was reported and accepted.
    pub overage: Quantity,
    /// Accepted events.
    pub events: i64,
    /// Price of one; absent if the plan has none in the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Amount>,
    /// What the overage costs, cut at the currency's digits: less than the smallest coin is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: String,
}

/// An accepted event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageLine {
    /// Its id.
    pub usage_event_id: String,
    /// The dimension.
    pub dimension: String,
    /// The plan.
    pub plan_id: String,
    /// Units.
    pub quantity: Quantity,
    /// When it was used, in UTC, as it is given back to its publisher.
    pub effective_start_time: String,
    /// The UTC hour that counts for duplicates.
    pub hour: Instant,
    /// When it was accepted.
    pub accepted_at: Instant,
}
