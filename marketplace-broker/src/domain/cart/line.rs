//! One line of a cart or an order, and whether it can be bought as it was sent (partner-center.md 3.4, 3.5). Called by carts,
//! check-out and direct orders.

use std::collections::BTreeMap;

use super::{
    super::{
        amendment::check_nickname,
        catalog::{ChosenPrice, Offer, Plan, SeatRange},
        listing::CatalogItemId,
        money::Money,
        order,
        partner_refusal::PartnerRefusal,
        party::{Customer, Partner, PartnerKind},
        policy::TermUnits,
        purchase::Wish,
        refusal::Refusal,
        subscription::SoldBy,
        term::{BillingCycle, TermUnit, require_sold},
    },
    extended,
};

/// Resellers besides the first one.
const ADDITIONAL_MAX: usize = 5;
/// Members of `provisioningContext`, and characters of each name and value.
const CONTEXT_MAX: usize = 50;
const CONTEXT_TEXT_MAX: usize = 500;
/// Where a purchase may name more than one reseller: the European Union and EFTA (2.2).
const EUROPE: [&str; 31] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// A line, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Line {
    /// As the client numbers it.
    pub number: i64,
    /// The catalog item: `product:sku:availability`.
    pub item: String,
    /// What the partner calls it.
    pub nickname: Option<String>,
    /// Licenses; 1 for a flat rate.
    pub quantity: i64,
    /// How often it is charged.
    pub billing_cycle: String,
    /// For how long.
    pub term: Option<String>,
    /// ISO 4217, if it was sent.
    #[serde(default)]
    pub currency: Option<String>,
    /// Resellers.
    pub participants: Vec<Participant>,
    /// What the client knows it by; kept and given back.
    pub context: BTreeMap<String, String>,
    /// The term it would renew to; of trials, which no offer has here. Kept and given back.
    pub renews_to: Option<String>,
}

/// Who else takes part in a purchase.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Participant {
    /// `transaction_reseller`, …
    pub key: String,
    /// A Microsoft Partner Network id.
    pub value: String,
}

/// Who buys, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Buyer<'a> {
    /// Who buys.
    pub partner: &'a Partner,
    /// For whom.
    pub customer: &'a Customer,
    /// Whether the partner attested how it sells.
    pub attested: bool,
    /// Which terms the sandbox sells.
    pub terms: TermUnits,
}

/// A line that can be bought.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Its offer.
    pub offer: &'a Offer,
    /// Its plan.
    pub plan: &'a Plan,
    /// What it costs.
    pub price: ChosenPrice,
    /// What all of it costs, each cycle.
    pub extended: Money,
    /// What is bought.
    pub wish: Wish,
}

impl Participant {
    /// The reseller that a purchase is made through.
    #[must_use]
    pub fn reseller(mpn: String) -> Self {
        Self { key: RESELLER.to_owned(), value: mpn }
    }
}

const RESELLER: &str = "transaction_reseller";
const ADDITIONAL: &str = "additional_transaction_reseller";

impl Line {
    /// The product, SKU and availability that it names.
    pub fn item_id(&self) -> Result<CatalogItemId, Refusal> {
        if self.item.is_empty() {
            let reason = "send product:sku:availability, the catalogItemId of an availability";
            return Err(Refusal::field("catalogItemId", reason));
        }
        self.item.parse()
    }

    /// The reseller it is sold through.
    #[must_use]
    pub fn reseller(&self) -> Option<&str> {
        let first = self.participants.iter().find(|participant| participant.key == RESELLER);
        first.map(|participant| participant.value.as_str())
    }

