//! Offers of one's own: `POST /sandboxes/{s}/offers`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Price};

/// Offers to add to the catalogue, or to replace in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishOffers {
    /// 1 to 1,000 of them: all are taken, or none.
    pub offers: Vec<OfferDraft>,
}

/// An offer as its publisher writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferDraft {
    /// Whose it is.
    pub publisher_id: String,
    /// Its id; that of an offer there is replaces it.
    pub offer_id: String,
    /// Its name.
    pub name: String,
    /// Its plans. Those there were stay, at their places; new ones follow.
    pub plans: Vec<PlanDraft>,
    /// Who may buy it through a partner; everybody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selling: Option<SellingDraft>,
}

/// A plan as its publisher writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanDraft {
    /// Its id.
    pub plan_id: String,
    /// Its name.
    pub name: String,
    /// What a buyer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether only chosen buyers see it.
    #[serde(default)]
    pub is_private: bool,
    /// Whether it is active, and billed, from the purchase on; if absent, as quirk `auto_activation` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_auto_activated: Option<bool>,
    /// Whether it is sold no more; who has it keeps it.
    #[serde(default)]
    pub is_stop_sold: bool,
    /// Fewest licenses; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<i64>,
    /// Most licenses; a plan without has a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<i64>,
    /// Countries it is sold in.
    pub markets: Vec<String>,
    /// Its prices, at least one in the currency of each market.
    pub prices: Vec<Price>,
    /// What is metered.
    #[serde(default)]
    pub metering_dimensions: Vec<DimensionDraft>,
}

/// A dimension as its publisher writes it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DimensionDraft {
    /// Its id.
    pub id: String,
    /// Its name; its id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What one is called; its id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_of_measure: Option<String>,
    /// What one costs, in the currency of each market.
    pub prices: Vec<UnitPrice>,
    /// Units a month that cost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<i64>,
    /// Units a year that cost nothing, in terms of years; twelve times those of a month if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included_a_year: Option<i64>,
    /// Whether usage of it is taken; `metered` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metering: Option<DimensionMetering>,
}

/// Whether a plan takes usage of a dimension.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DimensionMetering {
    /// What is used beyond the included units is billed.
    #[default]
    Metered,
    /// Any number is included.
    Unlimited,
    /// The plan does not have it.
    Disabled,
}

/// What one of something costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnitPrice {
    /// ISO 4217.
    pub currency: String,
    /// The price.
    pub unit_price: Amount,
}

/// Who may buy an offer through a partner, and how often.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SellingDraft {
    /// Whether it is sold through partners at all; it is if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_csp: Option<bool>,
    /// Partners that alone may buy it, though all see it.
    #[serde(default)]
    pub exclusive_to: Vec<String>,
    /// Whether a customer may own it once only.
    #[serde(default)]
    pub one_per_customer: bool,
    /// Segments it is sold in; `commercial` alone if empty.
    #[serde(default)]
    pub segments: Vec<String>,
}

/// What became of the offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishedOffers {
    /// In the order in which they were sent.
    pub offers: Vec<PublishedOffer>,
}

/// What became of an offer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishedOffer {
    /// Which.
    pub offer_id: String,
    /// The product that partners see it as.
    pub product_id: String,
    /// 1 for a new one, and one more each time it is replaced: then its availabilities have other ids.
    pub revision: i64,
    /// Whether it is new.
    pub added: bool,
}
