//! The world of a new sandbox, from `catalogue/default.json`. Ids come from (sandbox, seed), so that a seed repeats
//! them and no two sandboxes share one; secrets never come from a seed.

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::{
    entropy::{self, Entropy},
    ids::{ClientId, CustomerId, OfferId, PartnerId, PublisherId, SandboxId, TenantId},
    secret::Secret,
};
use uuid::Uuid;

use crate::domain::{
    catalog::{Offer, Plan, Selling},
    party::{
        AccountKind, App, Customer, CustomerProfile, LicenseConfirmation, Partner, PartnerKind,
        Publisher, SignInApp, TokenVersion, User,
    },
};

/// Who and what a new sandbox holds.
#[derive(Debug, Clone)]
pub struct World {
    /// Publishers, in order.
    pub publishers: Vec<Publisher>,
    /// Partners, in order.
    pub partners: Vec<Partner>,
    /// Customers, in order.
    pub customers: Vec<Customer>,
    /// Offers, in order.
    pub offers: Vec<Offer>,
}

#[derive(Deserialize)]
struct Catalogue {
    publishers: Vec<PublisherEntry>,
    partners: Vec<PartnerEntry>,
    customers: Vec<CustomerEntry>,
    offers: Vec<OfferEntry>,
}

#[derive(Deserialize)]
struct PublisherEntry {
    id: PublisherId,
    name: String,
}

#[derive(Deserialize)]
struct PartnerEntry {
    id: PartnerId,
    name: String,
    kind: String,
    mpn_id: String,
    provider: Option<PartnerId>,
    buyer: String,
    #[serde(default)]
    integration_sandbox: bool,
    #[serde(default = "signed")]
    agreement_signed: bool,
}

#[derive(Deserialize)]
struct CustomerEntry {
    name: String,
    country: String,
    domain: String,
    partner: PartnerId,
    admin: String,
}

#[derive(Deserialize)]
struct OfferEntry {
    id: OfferId,
    publisher: PublisherId,
    name: String,
    plans: Vec<Plan>,
    #[serde(default)]
    selling: Selling,
}

fn signed() -> bool {
    true
}

/// Derives ids and draws secrets for one sandbox.
struct Draw<'a> {
    sandbox: &'a SandboxId,
    seed: &'a str,
    entropy: &'a dyn Entropy,
}

impl Draw<'_> {
    /// An id that follows from (sandbox, seed, label).
    fn id(&self, label: &str) -> Uuid {
        let hash = Sha256::new()
            .chain_update(self.sandbox.as_str())
            .chain_update([0])
            .chain_update(self.seed)
            .chain_update([0])
            .chain_update(label)
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn app(&self, label: &str) -> App {
        App {
            tenant_id: TenantId(self.id(&format!("{label} tenant"))),
            client_id: ClientId(self.id(&format!("{label} client"))),
            client_secret: client_secret(self.entropy),
        }
    }

    fn sign_in(&self, label: &str) -> SignInApp {
        SignInApp {
            client_id: ClientId(self.id(&format!("{label} sign-in client"))),
            client_secret: client_secret(self.entropy),
            redirect_uris: None,
        }
    }

    fn user(&self, label: &str, email: String, tenant_id: TenantId) -> User {
        let object_id = self.id(&format!("{label} user"));
        let digits = object_id.as_u128() % 10_u128.pow(12);
        User { email, object_id, tenant_id, puid: format!("1003{digits:012}") }
    }
}

