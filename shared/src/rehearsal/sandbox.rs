//! Sandboxes and who and what they hold: publishers, partners, customers, the catalogue.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{
    amount::Amount,
    clock::ClockState,
    partner::{AccountKind, PartnerUser},
};
use crate::{clock::Instant, objects::word_or_null, secret::Secret};

/// `POST /sandboxes`. Everything may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSandbox {
    /// 1 to 40 of a-z, 0-9 and -; drawn if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `documented` (if absent), `observed` or `sdk2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
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
    /// Its profile: how it behaves where sources are silent or disagree.
    #[serde(default)]
    pub profile: String,
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
    /// When the secret ends, real time; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<Instant>,
    /// Whether the tenant has a service principal for the app: without one the token endpoint refuses (7000229).
    #[serde(default = "present_principal")]
    pub service_principal: bool,
    /// How its landing page signs visitors in.
    pub sign_in: SignIn,
    /// Where buyers are sent; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_page_url: Option<String>,
    /// Where webhooks go; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// How the first key is turned.
    pub license_confirmation: LicenseConfirmation,
    /// The shape of the token that webhooks carry.
    pub webhook_token_version: WebhookTokenVersion,
    /// Whether webhooks are signed by Standard Webhooks too.
    pub webhook_signature: WebhookSignature,
    /// The secret of that signature, `whsec_…`; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub webhook_secret: Option<Secret<String>>,
}

/// The multitenant registration of a publisher's landing page (fulfillment.md 1.14).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The app.
    pub client_id: String,
    /// The app's secret.
    #[schema(value_type = String)]
    pub client_secret: Secret<String>,
    /// Where codes may be sent; empty when no landing page is known.
    pub redirect_uris: Vec<String>,
}

/// The shape of the token in a webhook's Authorization (fulfillment.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum WebhookTokenVersion {
    /// `azp`, issuer `https://login.microsoftonline.com/{tenant}/v2.0`.
    #[default]
    V2,
    /// `appid`, issuer `https://sts.windows.net/{tenant}/`.
    V1,
}

/// What a webhook carries beside its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum WebhookSignature {
    /// Nothing, as the real service.
    #[default]
    None,
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    StandardWebhooks,
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
    /// Whether it buys for real.
    #[serde(default)]
    pub account_kind: AccountKind,
    /// Whether it has signed the Microsoft Partner Agreement.
    #[serde(default)]
    pub agreement_signed: bool,
    /// Where codes for its app may be sent.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Who can sign in to it.
    #[serde(default)]
    pub users: Vec<PartnerUser>,
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
#[schema(as = OfferedPlan)]
pub struct Plan {
    /// Its id.
    pub plan_id: String,
    /// Its name.
    pub name: String,
    /// Whether it is priced per license.
    pub is_price_per_seat: bool,
    /// Whether only chosen buyers see it.
    pub is_private: bool,
    /// Whether it is active, and billed, from the purchase on, without resolve and activate (F9).
    #[serde(default)]
    pub is_auto_activated: bool,
    /// Whether it is sold no more; who has it keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_stop_sold: bool,
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
#[schema(as = OfferedDimension)]
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
    #[serde(default, deserialize_with = "word_or_null", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LicenseConfirmation>)]
    pub license_confirmation: Option<Option<LicenseConfirmation>>,
    /// The shape of the token that webhooks carry; null: `v2`.
    #[serde(default, deserialize_with = "word_or_null", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WebhookTokenVersion>)]
    pub webhook_token_version: Option<Option<WebhookTokenVersion>>,
    /// Whether webhooks are signed by Standard Webhooks too; null: `none`.
    #[serde(default, deserialize_with = "word_or_null", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WebhookSignature>)]
    pub webhook_signature: Option<Option<WebhookSignature>>,
    /// When the app's secret ends, real time: from then on the token endpoint refuses it (7000222); null: never.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_secret_expires_at: Option<Option<Instant>>,
    /// Whether the tenant has a service principal for the app; null: it has.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<bool>)]
    pub service_principal: Option<Option<bool>>,
    /// Where codes for the landing page may be sent, 20 at most; null: the bundled publisher's page.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub redirect_uris: Option<Option<Vec<String>>>,
}

/// A publisher's app works unless it is told not to.
fn present_principal() -> bool {
    true
}

/// Tells `null` from an absent member.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_clears_and_absent_keeps() {
        let cleared: ConfigurePublisher = serde_json::from_str(r#"{"webhookUrl":null}"#).unwrap();
        assert_eq!(cleared.webhook_url, Some(None));
        assert_eq!(cleared.landing_page_url, None);
    }
}
