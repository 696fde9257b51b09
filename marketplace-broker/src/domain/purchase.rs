//! A purchase: from an offer, a customer and a wish to a subscription that waits for its keys. Called by the
//! purchase command, check-out and orders.

use jiff::{SignedDuration, Timestamp};
use shared::{
    ids::{OrderId, SubscriptionId},
    purchase_token,
};

use super::{
    activation::Gate,
    catalog::{Offer, Plan},
    money::Money,
    party::{Customer, User},
    policy::TokenLife,
    refusal::Refusal,
    subscription::{SoldBy, Status, Subscription},
    term::{BillingCycle, TermUnit},
};

/// What a buyer wishes. What is left out is chosen by the plan.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Licenses.
    pub quantity: Option<i64>,
    /// The term.
    pub term: Option<TermUnit>,
    /// The billing cycle.
    pub billing_cycle: Option<BillingCycle>,
    /// Whether it renews.
    pub auto_renew: bool,
    /// Who buys.
    pub sold_by: SoldBy,
    /// What the partner calls it.
    pub nickname: Option<String>,
    /// The indirect reseller, by its Microsoft Partner Network id.
    pub reseller_mpn: Option<String>,
    /// The line of its order, from 0.
    pub order_line: i64,
}

/// How long a purchase token resolves from its issue on (C12; an hour in the docs of 2018-19).
#[must_use]
pub fn token_life(quirk: TokenLife) -> SignedDuration {
    match quirk {
        TokenLife::Day => purchase_token::LIFETIME,
        TokenLife::Hour => SignedDuration::from_hours(1),
    }
}

/// Buys `plan` of `offer` for `customer`; `buyer` is the user of the partner who does, unless the customer itself does. Refuses a quantity outside the plan's limits, a plan not sold in the
/// customer's market, and a term or cycle it is not sold for.
pub fn buy(
    (id, order_id): (SubscriptionId, OrderId),
    (offer, plan): (&Offer, &Plan),
    (customer, buyer): (&Customer, &User),
    wish: &Wish,
    at: Timestamp,
) -> Result<Subscription, Refusal> {
    let price = plan.price(&customer.country, wish.term, wish.billing_cycle)?;
    let quantity = plan.quantity(wish.quantity)?;
    if Money::of(price.unit_price, quantity.unwrap_or(1), price.currency).is_none() {
        return Err(Refusal::field("quantity", "the charge would be too large to be represented"));
    }
    let purchaser = match wish.sold_by {
        SoldBy::Partner => buyer.clone(),
        SoldBy::Customer => customer.admin.clone(),
    };
    Ok(Subscription {
        id,
        order_id,
        publisher_id: offer.publisher_id.clone(),
        offer_id: offer.id.clone(),
        plan_id: plan.id.clone(),
        name: format!("{} {} for {}", offer.name, plan.name, customer.name),
        customer_id: customer.id,
        beneficiary: customer.admin.clone(),
        purchaser,
        sold_by: wish.sold_by,
        quantity,
        term: price.term,
        billing_cycle: price.billing_cycle,
        unit_price: price.unit_price,
        currency: price.currency,
        auto_renew_off_since: (!wish.auto_renew).then_some(at),
        purchased_at: at,
        status: Status::PendingFulfillmentStart,
        gate: Gate::Shut,
        term_start: None,
        licenses_assigned: 0,
        payment_fails_since: None,
        order_line: wish.order_line,
        nickname: wish.nickname.clone(),
        reseller_mpn: wish.reseller_mpn.clone(),
        cancel_scheduled_at: None,
        anchor_day: None,
        modified_at: at,
        version: 1,
    })
}
