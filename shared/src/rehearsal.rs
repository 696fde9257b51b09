//! Wire types of the control API (`/rehearsal/v1`), as interface.md names them. Written and read by the broker's
//! `http/rehearsal`, the publisher's client and every verb of `rehearse`. Instants carry six fraction digits.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{clock::Instant, secret::Secret};

/// Media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal on the control API (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the title tells the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to change.
    pub detail: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Its name; dots lead inside.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// `POST /sandboxes`. Everything may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSandbox {
    /// 1 to 40 of a-z, 0-9 and -; drawn if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Makes the ids of tenants, clients and customers repeatable for this sandbox id; never secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The sandbox's time at its start; the real time if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_at: Option<Instant>,
    /// Whether its clock stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
    /// Landing page of the first publisher; the bundled publisher's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_page_url: Option<String>,
    /// Webhook of the first publisher; the bundled publisher's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

/// `GET /sandboxes`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sandboxes {
    /// In order of their ids.
    pub sandboxes: Vec<SandboxSummary>,
}

/// One line of [`Sandboxes`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxSummary {
    /// The sandbox.
    pub id: String,
    /// Its clock.
    pub clock: ClockState,
}

/// A sandbox with everything a client needs to work in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sandbox {
    /// The sandbox.
    pub id: String,
    /// Its clock.
    pub clock: ClockState,
    /// The first of `publishers`.
    pub publisher: Publisher,
    /// All publishers, with credentials.
    pub publishers: Vec<Publisher>,
    /// The first of `partners`.
    pub partner: Partner,
    /// All partners, with credentials.
    pub partners: Vec<Partner>,
    /// All customers.
    pub customers: Vec<Customer>,
    /// The catalogue.
    pub offers: Vec<Offer>,
}

/// A publisher and how its app signs in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Publisher {
    /// Its id on the publisher face.
    pub publisher_id: String,
    /// Its name.
    pub name: String,
    /// The tenant of its app.
    pub tenant_id: String,
    /// The app.
    pub client_id: String,
    /// The app's secret.
    #[schema(value_type = String)]
    pub client_secret: Secret<String>,
    /// Where buyers are sent; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_page_url: Option<String>,
    /// Where webhooks go; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// How the first key is turned.
    pub license_confirmation: LicenseConfirmation,
}

/// How a publisher confirms that licenses are assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LicenseConfirmation {
    /// By `licenseAssignments`, a call of its own.
    Explicit,
    /// `activate` counts for both: for an app that knows Microsoft's API only.
    WithActivation,
}

/// A partner in the CSP programme and how its app signs in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// Its id.
    pub partner_id: String,
    /// Its name.
    pub name: String,
    /// `directBill`, `indirectProvider` or `indirectReseller`.
    pub kind: String,
    /// Its tenant.
    pub tenant_id: String,
    /// Its app.
    pub client_id: String,
    /// The app's secret.
    #[schema(value_type = String)]
    pub client_secret: Secret<String>,
    /// Its Microsoft Partner Network id.
    pub mpn_id: String,
    /// For a reseller: the provider it buys through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
}

/// A customer of a partner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// The same as its tenant.
    pub customer_id: String,
    /// Its name.
    pub name: String,
    /// Two letters, the market it buys in.
    pub country: String,
    /// The partner that serves it.
    pub partner_id: String,
    /// Its domain.
    pub domain: String,
}

/// An offer with its plans.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Its id.
    pub offer_id: String,
    /// Whose it is.
    pub publisher_id: String,
    /// Its name.
    pub name: String,
    /// Its plans.
    pub plans: Vec<Plan>,
}

/// A plan of an offer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Its id.
    pub plan_id: String,
    /// Its name.
    pub name: String,
    /// Whether it is priced per license.
    pub is_price_per_seat: bool,
    /// Whether only chosen buyers see it.
    pub is_private: bool,
    /// Fewest licenses; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<i64>,
    /// Most licenses; absent for a flat rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<i64>,
    /// Terms it is sold for: `P1M`, `P1Y`, …
    pub terms: Vec<String>,
    /// Countries it is sold in.
    pub markets: Vec<String>,
    /// What is metered.
    pub metering_dimensions: Vec<MeteringDimension>,
    /// Its prices.
    pub prices: Vec<Price>,
}