/// A new secret of an app.
pub fn client_secret(entropy: &dyn Entropy) -> Secret<String> {
    let drawn = entropy::seed(entropy);
    Secret::new(drawn.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}

impl World {
    /// The believable world every sandbox starts with, at `at`. `seed` repeats its ids in a sandbox of the same id.
    pub fn believable(
        sandbox: &SandboxId,
        seed: &str,
        at: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Self, serde_json::Error> {
        let draw = Draw { sandbox, seed, entropy };
        let catalogue: Catalogue =
            serde_json::from_str(include_str!("../../../catalogue/default.json"))?;
        Ok(Self {
            publishers: catalogue.publishers.into_iter().map(|p| publisher(&draw, p)).collect(),
            partners: catalogue.partners.into_iter().map(|p| partner(&draw, p, at)).collect(),
            customers: catalogue.customers.into_iter().map(|c| customer(&draw, c)).collect(),
            offers: (0..).zip(catalogue.offers).map(offer).collect(),
        })
    }
}

fn publisher(draw: &Draw<'_>, entry: PublisherEntry) -> Publisher {
    let label = format!("publisher {}", entry.id);
    Publisher {
        app: draw.app(&label),
        secret_expires_at: None,
        principal_missing_since: None,
        sign_in: draw.sign_in(&label),
        id: entry.id,
        name: entry.name,
        landing_page_url: None,
        webhook_url: None,
        license_confirmation: LicenseConfirmation::default(),
        webhook_token_version: TokenVersion::default(),
        webhook_secret: None,
    }
}

fn partner(draw: &Draw<'_>, entry: PartnerEntry, at: Timestamp) -> Partner {
    let label = format!("partner {}", entry.id);
    let app = draw.app(&label);
    Partner {
        redirect_uris: None,
        buyer: draw.user(&label, entry.buyer, app.tenant_id),
        app,
        kind: match entry.kind.as_str() {
            "indirectProvider" => PartnerKind::IndirectProvider,
            "indirectReseller" => PartnerKind::IndirectReseller,
            _ => PartnerKind::DirectBill,
        },
        id: entry.id,
        name: entry.name,
        mpn_id: entry.mpn_id,
        provider_id: entry.provider,
        account_kind: match entry.integration_sandbox {
            true => AccountKind::IntegrationSandbox,
            false => AccountKind::Production,
        },
        agreement_signed_at: entry.agreement_signed.then_some(at),
    }
}

fn customer(draw: &Draw<'_>, entry: CustomerEntry) -> Customer {
    let label = format!("customer {}", entry.domain);
    let tenant = draw.id(&format!("{label} tenant"));
    Customer {
        id: CustomerId(tenant),
        admin: draw.user(&label, format!("{}@{}", entry.admin, entry.domain), TenantId(tenant)),
        name: entry.name,
        country: entry.country,
        domain: entry.domain,
        partner_id: entry.partner,
        profile: CustomerProfile::default(),
        reseller_mpn: None,
        removed_at: None,
    }
}

fn offer((position, entry): (i64, OfferEntry)) -> Offer {
    Offer {
        id: entry.id,
        publisher_id: entry.publisher,
        name: entry.name,
        plans: entry.plans,
        position,
        revision: 1,
        selling: entry.selling,
    }
}

#[cfg(test)]
mod tests {
    use shared::entropy::SystemEntropy;

    use super::*;
    use crate::domain::{catalog::market_currency, money::Currency, term::TermUnit};

    fn world(sandbox: &str, seed: &str) -> World {
        World::believable(&sandbox.parse().unwrap(), seed, Timestamp::UNIX_EPOCH, &SystemEntropy)
            .unwrap()
    }

    #[test]
    fn the_catalogue_is_believable() {
        let world = world("default", "");
        assert_eq!(world.publishers.len(), 2);
        assert_eq!(world.customers.len(), 5);
        for kind in
            [PartnerKind::DirectBill, PartnerKind::IndirectProvider, PartnerKind::IndirectReseller]
        {
            assert!(world.partners.iter().any(|partner| partner.kind == kind), "{kind:?}");
        }
        for country in ["US", "KR", "DE"] {
            assert!(world.customers.iter().any(|customer| customer.country == country));
        }
        let plans: Vec<_> = world.offers.iter().flat_map(|offer| &offer.plans).collect();
        assert!(plans.iter().any(|plan| plan.seats.is_some()));
        assert!(plans.iter().any(|plan| plan.seats.is_none()));
        assert!(plans.iter().any(|plan| !plan.dimensions.is_empty()));
        assert!(plans.iter().any(|plan| plan.markets.len() < 3), "one is not sold everywhere");
        for term in [TermUnit::P1M, TermUnit::P1Y] {
            assert!(plans.iter().any(|p| p.prices.iter().any(|x| x.term == term.to_string())));
        }
    }

    #[test]
    fn every_plan_has_a_price_with_the_right_digits_in_each_of_its_markets() {
        for plan in world("default", "").offers.iter().flat_map(|offer| &offer.plans) {
            for market in &plan.markets {
                plan.price(market, None, None).unwrap();
                let currency = market_currency(market);
                let prices = plan.prices.iter().filter(|price| price.currency == currency.code());
                for price in prices {
                    assert!(price.unit_price.normalize().scale() <= currency.digits(), "{price:?}");
                }
            }
            for price in &plan.prices {
                price.currency.parse::<Currency>().unwrap();
            }
        }
    }

    #[test]
    fn a_seed_repeats_ids_never_secrets_and_never_across_sandboxes() {
        let (one, again, other) = (world("a", "7"), world("a", "7"), world("b", "7"));
        assert_eq!(one.publishers[0].app.client_id, again.publishers[0].app.client_id);
        assert_eq!(one.customers[0].id, again.customers[0].id);
        assert_ne!(one.publishers[0].app.client_id, other.publishers[0].app.client_id);
        assert_eq!(one.publishers[0].sign_in.client_id, again.publishers[0].sign_in.client_id);
        assert_ne!(one.publishers[0].sign_in.client_id, one.publishers[0].app.client_id);
        let secret = |world: &World| world.publishers[0].app.client_secret.expose().clone();
        assert_ne!(secret(&one), secret(&again));
    }
}
