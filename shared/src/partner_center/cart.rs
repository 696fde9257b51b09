//! Carts and what they become (partner-center.md 3.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Order};
use crate::{clock::Instant, rehearsal::Amount};

/// A cart.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterCart)]
pub struct Cart {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub creation_timestamp: Instant,
    /// When it was changed last.
    pub last_modified_timestamp: Instant,
    /// From when on it cannot be checked out.
    pub expiration_timestamp: Instant,
    /// Who changed it last.
    pub last_modified_user: String,
    /// `Active`, or `Ordered` once it was checked out.
    pub status: String,
    /// Whether the partner attests how it sells.
    pub partner_on_record_attestation_accepted: bool,
    /// Its lines.
    pub line_items: Vec<CartLineItem>,
    /// Always `Cart`.
    pub attributes: Attributes,
}

/// A cart as it is sent; members may be in any case, and what is not here is ignored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CartRequest {
    /// Whether the partner attests how it sells: needed for a purchase that names a reseller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_on_record_attestation_accepted: Option<bool>,
    /// 1 to 100 lines.
    pub line_items: Vec<CartLineRequest>,
}

/// A line as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CartLineRequest {
    /// The client's number; lines are numbered anew if two have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// `product:sku:availability`.
    pub catalog_item_id: String,
    /// What the partner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Licenses; 1 for a flat rate.
    pub quantity: i64,
    /// `monthly` or `annual`.
    pub billing_cycle: String,
    /// `P1M`, `P1Y`, …
    pub term_duration: String,
    /// The currency of the customer's market; may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// Resellers, by an indirect provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<CartParticipant>>,
    /// Kept and given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_context: Option<BTreeMap<String, String>>,
    /// Kept and given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews_to: Option<RenewsTo>,
}

/// A line, and what the marketplace says to it: a price, or an error.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CartLineItem {
    /// The client's number.
    pub id: i64,
    /// `product:sku:availability`.
    pub catalog_item_id: String,
    /// What the partner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Licenses.
    pub quantity: i64,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// How often it is charged.
    pub billing_cycle: String,
    /// For how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_duration: Option<String>,
    /// Resellers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<CartParticipant>,
    /// As it was sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provisioning_context: BTreeMap<String, String>,
    /// As it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews_to: Option<RenewsTo>,
    /// Lines of one group become one order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_group: Option<String>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Why it cannot be bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CartError>,
}

/// Who else takes part in a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CartParticipant {
    /// `transaction_reseller`, `additional_transaction_reseller`.
    pub key: String,
    /// A partner id.
    pub value: String,
}

/// What a trial renews to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenewsTo {
    /// The term.
    pub term_duration: String,
}

/// What a line costs each billing cycle, without tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    /// Price of one.
    pub list_price: Amount,
    /// After discounts; there are none.
    pub discounted_price: Amount,
    /// For the first cycle; a purchase begins with a whole one.
    pub prorated_price: Amount,
    /// What one is charged.
    pub price: Amount,
    /// What all are charged.
    pub extended_price: Amount,
}

/// Why a line cannot be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CartError {
    /// 10001 catalog item, 10004 participants, 10009 limit of the integration sandbox, 10010 input, 10012 attestation,
    /// 10015 too many licenses.
    pub error_code: u32,
    /// The class in words.
    pub error_description: String,
    /// What to change.
    pub additional_information: String,
}

/// What a cart became.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CartCheckoutResult {
    /// An order a group.
    pub orders: Vec<Order>,
    /// Groups that became none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order_errors: Vec<OrderError>,
    /// Always `CartCheckoutResult`.
    pub attributes: Attributes,
}

/// Why a group of lines was not bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderError {
    /// The group.
    pub order_group_id: String,
    /// As in an error of the face.
    pub code: u32,
    /// The same in words.
    pub description: String,
}