/// Something a plan meters.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeteringDimension {
    /// Its id.
    pub id: String,
}

/// What a plan costs: per license for a per-seat plan, else for the whole, each billing cycle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// ISO 4217.
    pub currency: String,
    /// The term it is for.
    pub term: String,
    /// `monthly`, `annual`, …
    pub billing_cycle: String,
    /// The price.
    pub unit_price: Amount,
}

/// `PUT /sandboxes/{s}/publisher` and `…/publishers/{publisherId}`: absent keeps, null clears.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurePublisher {
    /// Where buyers are sent; null: the bundled publisher's page.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub landing_page_url: Option<Option<String>>,
    /// Where webhooks go; null: the bundled publisher's.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub webhook_url: Option<Option<String>>,
    /// How the first key is turned; null: `explicit`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LicenseConfirmation>)]
    pub license_confirmation: Option<Option<LicenseConfirmation>>,
}

/// Tells `null` from an absent member.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    pub pending_operation: Option<Value>,
    /// Rises by one with each change.
    pub version: i64,
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
    pub action: Action,
}

/// What may happen to a subscription from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The customer cancels.
    Unsubscribe,
}

/// The answer to an action: 202.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acted {
    /// The operation that records it.
    pub operation_id: String,
}

/// A sandbox's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockState {
    /// The sandbox's time.
    pub now: Instant,
    /// Whether it stands.
    pub frozen: bool,
    /// The next thing that is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_event: Option<Due>,
}

/// Something that happens later, or happened during an advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// When, sandbox time.
    pub due_at: Instant,
    /// What, for example `pendingLimit`.
    pub kind: String,
    /// The subscription.
    pub subscription_id: String,
}

/// `POST …/clock/advance`: exactly one member.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Advance {
    /// By an ISO 8601 duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// To an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
    /// To the next thing that is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_next_event: Option<bool>,
}

/// The answer to an advance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Advanced {
    /// The clock before.
    pub from: Instant,
    /// The clock after.
    pub clock: ClockState,
    /// What became due on the way, in order.
    pub happened: Vec<Due>,
}

/// `GET …/journal?after=`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Journal {
    /// In order.
    pub entries: Vec<JournalEntry>,
    /// Give it as `after` to go on; equal to the `after` that was asked for when there is nothing new.
    pub next: i64,
}

/// One thing that happened: a domain event, or an HTTP exchange.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Its place; rises, without gaps, in the order of the commits.
    pub sequence: i64,
    /// Sandbox time.
    pub at: Instant,
    /// `event` or `exchange`.
    pub kind: String,
    /// An event's name (`billingStarted`), or an exchange's (`resolve`).
    pub name: String,
    /// Who called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Who was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The subscription it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// Real milliseconds an exchange took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// The rest: what an event says; method, path, status, request id of an exchange.
    pub data: Value,
}

/// An amount of money as JSON: a number, whole where it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Decimal);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.is_integer(), self.0.to_i64()) {
            (true, Some(whole)) => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0.to_f64().unwrap_or(f64::NAN)),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        number.to_string().parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Amount {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        f64::schema()
    }
}

impl utoipa::ToSchema for Amount {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_plain_number() {
        for (text, json) in
            [("480000", "480000"), ("112.89", "112.89"), ("20.00", "20"), ("-94.08", "-94.08")]
        {
            let amount = Amount(text.parse().unwrap());
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
            assert_eq!(serde_json::from_str::<Amount>(json).unwrap().0, amount.0);
        }
    }

    #[test]
    fn null_clears_and_absent_keeps() {
        let cleared: ConfigurePublisher = serde_json::from_str(r#"{"webhookUrl":null}"#).unwrap();
        assert_eq!(cleared.webhook_url, Some(None));
        assert_eq!(cleared.landing_page_url, None);
    }
}
