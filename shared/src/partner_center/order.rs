//! Orders (partner-center.md 3.5).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Link, Pricing};
use crate::clock::Instant;

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterOrder)]
pub struct Order {
    /// Its id: opaque and case-sensitive.
    pub id: String,
    /// Another name of it.
    pub alternate_id: String,
    /// For whom.
    pub reference_customer_id: String,
    /// How often it is charged.
    pub billing_cycle: String,
    /// ISO 4217.
    pub currency_code: String,
    /// What people write before an amount.
    pub currency_symbol: String,
    /// Its lines.
    pub line_items: Vec<OrderLineItem>,
    /// When it was placed.
    pub creation_date: Instant,
    /// `pending` until both keys of everything it bought are in, then `completed`; `cancelled` when all of it has ended.
    pub status: String,
    /// Always `UserPurchase`.
    pub transaction_type: String,
    /// What belongs to it.
    pub links: OrderLinks,
    /// Always `Order`.
    pub attributes: Attributes,
}

/// A line of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineItem {
    /// From 0.
    pub line_item_number: i64,
    /// The catalog item.
    pub offer_id: String,
    /// What it became.
    pub subscription_id: String,
    /// For how long.
    pub term_duration: String,
    /// Always `New`.
    pub transaction_type: String,
    /// What the partner called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Licenses that were ordered.
    pub quantity: i64,
    /// The partner id of the indirect reseller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_id_on_record: Option<String>,
    /// What it costs, if it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// What belongs to it.
    pub links: OrderLineLinks,
}

/// Where what belongs to an order is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLinks {
    /// The order.
    #[serde(rename = "self")]
    pub own: Link,
    /// How far it is.
    pub provisioning_status: Link,
}

/// Where what belongs to a line is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineLinks {
    /// The product.
    pub product: Link,
    /// The SKU.
    pub sku: Link,
    /// The availability.
    pub availability: Link,
    /// The subscription.
    pub subscription: Link,
    /// The activation link, as long as there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_links: Option<Link>,
}

/// An order as it is sent; members may be in any case, and what is not here is ignored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderRequest {
    /// For whom; if it is sent, the customer of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_customer_id: Option<String>,
    /// `monthly` or `annual`.
    pub billing_cycle: String,
    /// The currency of the customer's market; may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// 1 to 100 lines.
    pub line_items: Vec<OrderLineRequest>,
    /// Whether the partner attests how it sells: needed for an order that names a reseller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_on_record_attestation_accepted: Option<bool>,
}

/// A line as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineRequest {
    /// Lines are ordered by it, and numbered from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_item_number: Option<i64>,
    /// `product:sku:availability`.
    pub offer_id: String,
    /// Licenses; 1 for a flat rate.
    pub quantity: i64,
    /// `P1M`, `P1Y`, …
    pub term_duration: String,
    /// What the partner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// The partner id of the indirect reseller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_id_on_record: Option<String>,
}

/// A change of an order: only its cancellation, in an integration sandbox.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrderChange {
    /// `cancelled`.
    pub status: String,
}

/// How far a line of an order is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineProvisioningStatus {
    /// From 0.
    pub line_item_number: i64,
    /// `pending`, `fulfilled`; `unfulfilled` if it ended before both keys were in.
    pub status: String,
    /// The same by licenses.
    pub quantity_provisioning_information: Vec<QuantityProvisioning>,
}

/// How far some licenses are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuantityProvisioning {
    /// So many.
    pub quantity: i64,
    /// As of the line.
    pub status: String,
}
