//! Purchases, the whole truth about a subscription, its charges, and what is done to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::Amount;
use crate::{
    clock::Instant,
    fulfillment::{Duties, Operation, PublisherStep},
    objects::{maybe_word, not_null, word},
    secret::Secret,
};

/// `POST /sandboxes/{s}/purchases`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purchase {
    /// The offer to buy.
    pub offer_id: String,
    /// The plan to buy.
    pub plan_id: String,
    /// Licenses; the plan's minimum if absent; not for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// Who it is for; the first customer if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// `P1M`, `P1Y`, …; the plan's first if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
    /// `monthly`, `annual`, …; the first one the term is sold with if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_cycle: Option<String>,
    /// Whether it renews; true if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renew: Option<bool>,
    /// Who buys; the partner if absent.
    #[serde(default, deserialize_with = "maybe_word", skip_serializing_if = "Option::is_none")]
    pub sold_by: Option<SoldBy>,
}

/// Who buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SoldBy {
    /// A partner for its customer: `allowedCustomerOperations` is Read only (C30).
    #[default]
    Partner,
    /// The customer itself.
    Customer,
}

/// The answer to a purchase; it holds the token and is not shown again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Purchased {
    /// The subscription bought.
    pub subscription_id: String,
    /// Its order.
    pub order_id: String,
    /// The landing page with the token, percent-encoded.
    #[schema(value_type = String)]
    pub activation_link: Secret<String>,
    /// The token itself.
    #[schema(value_type = String)]
    pub authorization_code: Secret<String>,
    /// Sandbox time until which it resolves.
    pub token_expires_at: Instant,
}

/// The answer to `POST …/activation-links`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivationLink {
    /// The subscription it is for.
    pub subscription_id: String,
    /// The landing page with a fresh token, percent-encoded.
    #[schema(value_type = String)]
    pub activation_link: Secret<String>,
    /// The token itself.
    #[schema(value_type = String)]
    pub authorization_code: Secret<String>,
    /// Sandbox time until which it resolves.
    pub token_expires_at: Instant,
}

/// The whole truth about a subscription.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionTruth {
    /// The subscription.
    pub subscription_id: String,
    /// Its order.
    pub order_id: String,
    /// Its name.
    pub name: String,
    /// Whose offer.
    pub publisher_id: String,
    /// The offer.
    pub offer_id: String,
    /// The plan.
    pub plan_id: String,
    /// Licenses bought; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// Who it is for.
    pub customer_id: String,
    /// Who bought.
    pub sold_by: SoldBy,
    /// The fulfillment status.
    pub state: String,
    /// Why it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// When it was bought.
    pub purchased_at: Instant,
    /// Licenses required for the first key.
    pub licenses_required: i64,
    /// People in the set now.
    pub licenses_assigned: i64,
    /// The first key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licenses_assigned_at: Option<Instant>,
    /// The second key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfillment_confirmed_at: Option<Instant>,
    /// The later of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_started_at: Option<Instant>,
    /// What billing waits for; empty when it waits for nothing.
    pub waiting_for: Vec<WaitingFor>,
    /// Whether the partner sees Action Needed.
    pub attention_needed: bool,
    /// Until when both keys must be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_finish_by: Option<Instant>,
    /// The term.
    pub term: TermTruth,
    /// The operation that is open, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_operation: Option<Operation>,
    /// What `POST …/actions` would accept now.
    #[serde(default)]
    pub allowed_actions: Vec<String>,
    /// Whether the payment of the next renewal will fail.
    #[serde(default)]
    pub payment_fails_at_term_end: bool,
    /// What the publisher wants done before some changes (S17), in its order.
    #[serde(default)]
    pub publisher_steps: Vec<PublisherStep>,
    /// The partner's duties between purchase and use (S24, S25).
    #[serde(default)]
    pub duties: Duties,
    /// Rises by one with each change.
    pub version: i64,
}

/// `PUT …/duties/url-sent`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordUrlSent {
    /// Who sent it; `operator` if absent.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// One thing billing waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingFor {
    /// `licensesAssigned` or `fulfillmentConfirmed`.
    pub confirmation: String,
    /// The call that is missing.
    pub call: String,
    /// In plain words.
    pub words: String,
}

/// The term of a subscription, with what is provisional said so.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TermTruth {
    /// `P1M`, `P1Y`, …
    pub unit: String,
    /// `monthly`, `annual`, …
    pub billing_cycle: String,
    /// Whether it renews.
    pub auto_renew: bool,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Instant>,
    /// Last day, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Instant>,
    /// True until billing has started: the dates will move.
    pub provisional: bool,
}

/// `GET …/charges`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Charges {
    /// In the order they were made.
    pub charges: Vec<Charge>,
}

/// One charge line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// `new`, …
    pub charge_type: String,
    /// First day, midnight UTC.
    pub charge_start_date: Instant,
    /// Last day, inclusive, midnight UTC.
    pub charge_end_date: Instant,
    /// Licenses, or 1.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Amount,
    /// quantity × unit price, truncated to the currency's digits.
    pub subtotal: Amount,
    /// ISO 4217.
    pub currency: String,
    /// Ties lines that belong together.
    pub reference_id: String,
}

/// `POST …/actions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Act {
    /// What happens to the subscription.
    #[serde(deserialize_with = "word")]
    pub action: Action,
    /// The plan to change to; `changePlan` only.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// The licenses to change to; `changeQuantity` only.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// `failPayment` only. `now`, if absent: the payment that is due fails. `termEnd`: the next renewal's fails.
    #[serde(default, deserialize_with = "maybe_word", skip_serializing_if = "Option::is_none")]
    pub when: Option<PaymentFails>,
}

/// What may happen to a subscription from outside (fulfillment.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The customer, or the partner for it, wants another plan.
    ChangePlan,
    /// The customer, or the partner for it, wants another number of licenses.
    ChangeQuantity,
    /// The marketplace suspends.
    Suspend,
    /// The reason of the suspension is gone.
    Reinstate,
    /// The term ends, and a new one begins.
    Renew,
    /// The customer, or the partner for it, cancels.
    Unsubscribe,
    /// The customer's payment fails.
    FailPayment,
}

/// Which payment fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PaymentFails {
    /// The one that is due.
    #[default]
    Now,
    /// The one of the next renewal.
    TermEnd,
}

/// The answer to an action: 202.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acted {
    /// The operation that records it; absent for a payment that fails at the term's end, which makes one then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
}
