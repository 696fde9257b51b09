//! `listAvailablePlans` (fulfillment.md 1.7, C31).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::TermUnit;
use crate::rehearsal::Amount;

/// `GET …/listAvailablePlans`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SubscriptionPlans)]
pub struct AvailablePlans {
    /// The plans this subscription may be on, its own included.
    pub plans: Vec<AvailablePlan>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Plan)]
pub struct AvailablePlan {
    /// Its id.
    pub plan_id: String,
    /// Its name.
    pub display_name: String,
    /// Whether only chosen buyers see it.
    pub is_private: bool,
    /// What a buyer reads.
    pub description: String,
    /// Whether it begins with a free trial.
    pub has_free_trials: bool,
    /// Whether it is priced per license.
    pub is_price_per_seat: bool,
    /// Fewest licenses; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<i64>,
    /// Most licenses; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<i64>,
    /// Whether it is no longer sold.
    pub is_stop_sell: bool,
    /// The buyer's market, two letters.
    pub market: String,
    /// What it costs.
    pub plan_components: PlanComponents,
    /// Private offers that it comes from. In Microsoft's file; sent where quirk `source_offers` says so (fulfillment.md 1.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_offers: Option<Vec<SourceOffer>>,
}

/// A private offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceOffer {
    /// Its id.
    #[schema(format = "uuid")]
    pub external_id: String,
}

/// Flat and metered prices of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanComponents {
    /// One entry a term.
    pub recurrent_billing_terms: Vec<RecurrentBillingTerm>,
    /// One entry a dimension.
    pub metering_dimensions: Vec<MeteringDimension>,
}

/// The price of a term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecurrentBillingTerm {
    /// ISO 4217.
    pub currency: String,
    /// For the whole term, per license for a per-seat plan.
    pub price: Amount,
    /// `P1M`, `P1Y`, …
    #[schema(value_type = TermUnit)]
    pub term_unit: String,
    /// In words.
    pub term_description: String,
    /// Units that cost nothing.
    pub metered_quantity_included: Vec<MeteredQuantityIncluded>,
}

/// Units of a dimension that are included in the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MeteringedQuantityIncluded)]
pub struct MeteredQuantityIncluded {
    /// The dimension.
    pub dimension_id: String,
    /// How many; a string on the wire (C31).
    pub units: String,
}

/// The price of one metered unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeteringDimension {
    /// Its id.
    pub id: String,
    /// ISO 4217.
    pub currency: String,
    /// Price of one.
    pub price_per_unit: Amount,
    /// What one is called.
    pub unit_of_measure: String,
    /// Its name.
    pub display_name: String,
}
