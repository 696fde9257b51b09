//! The catalogue: offers and plans, and what may be bought. Called by purchase and the control API.

use rust_decimal::Decimal;
use shared::ids::{OfferId, PlanId, PublisherId};

use super::{
    money::Currency,
    refusal::Refusal,
    term::{BillingCycle, TermUnit},
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

    /// The price for a customer in `country`; the first that fits where term or cycle are not given.
    pub fn price(
        &self,
        country: &str,
        term: Option<TermUnit>,
        billing_cycle: Option<BillingCycle>,
    ) -> Result<ChosenPrice, Refusal> {
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