    /// Whether it can be bought as it was sent; `offer` is the one it names, if there is one.
    pub fn judge<'a>(
        &self,
        buyer: &Buyer<'_>,
        offer: Option<&'a Offer>,
    ) -> Result<Judged<'a>, Refusal> {
        let item = self.item_id()?;
        let unknown = || Refusal::from(PartnerRefusal::NoProduct(item.product.to_string()));
        let offer = offer.ok_or_else(unknown)?;
        let country = &buyer.customer.country;
        let plan = item.sku.plan(offer)?;
        if plan.is_private || plan.is_stop_sold {
            return Err(PartnerRefusal::NoSku(item.sku.to_string()).into());
        }
        if !plan.markets.iter().any(|market| market == country) {
            let sold = match plan.markets.as_slice() {
                [] => "nowhere now".to_owned(),
                markets => format!("in {}", markets.join(", ")),
            };
            let reason = format!("SKU {} is not sold in {country}: it is sold {sold}", item.sku);
            return Err(PartnerRefusal::NotInCountry(reason).into());
        }
        item.check_availability(offer, country)?;
        let price = self.price(plan, buyer)?;
        self.check_currency(&price)?;
        let quantity = self.quantity(plan, buyer.partner)?;
        let extended = extended(&price, quantity).ok_or_else(|| {
            Refusal::field("quantity", "the charge would be too large to be represented")
        })?;
        self.check_texts()?;
        self.check_participants(buyer)?;
        let wish = Wish {
            quantity,
            term: Some(price.term),
            billing_cycle: Some(price.billing_cycle),
            auto_renew: true,
            sold_by: SoldBy::Partner,
            nickname: self.nickname.clone(),
            reseller_mpn: self.reseller().map(str::to_owned),
            order_line: 0,
        };
        Ok(Judged { offer, plan, price, extended, wish })
    }

    /// A purchase is in the currency of the customer's market, whether it is named or not (2.4).
    fn check_currency(&self, price: &ChosenPrice) -> Result<(), PartnerRefusal> {
        let market = price.currency.code();
        match self.currency.as_deref() {
            Some(sent) if !sent.eq_ignore_ascii_case(market) => {
                Err(PartnerRefusal::WrongCurrency { sent: start_of(sent), market })
            }
            _ => Ok(()),
        }
    }

    fn price(&self, plan: &Plan, buyer: &Buyer<'_>) -> Result<ChosenPrice, Refusal> {
        let term = self.term.as_deref().ok_or_else(|| {
            Refusal::field("termDuration", "send one of the SKU's terms, such as P1M or P1Y")
        })?;
        let term: TermUnit = term.to_ascii_uppercase().parse().map_err(as_term)?;
        require_sold(buyer.terms, term).map_err(as_term)?;
        let cycle: BillingCycle = self.billing_cycle.parse()?;
        plan.price(&buyer.customer.country, Some(term), Some(cycle)).map_err(as_term)
    }

    /// Licenses to buy: a flat rate is bought once (2.9).
    fn quantity(&self, plan: &Plan, partner: &Partner) -> Result<Option<i64>, Refusal> {
        let SeatRange { min, max } = plan.seats.unwrap_or(SeatRange { min: 1, max: 1 });
        let quantity = self.quantity;
        if !(min..=max).contains(&quantity) {
            return Err(PartnerRefusal::OutsideLimits { quantity, min, max }.into());
        }
        order::has_licenses(partner, quantity)?;
        Ok(plan.seats.map(|_| quantity))
    }

    fn check_texts(&self) -> Result<(), Refusal> {
        if let Some(nickname) = &self.nickname {
            check_nickname(nickname)?;
        }
        if let Some(term) = &self.renews_to {
            let known = term.to_ascii_uppercase().parse::<TermUnit>();
            known.map_err(|_| {
                Refusal::field("renewsTo", format!("{:?} is no term", start_of(term)))
            })?;
        }
        let too_long = |text: &String| text.chars().count() > CONTEXT_TEXT_MAX;
        let long = self.context.iter().any(|(name, value)| too_long(name) || too_long(value));
        if self.context.len() > CONTEXT_MAX || long {
            let reason =
                format!("{CONTEXT_MAX} members of {CONTEXT_TEXT_MAX} characters each at most");
            return Err(Refusal::field("provisioningContext", reason));
        }
        Ok(())
    }

    /// Only an indirect provider names resellers, and attests that it sells through them (2.2).
    fn check_participants(&self, buyer: &Buyer<'_>) -> Result<(), Refusal> {
        if self.participants.is_empty() {
            return Ok(());
        }
        if buyer.partner.kind != PartnerKind::IndirectProvider {
            return Err(PartnerRefusal::NoResellerHere.into());
        }
        let named = |key| self.participants.iter().filter(move |named| named.key == key).count();
        let (first, additional) = (named(RESELLER), named(ADDITIONAL));
        let wrong = |reason: String| Err(Refusal::field("participants", reason));
        if first + additional != self.participants.len() {
            return wrong(format!("a purchase of SaaS takes the keys {RESELLER} and {ADDITIONAL}"));
        }
        if first != 1 {
            return wrong(format!("name one {RESELLER}"));
        }
        if additional > ADDITIONAL_MAX {
            return wrong(format!("{ADDITIONAL_MAX} of {ADDITIONAL} at most"));
        }
        if additional > 0 && !EUROPE.contains(&buyer.customer.country.as_str()) {
            return wrong(format!("{ADDITIONAL} is for customers in the EU and EFTA"));
        }
        if !buyer.attested {
            return Err(PartnerRefusal::NoAttestation.into());
        }
        Ok(())
    }
}

/// The member is called otherwise here.
fn as_term(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Field { field, reason } if field == "term" => {
            Refusal::field("termDuration", reason)
        }
        other => other,
    }
}

/// The start of a text, for people.
fn start_of(text: &str) -> String {
    text.chars().take(60).collect()
}
