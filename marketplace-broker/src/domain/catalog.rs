//! The catalogue: offers and plans, and what may be bought. Called by purchase and the control API.

use rust_decimal::Decimal;
use shared::ids::{OfferId, PartnerId, PlanId, PublisherId};

use super::{
    money::Currency,
    policy::{StopSoldPlans, TermUnits},
    refusal::Refusal,
    term::{BillingCycle, TermUnit, sells},
};

/// An offer of a publisher.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// Whose it is.
    pub publisher_id: PublisherId,
    /// Its name.
    pub name: String,
    /// Its plans.
    pub plans: Vec<Plan>,
    /// Its place in the catalogue, from 0: the partner face names products by it ([`super::listing`]).
    pub position: i64,
    /// Rises when the offer changes: availability ids carry it.
    pub revision: i64,
    /// Who may buy it, and how often.
    pub selling: Selling,
}

/// Segments that offers are sold in (partner-center.md 3.3).
pub const SEGMENTS: [&str; 4] = ["commercial", "education", "government", "nonprofit"];

/// Who may buy an offer through a partner, and how often (partner-center.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Selling {
    /// Whether its publisher sells through partners at all.
    pub in_csp: bool,
    /// Partners that alone may buy it, though all see it; empty: everybody.
    pub exclusive_to: Vec<PartnerId>,
    /// Whether a customer may own it once only.
    pub one_per_customer: bool,
    /// Segments it is sold in; empty: `commercial` alone.
    pub segments: Vec<String>,
}

impl Selling {
    /// Whether it is sold in a segment.
    #[must_use]
    pub fn is_in(&self, segment: &str) -> bool {
        match self.segments.as_slice() {
            [] => segment == SEGMENTS[0],
            segments => segments.iter().any(|known| known == segment),
        }
    }
}

impl Offer {
    /// Whether it stands in a market's catalogue: in that of one segment, or of all.
    #[must_use]
    pub fn is_listed(&self, country: &str, segment: Option<&str>) -> bool {
        segment.is_none_or(|segment| self.selling.is_in(segment))
            && self.plans.iter().any(|plan| plan.is_listed(country))
    }
}

impl Default for Selling {
    fn default() -> Self {
        Self {
            in_csp: true,
            exclusive_to: Vec::new(),
            one_per_customer: false,
            segments: Vec::new(),
        }
    }
}

/// A plan of an offer.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// What a buyer reads.
    pub description: String,
    /// Whether only chosen buyers see it.
    pub is_private: bool,
    /// Whether a purchase is active, and billed, at once, without resolve and activate (F9).
    #[serde(default)]
    pub is_auto_activated: bool,
    /// Whether it is sold no more; who has it keeps it (fulfillment.md 1.7, `isStopSell`).
    #[serde(default)]
    pub is_stop_sold: bool,
    /// Licenses that may be bought; `None` for a flat rate.
    pub seats: Option<SeatRange>,
    /// Countries it is sold in.
    pub markets: Vec<String>,
    /// What is metered.
    pub dimensions: Vec<Dimension>,
    /// Its prices; the first one is the default.
    pub prices: Vec<Price>,
}

/// Fewest and most licenses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SeatRange {
    /// Fewest.
    pub min: i64,
    /// Most.
    pub max: i64,
}

/// Something a plan meters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dimension {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What one is called.
    pub unit: String,
    /// Price of one, in each currency of the plan.
    pub prices: Vec<(String, Decimal)>,
    /// Units a month that cost nothing.
    #[serde(default)]
    pub included: i64,
    /// Units a year that cost nothing, in terms of years; twelve times those of a month if absent.
    #[serde(default)]
    pub included_a_year: Option<i64>,
    /// Whether usage of it is taken.
    #[serde(default)]
    pub metering: Metering,
}

/// Whether a plan takes usage of a dimension (fulfillment.md 4.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Metering {
    /// What is used beyond the included units is reported and billed.
    #[default]
    Metered,
    /// Any number of units is included: no usage is taken.
    Unlimited,
    /// The offer knows the dimension, and this plan does not have it.
    Disabled,
}

impl Dimension {
    /// Units that cost nothing in a term of `unit`; `None`: any number.
    #[must_use]
    pub fn included_in(&self, unit: TermUnit) -> Option<i64> {
        if self.metering == Metering::Unlimited {
            return None;
        }
        let months = i64::from(unit.months());
        Some(match self.included_a_year {
            Some(a_year) if months >= 12 => a_year.saturating_mul(months) / 12,
            _ => self.included.saturating_mul(months),
        })
    }

    /// The price of one in `currency`.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Decimal> {
        let in_currency = |(code, _): &&(String, Decimal)| code == currency.code();
        self.prices.iter().find(in_currency).map(|(_, price)| *price)
    }
}

/// What a plan costs each billing cycle: per license, or for the whole of a flat rate.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Price {
    /// ISO 4217.
    pub currency: String,
    /// The term it is for.
    pub term: String,
    /// The cycle it is charged in.
    pub billing_cycle: String,
    /// The price.
    pub unit_price: Decimal,
}

/// A price that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChosenPrice {
    /// The currency of the market.
    pub currency: Currency,
    /// The term.
    pub term: TermUnit,
    /// The cycle.
    pub billing_cycle: BillingCycle,
    /// Price of one.
    pub unit_price: Decimal,
}

