//! Subscriptions (partner-center.md 3.8). Dates are instants in UTC.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Link, ProductType};

/// A subscription. To change one, send it whole with other values of `friendlyName`, `quantity`, `status`,
/// `autoRenewEnabled` or `partnerId`; everything else is read only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterSubscription)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What was bought: a catalog item, `product:sku:availability`.
    pub offer_id: String,
    /// Names of product and SKU.
    pub offer_name: String,
    /// What the partner calls it.
    pub friendly_name: String,
    /// The kind of product.
    pub product_type: ProductType,
    /// Licenses; 1 for a flat rate.
    pub quantity: i64,
    /// What one is called.
    pub unit_type: String,
    /// Always false.
    pub has_purchasable_addons: bool,
    /// When it was bought.
    pub creation_date: String,
    /// When the running term began; before billing the day it would have.
    pub effective_start_date: String,
    /// The last day of the running term, at the time of day it began.
    pub commitment_end_date: String,
    /// The last second of the running term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment_end_date_time: Option<String>,
    /// `active`, `suspended`, `deleted`, `expired` or `pending`.
    pub status: String,
    /// Whether it renews at the end of its term. In a PATCH, absent counts as false.
    pub auto_renew_enabled: bool,
    /// Always false.
    pub is_trial: bool,
    /// Always `license`.
    pub billing_type: String,
    /// `monthly` or `annual`.
    pub billing_cycle: String,
    /// `P1M`, `P1Y`, …
    pub term_duration: String,
    /// The term it renews to, if that is another one: never.
    pub renewal_term_duration: String,
    /// Until when canceling it costs nothing.
    pub refund_options: Vec<RefundOption>,
    /// The same instant; absent until what it counts from has happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation_allowed_until_date: Option<String>,
    /// Always false.
    pub is_microsoft_product: bool,
    /// The indirect reseller, by its Microsoft Partner Network id; empty: none.
    pub partner_id: String,
    /// Whether it waits for licenses to be assigned or fulfillment to be confirmed: *Action Needed*.
    pub attention_needed: bool,
    /// Always false.
    pub action_taken: bool,
    /// What may be done with it: `Cancel`, `Edit`.
    pub actions: Vec<String>,
    /// Why it is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension_reasons: Option<Vec<String>>,
    /// Always `subscription`.
    pub contract_type: String,
    /// Where what it is made of is found.
    pub links: SubscriptionLinks,
    /// Whose product it is.
    pub publisher_name: String,
    /// The order it was bought by.
    pub order_id: String,
    /// Its etag, for `If-Match`.
    pub attributes: Attributes,
}

/// A way to get money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundOption {
    /// Always `Full`.
    #[serde(rename = "type")]
    pub kind: String,
    /// From this instant on it is over; absent until what it counts from has happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// Where a subscription leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionLinks {
    /// What was bought; absent if it is not in the catalogue any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Link>,
    /// The same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Link>,
    /// The same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Link>,
    /// Where its links to the publisher are; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_links: Option<Link>,
    /// Itself.
    #[serde(rename = "self")]
    pub own: Link,
}

/// How far a subscription is provisioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionProvisioningStatus {
    /// The SKU.
    pub sku_id: String,
    /// `success`, `pending` or `failed`.
    pub status: String,
    /// Licenses; 1 for a flat rate.
    pub quantity: i64,
    /// The last day of the running term.
    pub end_date: String,
    /// What it is.
    pub attributes: Attributes,
}
