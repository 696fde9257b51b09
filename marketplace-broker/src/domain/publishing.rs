//! What an offer must be to be published, and what a new version of one must keep. Called by the command that publishes
//! offers.
//!
//! A SKU's id is a plan's place in its offer ([`super::listing`]), and subscriptions name plans and dimensions: so what
//! was published stays at its place. A plan is withdrawn by making it private or by taking its markets away, a dimension
//! by disabling it.

use std::collections::HashSet;

use rust_decimal::Decimal;
use shared::ids::PartnerId;

use super::{
    catalog::{Dimension, Offer, Plan, Price, SEGMENTS, market_currency},
    country::is_country,
    money::Currency,
    refusal::Refusal,
    term::{BillingCycle, TermUnit},
};

/// Offers of one call at most.
pub const OFFERS_AT_ONCE_MAX: usize = 1_000;
/// Offers of a sandbox at most: what seven digits of a product's id can name.
pub const OFFERS_MAX: i64 = 1_000_000;
/// Plans of an offer at most.
pub const PLANS_MAX: usize = 100;
/// Dimensions of a plan at most (fulfillment.md 4).
pub const DIMENSIONS_MAX: usize = 30;
/// Prices of a plan or dimension at most.
const PRICES_MAX: usize = 100;
/// Licenses of a plan at most.
const SEATS_MAX: i64 = 10_000_000;
/// Characters of a name at most.
const NAME_MAX: usize = 200;
/// Characters of a description at most.
const DESCRIPTION_MAX: usize = 3_000;

/// Where something stands in what was sent: `offers[3].plans[0]`.
#[derive(Debug, Clone)]
struct Place(String);

impl Place {
    fn member(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    fn item(&self, name: &str, at: usize) -> Self {
        Self(format!("{}.{name}[{at}]", self.0))
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::field(self.0.clone(), reason))
    }

    /// Refuses what is not `true`.
    fn hold(&self, holds: bool, reason: &str) -> Result<(), Refusal> {
        if holds { Ok(()) } else { self.refuse(reason) }
    }
}

/// Checks an offer that stands at `at` of what was sent. `partners`: those of the sandbox.
pub fn check_offer(at: usize, offer: &Offer, partners: &[PartnerId]) -> Result<(), Refusal> {
    let place = Place(format!("offers[{at}]"));
    check_text(&place.member("name"), &offer.name, NAME_MAX)?;
    let plans = place.member("plans");
    plans.hold(!offer.plans.is_empty(), "an offer has a plan at least")?;
    plans.hold(offer.plans.len() <= PLANS_MAX, "an offer has 100 plans at most")?;
    no_twice(&plans, offer.plans.iter().map(|plan| plan.id.as_str()))?;
    for (at, plan) in offer.plans.iter().enumerate() {
        check_plan(&place.item("plans", at), plan)?;
    }
    let selling = place.member("selling");
    let segments = &offer.selling.segments;
    for (at, segment) in segments.iter().enumerate() {
        let known = SEGMENTS.contains(&segment.as_str());
        let reason = "send commercial, education, government or nonprofit";
        selling.item("segments", at).hold(known, reason)?;
    }
    no_twice(&selling.member("segments"), segments.iter().map(String::as_str))?;
    for (at, partner) in offer.selling.exclusive_to.iter().enumerate() {
        let reason = "there is no such partner in this sandbox";
        selling.item("exclusiveTo", at).hold(partners.contains(partner), reason)?;
    }
    Ok(())
}

/// Checks that a new version keeps what was published.
pub fn check_version(at: usize, old: &Offer, new: &Offer) -> Result<(), Refusal> {
    let place = Place(format!("offers[{at}]"));
    let same = old.publisher_id == new.publisher_id;
    place.member("publisherId").hold(same, "the offer is another publisher's")?;
    for (at, plan) in old.plans.iter().enumerate() {
        let place = place.item("plans", at);
        let Some(kept) = new.plans.get(at).filter(|kept| kept.id == plan.id) else {
            return place.refuse(format!(
                "plan {} was published at this place and stays there: SKUs are named by it; make it private or take \
                 its markets away",
                plan.id
            ));
        };
        let kept_dimension = |id: &str| kept.dimensions.iter().any(|kept| kept.id == id);
        if let Some(gone) = plan.dimensions.iter().find(|gone| !kept_dimension(&gone.id)) {
            let reason = format!("dimension {} was published and stays: disable it", gone.id);
            return place.member("meteringDimensions").refuse(reason);
        }
    }
    Ok(())
}

