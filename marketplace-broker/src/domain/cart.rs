//! Carts: what a partner wants to buy for a customer, judged line by line, until it is checked out (partner-center.md
//! 3.4). Called by the commands on carts and by check-out.

mod line;

use jiff::{SignedDuration, Timestamp};
use shared::ids::{CartId, CustomerId, OrderId, PartnerId};

pub use line::{Buyer, Judged, Line, Participant};

use super::{
    listing::{CatalogItemId, ProductId},
    money::Money,
    partner_refusal::PartnerRefusal,
    policy::{CartLife, SecondCheckout},
    refusal::Refusal,
};

/// Lines of a cart or an order at most.
pub const LINES_MAX: usize = 100;

/// A cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Its id.
    pub id: CartId,
    /// Whose.
    pub partner_id: PartnerId,
    /// For whom.
    pub customer_id: CustomerId,
    /// Whether the partner attested how it sells.
    pub attested: bool,
    /// Its lines.
    pub lines: Vec<CartLine>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub modified_at: Timestamp,
    /// Who changed it last.
    pub modified_by: String,
    /// From when on it cannot be checked out (P14).
    pub expires_at: Timestamp,
    /// What it became, by group, once it was checked out.
    pub ordered: Option<Vec<Outcome>>,
    /// Rises with each change; a write names the one it expects.
    pub version: i64,
}

/// A line with what the marketplace says to it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CartLine {
    /// As it was sent.
    pub asked: Line,
    /// What it costs, or what is wrong with it.
    pub verdict: Verdict,
}

/// What the marketplace says to a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It can be bought.
    Priced(Priced),
    /// It cannot (P12).
    Wrong(Fault),
}

/// What a line costs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Priced {
    /// ISO 4217.
    pub currency: String,
    /// Price of one, each billing cycle.
    pub unit_price: rust_decimal::Decimal,
    /// Price of all, each billing cycle.
    pub extended_price: rust_decimal::Decimal,
    /// Lines of one group become one order.
    pub group: String,
}

/// What is wrong with a line, in the classes that the real service has (3.4).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fault {
    /// The class.
    pub kind: FaultKind,
    /// What to change.
    pub reason: String,
}

/// Classes of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// Not the currency of the customer's market.
    Currency,
    /// Not in the catalogue, not for this customer's market, or not any more.
    CatalogItem,
    /// This partner names no participants.
    Participants,
    /// More than an integration sandbox may have.
    SandboxLimit,
    /// Another value is not right.
    Input,
    /// The partner did not attest how it sells.
    Attestation,
    /// More licenses than the SKU has.
    TooManySeats,
}

/// What a group of lines became at check-out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// An order.
    Ordered(OrderId),
    /// Nothing.
    Refused {
        /// The group.
        group: String,
        /// Why.
        obstacle: Obstacle,
    },
}

/// Why lines that were right when they were sent cannot be bought now.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Obstacle {
    /// The plan is sold no longer.
    Gone,
    /// Or no longer in the customer's country.
    NotInCountry(String),
    /// The offer has changed since: the availability is stale.
    Stale(String),
    /// This partner, or this customer, may not buy it.
    NotEligible(String),
}

impl Obstacle {
    /// The same as a refusal.
    #[must_use]
    pub fn refusal(&self) -> PartnerRefusal {
        match self {
            Self::Gone => PartnerRefusal::OfferGone,
            Self::NotInCountry(reason) => PartnerRefusal::NotInCountry(reason.clone()),
            Self::Stale(availability) => PartnerRefusal::NoAvailability(availability.clone()),
            Self::NotEligible(reason) => PartnerRefusal::NotEligible(reason.clone()),
        }
    }
}

impl Fault {
    /// The fault of a line that was refused.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        use PartnerRefusal as P;
        let kind = match refusal {
            Refusal::Partner(
                P::NoProduct(_) | P::NoSku(_) | P::NoAvailability(_) | P::NotInCountry(_),
            ) => FaultKind::CatalogItem,
            Refusal::Partner(P::WrongCurrency { .. }) => FaultKind::Currency,
            Refusal::Partner(P::NoResellerHere) => FaultKind::Participants,
            Refusal::Partner(P::TooManyLicenses(_)) => FaultKind::SandboxLimit,
            Refusal::Partner(P::NoAttestation) => FaultKind::Attestation,
            Refusal::Partner(P::OutsideLimits { quantity, max, .. }) if quantity > max => {
                FaultKind::TooManySeats
            }
            _ => FaultKind::Input,
        };
        Self { kind, reason: refusal.to_string() }
    }
}