/// The currency a market buys in.
#[must_use]
pub fn market_currency(country: &str) -> Currency {
    match country {
        "KR" => Currency::Krw,
        "DE" => Currency::Eur,
        _ => Currency::Usd,
    }
}

impl Plan {
    /// Whether it stands in a market's catalogue: sold there, and to everybody.
    #[must_use]
    pub fn is_listed(&self, country: &str) -> bool {
        !self.is_private
            && !self.is_stop_sold
            && self.markets.iter().any(|market| market == country)
    }

    /// What it costs in a market.
    pub fn prices_in(&self, country: &str) -> impl Iterator<Item = &Price> {
        let currency = market_currency(country).code();
        self.prices.iter().filter(move |price| price.currency == currency)
    }

    /// The quantity to buy: `None` for a flat rate; within the plan's limits for a per-seat plan (section 2.9).
    pub fn quantity(&self, asked: Option<i64>) -> Result<Option<i64>, Refusal> {
        let Some(SeatRange { min, max }) = self.seats else {
            return match asked {
                None => Ok(None),
                Some(_) => Err(Refusal::field(
                    "quantity",
                    format!("plan {} has a flat rate; leave quantity out", self.id),
                )),
            };
        };
        let quantity = asked.unwrap_or(min);
        if (min..=max).contains(&quantity) {
            Ok(Some(quantity))
        } else {
            Err(Refusal::field(
                "quantity",
                format!("plan {} allows {min} to {max} licenses, not {quantity}", self.id),
            ))
        }
    }

    /// Whether a buyer in `country` who is on plan `current` may be on this one: its own always, others if they are
    /// sold there and are not private.
    #[must_use]
    pub fn is_available(&self, country: &str, current: &PlanId) -> bool {
        self.id == *current || self.is_listed(country)
    }

    /// Whether that buyer sees it: what is available, and what was until its sale was stopped.
    #[must_use]
    pub fn is_shown(&self, country: &str, current: &PlanId, rule: StopSoldPlans) -> bool {
        let stopped = self.is_stop_sold && rule == StopSoldPlans::Listed;
        let sold = self.markets.iter().any(|market| market == country);
        self.is_available(country, current) || (stopped && sold && !self.is_private)
    }

    /// What each term costs in `currency`, as a whole: at the price that is charged once a term where there is one,
    /// else at that of its cycles together.
    #[must_use]
    pub fn term_prices(&self, currency: Currency) -> Vec<(TermUnit, Decimal)> {
        let mut terms: Vec<(TermUnit, i32, Decimal)> = Vec::new();
        for price in self.prices.iter().filter(|price| price.currency == currency.code()) {
            let (Ok(term), Ok(cycle)) =
                (price.term.parse::<TermUnit>(), price.billing_cycle.parse::<BillingCycle>())
            else {
                continue;
            };
            let cycles = Decimal::from(term.months() / cycle.months());
            let whole = price.unit_price * cycles;
            match terms.iter_mut().find(|(known, ..)| *known == term) {
                Some((_, months, known)) if *months < cycle.months() => {
                    (*months, *known) = (cycle.months(), whole);
                }
                Some(_) => {}
                None => terms.push((term, cycle.months(), whole)),
            }
        }
        terms.into_iter().map(|(term, _, price)| (term, price)).collect()
    }

    /// The same with the prices of those terms alone that a sandbox sells, for a purchase that names no term; with all, if
    /// it sells none of them, so that the purchase is refused for its term.
    #[must_use]
    pub fn in_terms_of(&self, rule: TermUnits) -> Self {
        let sold = |price: &Price| price.term.parse().is_ok_and(|term| sells(rule, term));
        let mut plan = self.clone();
        if plan.prices.iter().any(sold) {
            plan.prices.retain(sold);
        }
        plan
    }

    /// The price for a customer in `country`; the first that fits where term or cycle are not given.
    pub fn price(
        &self,
        country: &str,
        term: Option<TermUnit>,
        billing_cycle: Option<BillingCycle>,
    ) -> Result<ChosenPrice, Refusal> {
        if self.is_stop_sold {
            let reason = format!("the sale of plan {} was stopped; choose another", self.id);
            return Err(Refusal::field("planId", reason));
        }
        if !self.markets.iter().any(|market| market == country) {
            return Err(Refusal::field(
                "planId",
                format!(
                    "plan {} is not sold in {country}; it is sold in {}",
                    self.id,
                    self.markets.join(", ")
                ),
            ));
        }
        let currency = market_currency(country);
        for price in self.prices.iter().filter(|price| price.currency == currency.code()) {
            let chosen = ChosenPrice {
                currency,
                term: price.term.parse()?,
                billing_cycle: price.billing_cycle.parse()?,
                unit_price: price.unit_price,
            };
            let fits = term.is_none_or(|term| term == chosen.term)
                && billing_cycle.is_none_or(|cycle| cycle == chosen.billing_cycle);
            if fits {
                return Ok(chosen);
            }
        }
        let offered = || self.prices.iter().filter(|price| price.currency == currency.code());
        let term_is_sold =
            offered().any(|price| term.is_none_or(|term| price.term == term.to_string()));
        let offered: Vec<_> =
            offered().map(|price| format!("{} {}", price.term, price.billing_cycle)).collect();
        let field = if term_is_sold { "billingCycle" } else { "term" };
        Err(Refusal::field(
            field,
            format!("plan {} is sold in {country} as: {}", self.id, offered.join(", ")),
        ))
    }
}