fn check_text(place: &Place, text: &str, max: usize) -> Result<(), Refusal> {
    place.hold(!text.trim().is_empty(), "send some text")?;
    check_length(place, text, max)
}

fn check_length(place: &Place, text: &str, max: usize) -> Result<(), Refusal> {
    place.hold(text.chars().count() <= max, &format!("{max} characters at most"))?;
    place.hold(!text.chars().any(char::is_control), "leave control characters out")
}

fn no_twice<'a>(place: &Place, ids: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let mut known = HashSet::new();
    for id in ids {
        if !known.insert(id) {
            return place.refuse(format!("{id} stands here twice: send it once"));
        }
    }
    Ok(())
}

fn check_plan(place: &Place, plan: &Plan) -> Result<(), Refusal> {
    check_text(&place.member("name"), &plan.name, NAME_MAX)?;
    check_length(&place.member("description"), &plan.description, DESCRIPTION_MAX)?;
    if let Some(seats) = plan.seats {
        let sound = 1 <= seats.min && seats.min <= seats.max && seats.max <= SEATS_MAX;
        let reason = "licenses: 1 <= minQuantity <= maxQuantity <= 10000000";
        place.member("minQuantity").hold(sound, reason)?;
    }
    let markets = place.member("markets");
    for (at, market) in plan.markets.iter().enumerate() {
        let reason = "send two letters such as US";
        place.item("markets", at).hold(is_country(market), reason)?;
    }
    no_twice(&markets, plan.markets.iter().map(String::as_str))?;
    check_prices(place, &plan.prices)?;
    for market in &plan.markets {
        let currency = market_currency(market).code();
        let priced = plan.prices.iter().any(|price| price.currency == currency);
        let reason = format!("{market} buys in {currency}: send a price in it, or leave it out");
        markets.hold(priced, &reason)?;
    }
    let dimensions = place.member("meteringDimensions");
    let few = plan.dimensions.len() <= DIMENSIONS_MAX;
    dimensions.hold(few, "a plan has 30 dimensions at most")?;
    no_twice(&dimensions, plan.dimensions.iter().map(|dimension| dimension.id.as_str()))?;
    for (at, dimension) in plan.dimensions.iter().enumerate() {
        check_dimension(&place.item("meteringDimensions", at), dimension, plan)?;
    }
    Ok(())
}

fn check_prices(place: &Place, prices: &[Price]) -> Result<(), Refusal> {
    place.member("prices").hold(prices.len() <= PRICES_MAX, "100 prices at most")?;
    let mut known = HashSet::new();
    for (at, price) in prices.iter().enumerate() {
        let place = place.item("prices", at);
        check_currency(&place, &price.currency)?;
        let reason = "send P1M, P1Y, P18M, P2Y, P3Y, P4Y or P5Y";
        let Ok(term) = price.term.parse::<TermUnit>() else {
            return place.member("term").refuse(reason);
        };
        let cycle = place.member("billingCycle");
        let Ok(read) = price.billing_cycle.parse::<BillingCycle>() else {
            return cycle.refuse("send monthly or annual");
        };
        cycle.hold(read.months() <= term.months(), "the cycle is longer than the term")?;
        let whole = term.months() % read.months() == 0;
        cycle.hold(whole, "the term is no whole number of cycles: send monthly")?;
        check_amount(&place.member("unitPrice"), price.unit_price)?;
        let which = (&price.currency, term.months(), read.months());
        place.hold(known.insert(which), "this currency, term and cycle stand here twice")?;
    }
    Ok(())
}

fn check_currency(place: &Place, currency: &str) -> Result<(), Refusal> {
    let known = currency.parse::<Currency>().is_ok();
    place.member("currency").hold(known, "send USD, EUR or KRW")
}

/// Not negative, and small enough that a million licenses can be summed up.
fn check_amount(place: &Place, amount: Decimal) -> Result<(), Refusal> {
    let sound = !amount.is_sign_negative()
        && amount <= Decimal::from(1_000_000_000_u32)
        && amount.scale() <= 10;
    place.hold(sound, "send 0 to 1000000000, with ten digits after the point at most")
}