/// How long a cart can be checked out (P11, P14).
#[must_use]
pub fn life(quirk: CartLife) -> SignedDuration {
    match quirk {
        CartLife::Week => SignedDuration::from_hours(7 * 24),
        CartLife::QuarterHour => SignedDuration::from_mins(15),
    }
}

/// Judged lines: what each costs, and with which others it becomes one order. An order is of one product and charged in
/// one cycle; groups are numbered as they come.
#[must_use]
pub fn judged(lines: Vec<(Line, Result<Judged<'_>, Refusal>)>) -> Vec<CartLine> {
    let mut groups: Vec<(ProductId, super::term::BillingCycle)> = Vec::new();
    let mut price = |judged: Judged<'_>| {
        let group = (ProductId::of(judged.offer), judged.price.billing_cycle);
        let place = groups.iter().position(|known| *known == group).unwrap_or_else(|| {
            groups.push(group);
            groups.len() - 1
        });
        Priced {
            currency: judged.price.currency.code().to_owned(),
            unit_price: judged.price.unit_price,
            extended_price: judged.extended.major(),
            group: place.to_string(),
        }
    };
    let lines = lines.into_iter().map(|(asked, verdict)| {
        let verdict = match verdict {
            Ok(judged) => Verdict::Priced(price(judged)),
            Err(refusal) => Verdict::Wrong(Fault::of(&refusal)),
        };
        CartLine { asked, verdict }
    });
    lines.collect()
}

impl CartLine {
    /// Its group, if it can be bought.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Priced(priced) => Some(&priced.group),
            Verdict::Wrong(_) => None,
        }
    }
}

impl Cart {
    /// Whether its lines may be replaced.
    pub fn may_change(&self, at: Timestamp) -> Result<(), PartnerRefusal> {
        match self.ordered {
            Some(_) => Err(PartnerRefusal::CartOrdered(self.id.to_string())),
            None => self.still_lives(at),
        }
    }

    /// What it became, if it was checked out before: the answer to a second check-out (P13, Q12).
    pub fn became(&self, rule: SecondCheckout) -> Result<Option<&[Outcome]>, PartnerRefusal> {
        match (&self.ordered, rule) {
            (None, _) => Ok(None),
            (Some(outcomes), SecondCheckout::Replay) => Ok(Some(outcomes)),
            (Some(_), SecondCheckout::Refuse) => {
                Err(PartnerRefusal::CartOrdered(self.id.to_string()))
            }
        }
    }

    /// Whether it may be checked out now: not expired, no line in error (P12, P14).
    pub fn may_check_out(&self, at: Timestamp) -> Result<(), PartnerRefusal> {
        self.still_lives(at)?;
        let wrong = self.lines.iter().filter_map(|line| match &line.verdict {
            Verdict::Wrong(fault) => Some(format!("line {}: {}", line.asked.number, fault.reason)),
            Verdict::Priced(_) => None,
        });
        let wrong: Vec<_> = wrong.take(3).collect();
        if wrong.is_empty() { Ok(()) } else { Err(PartnerRefusal::CartErrors(wrong.join("; "))) }
    }

    /// Its groups, in order.
    #[must_use]
    pub fn groups(&self) -> Vec<&str> {
        let mut groups = Vec::new();
        for group in self.lines.iter().filter_map(CartLine::group) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    fn still_lives(&self, at: Timestamp) -> Result<(), PartnerRefusal> {
        if at < self.expires_at {
            Ok(())
        } else {
            Err(PartnerRefusal::CartExpired(self.expires_at.to_string()))
        }
    }
}

/// What is in the way of a line that was refused at check-out, though it was right when it was sent: its plan is sold no
/// longer, or not there, or its offer has changed. `None`: it is not the offer.
#[must_use]
pub fn obstacle_of(item: &CatalogItemId, refusal: &Refusal) -> Option<Obstacle> {
    use PartnerRefusal as P;
    match refusal {
        Refusal::Partner(P::NoProduct(_) | P::NoSku(_)) => Some(Obstacle::Gone),
        Refusal::Partner(P::NotInCountry(reason)) => Some(Obstacle::NotInCountry(reason.clone())),
        Refusal::Partner(P::NoAvailability(_)) => {
            Some(Obstacle::Stale(item.availability.to_string()))
        }
        _ => None,
    }
}

/// The price of a line as a whole; `None` when it cannot be represented.
fn extended(price: &super::catalog::ChosenPrice, quantity: Option<i64>) -> Option<Money> {
    Money::of(price.unit_price, quantity.unwrap_or(1), price.currency)
}

#[cfg(test)]
mod tests;
