//! The catalogue: products, SKUs, availabilities (partner-center.md 3.3). No price stands in any of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Link;

/// A product: an offer of a publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id, twelve characters.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What a buyer reads.
    pub description: String,
    /// `Azure`, with the sub-type `SaaS`: how clients tell marketplace SaaS (P8).
    pub product_type: ProductType,
    /// Always false here.
    pub is_microsoft_product: bool,
    /// Whose it is.
    pub publisher_name: String,
    /// Itself and its SKUs.
    pub links: ProductLinks,
}

/// A kind of product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductType {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// The kind within the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<ProductSubType>,
}

/// A kind within a kind of product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductSubType {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
}

impl ProductType {
    /// SaaS of the marketplace (P8).
    #[must_use]
    pub fn marketplace_saas() -> Self {
        let sub_type = ProductSubType { id: "SaaS".to_owned(), display_name: "SaaS".to_owned() };
        Self { id: "Azure".to_owned(), display_name: "Azure".to_owned(), sub_type: Some(sub_type) }
    }
}

/// Where a product leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductLinks {
    /// Its SKUs.
    pub skus: Link,
    /// Itself.
    #[serde(rename = "self")]
    pub own: Link,
}

/// A SKU: a plan of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sku {
    /// Its id, four characters, unique within the product only.
    pub id: String,
    /// The product.
    pub product_id: String,
    /// Names of product and plan.
    pub title: String,
    /// What a buyer reads.
    pub description: String,
    /// Fewest licenses; 1 for a flat rate.
    pub minimum_quantity: i64,
    /// Most licenses; 1 for a flat rate.
    pub maximum_quantity: i64,
    /// Whether it is a trial.
    pub is_trial: bool,
    /// How often it can be charged: `monthly`, `annual`.
    pub supported_billing_cycles: Vec<String>,
    /// What must be bought before.
    pub purchase_prerequisites: Vec<String>,
    /// What an inventory check would need: no SaaS has one.
    pub inventory_variables: Vec<String>,
    /// What provisioning would need.
    pub provisioning_variables: Vec<String>,
    /// More of it.
    pub dynamic_attributes: SkuAttributes,
    /// Itself and its availabilities.
    pub links: SkuLinks,
}

/// More of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkuAttributes {
    /// Always false here.
    pub is_microsoft_product: bool,
}

/// Where a SKU leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkuLinks {
    /// Its availabilities.
    pub availabilities: Link,
    /// Itself.
    #[serde(rename = "self")]
    pub own: Link,
}

/// A SKU in a market. Its id is good until the offer changes: read it again before a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    /// Its id.
    pub id: String,
    /// The product.
    pub product_id: String,
    /// The SKU.
    pub sku_id: String,
    /// `product:sku:availability`: what is put into a cart (P10).
    pub catalog_item_id: String,
    /// The currency of the market.
    pub default_currency: CurrencyInfo,
    /// The segment it is for.
    pub segment: String,
    /// The market.
    pub country: String,
    /// Whether the caller may buy it.
    pub is_purchasable: bool,
    /// Whether it renews.
    pub is_renewable: bool,
    /// Into what it renews.
    pub renewal_instructions: Vec<RenewalInstruction>,
    /// The terms it is sold for.
    pub terms: Vec<Term>,
    /// Itself.
    pub links: AvailabilityLinks,
}

/// A currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrencyInfo {
    /// ISO 4217.
    pub code: String,
    /// Its sign.
    pub symbol: String,
}

/// Into what terms renew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenewalInstruction {
    /// The terms.
    pub applicable_term_ids: Vec<String>,
    /// Into what.
    pub renewal_options: Vec<RenewalOption>,
}

/// Into what a term renews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenewalOption {
    /// `product:sku`.
    pub renew_to_id: String,
    /// Whether it can renew by itself.
    pub is_auto_renewable: bool,
}

/// A term of an availability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterTerm)]
pub struct Term {
    /// Its id within the availability.
    pub id: String,
    /// `P1M`.
    pub duration: String,
    /// The same in words.
    pub description: String,
    /// `Monthly`, `Annual`.
    pub billing_cycle: String,
    /// Until when money comes back.
    pub cancellation_policies: Vec<CancellationPolicy>,
}

/// Until when money comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancellationPolicy {
    /// In order.
    pub refund_options: Vec<TermRefund>,
}

/// A refund, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TermRefund {
    /// From 0.
    pub sequence_id: i64,
    /// `Full`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How long after the purchase: `P1D`, `PT72H`.
    pub expires_after: String,
}

/// Where an availability leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AvailabilityLinks {
    /// Itself.
    #[serde(rename = "self")]
    pub own: Link,
}