fn check_dimension(place: &Place, dimension: &Dimension, plan: &Plan) -> Result<(), Refusal> {
    check_text(&place.member("id"), &dimension.id, 50)?;
    check_text(&place.member("displayName"), &dimension.name, NAME_MAX)?;
    check_text(&place.member("unitOfMeasure"), &dimension.unit, NAME_MAX)?;
    let included = place.member("included");
    included.hold(dimension.included >= 0, "send 0 or more")?;
    let a_year = dimension.included_a_year.is_none_or(|units| units >= 0);
    place.member("includedAYear").hold(a_year, "send 0 or more")?;
    let prices = place.member("prices");
    prices.hold(dimension.prices.len() <= PRICES_MAX, "100 prices at most")?;
    for (at, (currency, amount)) in dimension.prices.iter().enumerate() {
        let place = place.item("prices", at);
        check_currency(&place, currency)?;
        check_amount(&place.member("unitPrice"), *amount)?;
    }
    no_twice(&prices, dimension.prices.iter().map(|(currency, _)| currency.as_str()))?;
    for market in &plan.markets {
        let currency = market_currency(market);
        let reason = format!("{market} buys in {currency}: send what a unit costs in it");
        prices.hold(dimension.price(currency).is_some(), &reason)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{catalog::SeatRange, change::tests::offer};

    /// An offer that is sold in the United States alone.
    fn sound() -> Offer {
        let mut offer = offer();
        offer.plans.truncate(2);
        for plan in &mut offer.plans {
            plan.markets = vec!["US".to_owned()];
        }
        offer
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Offer)) -> String {
        let mut offer = sound();
        change(&mut offer);
        match check_offer(2, &offer, &["bluestem".parse().unwrap()]) {
            Err(Refusal::Field { field, .. }) => field.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        check_offer(0, &sound(), &[]).unwrap();
        assert_eq!(refused(|o| o.name.clear()), "offers[2].name");
        assert_eq!(refused(|o| o.plans.clear()), "offers[2].plans");
        assert_eq!(refused(|o| o.plans[1].id = o.plans[0].id.clone()), "offers[2].plans");
        assert_eq!(
            refused(|o| o.plans[0].markets = vec!["us".into()]),
            "offers[2].plans[0].markets[0]"
        );
        assert_eq!(refused(|o| o.plans[0].prices.clear()), "offers[2].plans[0].markets");
        let seats = |min, max| Some(SeatRange { min, max });
        assert_eq!(refused(|o| o.plans[0].seats = seats(5, 4)), "offers[2].plans[0].minQuantity");
        assert_eq!(refused(|o| o.plans[0].seats = seats(0, 4)), "offers[2].plans[0].minQuantity");
        let price = |change: fn(&mut Price)| refused(|o| change(&mut o.plans[0].prices[0]));
        assert_eq!(price(|p| p.currency = "GBP".into()), "offers[2].plans[0].prices[0].currency");
        assert_eq!(price(|p| p.term = "P1W".into()), "offers[2].plans[0].prices[0].term");
        let cycle = "offers[2].plans[0].prices[0].billingCycle";
        assert_eq!(price(|p| p.billing_cycle = "weekly".into()), cycle);
        assert_eq!(price(|p| p.billing_cycle = "annual".into()), cycle);
        let amount = "offers[2].plans[0].prices[0].unitPrice";
        assert_eq!(price(|p| p.unit_price = Decimal::NEGATIVE_ONE), amount);
        let selling = |field: &str| format!("offers[2].selling.{field}");
        assert_eq!(refused(|o| o.selling.segments = vec!["all".into()]), selling("segments[0]"));
        let nobody = || vec!["nobody".parse().unwrap()];
        assert_eq!(refused(|o| o.selling.exclusive_to = nobody()), selling("exclusiveTo[0]"));
    }

    #[test]
    fn a_new_version_keeps_what_was_published() {
        let old = sound();
        let check = |change: fn(&mut Offer)| {
            let mut new = sound();
            change(&mut new);
            check_version(0, &old, &new)
        };
        check(|_| {}).unwrap();
        check(|o| o.plans[0].is_private = true).unwrap();
        check(|o| o.plans.push(Plan { id: "new".parse().unwrap(), ..o.plans[0].clone() })).unwrap();
        check(|o| o.plans.swap(0, 1)).unwrap_err();
        check(|o| drop(o.plans.pop())).unwrap_err();
        check(|o| o.publisher_id = "another".parse().unwrap()).unwrap_err();
    }
}
