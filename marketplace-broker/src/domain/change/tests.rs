//! What may be changed to what, with worked examples.

use rust_decimal::Decimal;
use shared::ids::{CustomerId, SubscriptionId, TenantId};
use uuid::Uuid;

use super::*;
use crate::domain::{
    activation::Gate,
    catalog::{Price, Selling},
    money::Currency,
    party::User,
    subscription::{SoldBy, Status},
    term::{BillingCycle, TermUnit},
};

fn plan(id: &str, seats: Option<(i64, i64)>, price: &str) -> Plan {
    Plan {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        description: String::new(),
        is_private: false,
        is_auto_activated: false,
        is_stop_sold: false,
        seats: seats.map(|(min, max)| SeatRange { min, max }),
        markets: vec!["US".to_owned()],
        dimensions: Vec::new(),
        prices: vec![Price {
            currency: "USD".to_owned(),
            term: "P1M".to_owned(),
            billing_cycle: "monthly".to_owned(),
            unit_price: price.parse().unwrap(),
        }],
    }
}

pub(crate) fn offer() -> Offer {
    let annual = Price { term: "P1Y".to_owned(), ..plan("x", None, "9").prices.remove(0) };
    Offer {
        id: "desk".parse().unwrap(),
        publisher_id: "contoso".parse().unwrap(),
        name: "Desk".to_owned(),
        position: 0,
        revision: 1,
        selling: Selling::default(),
        plans: vec![
            plan("silver", Some((1, 500)), "20"),
            plan("gold", Some((2, 10)), "36.50"),
            plan("flat", None, "149"),
            Plan { is_private: true, ..plan("secret", None, "1") },
            Plan { markets: vec!["KR".to_owned()], ..plan("korean", None, "1") },
            Plan { prices: vec![annual], ..plan("yearly", None, "1") },
            plan("huge", Some((1, 500)), "99999999999999999"),
        ],
    }
}

fn on(plan: &str, quantity: Option<i64>) -> Subscription {
    let user = User {
        email: String::new(),
        object_id: Uuid::nil(),
        tenant_id: TenantId(Uuid::nil()),
        puid: String::new(),
    };
    Subscription {
        id: SubscriptionId(Uuid::nil()),
        order_id: "order".parse().unwrap(),
        publisher_id: "contoso".parse().unwrap(),
        offer_id: "desk".parse().unwrap(),
        plan_id: plan.parse().unwrap(),
        name: "Desk".to_owned(),
        customer_id: CustomerId(Uuid::nil()),
        beneficiary: user.clone(),
        purchaser: user,
        sold_by: SoldBy::Customer,
        quantity,
        term: TermUnit::P1M,
        billing_cycle: BillingCycle::Monthly,
        unit_price: "20".parse().unwrap(),
        currency: Currency::Usd,
        auto_renew_off_since: None,
        purchased_at: jiff::Timestamp::UNIX_EPOCH,
        status: Status::Subscribed,
        gate: Gate::Shut,
        term_start: None,
        licenses_assigned: 0,
        payment_fails_since: None,
        order_line: 0,
        nickname: None,
        reseller_mpn: None,
        cancel_scheduled_at: None,
        anchor_day: None,
        modified_at: jiff::Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn to_plan(from: &Subscription, id: &str) -> Result<(Option<i64>, Decimal), Refusal> {
    let target = target(from, &Wish::Plan(id.parse().unwrap()), &offer(), "US")?;
    assert_eq!(target.plan_id.as_str(), id);
    Ok((target.quantity, target.unit_price))
}

fn to_quantity(from: &Subscription, quantity: i64) -> Result<Target, Refusal> {
    target(from, &Wish::Quantity(quantity), &offer(), "US")
}

/// The number of licenses goes along; the price is the new plan's.
#[test]
fn another_plan_takes_the_licenses_along() {
    let price = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(to_plan(&on("silver", Some(5)), "gold"), Ok((Some(5), price("36.50"))));
    assert_eq!(to_plan(&on("silver", Some(5)), "flat"), Ok((None, price("149"))));
    assert_eq!(to_plan(&on("flat", None), "gold"), Ok((Some(2), price("36.50"))));
}

#[test]
fn plans_that_cannot_be_changed_to() {
    let five = on("silver", Some(5));
    for unseen in ["nope", "secret", "korean"] {
        let refused = to_plan(&five, unseen).unwrap_err();
        assert_eq!(refused, Refusal::NotInCatalog("silver, gold, flat, yearly, huge".to_owned()));
    }
    for (from, to) in [
        (on("silver", Some(5)), "silver"),
        (on("silver", Some(11)), "gold"),
        (on("silver", Some(1)), "gold"),
        (on("silver", Some(5)), "yearly"),
        (on("silver", Some(5)), "huge"),
    ] {
        let refused = to_plan(&from, to).unwrap_err();
        assert!(matches!(refused, Refusal::Impossible { .. }), "{to}: {refused:?}");
    }
}

#[test]
fn quantities_within_the_plans_limits_and_no_others() {
    let five = on("gold", Some(5));
    assert_eq!(to_quantity(&five, 10).unwrap().quantity, Some(10));
    assert_eq!(to_quantity(&five, 2).unwrap().quantity, Some(2));
    for wrong in [5, 1, 11, 0, -3, i64::MAX, i64::MIN] {
        assert!(matches!(to_quantity(&five, wrong), Err(Refusal::Impossible { .. })), "{wrong}");
    }
    assert!(matches!(to_quantity(&on("flat", None), 3), Err(Refusal::Impossible { .. })));
}

#[test]
fn exactly_one_of_the_two() {
    let gold = || Some("gold".parse().unwrap());
    assert_eq!(Wish::of(gold(), None), Ok(Wish::Plan("gold".parse().unwrap())));
    assert_eq!(Wish::of(None, Some(3)), Ok(Wish::Quantity(3)));
    assert_eq!(Wish::of(None, None), Err(Refusal::NothingAsked));
    assert!(matches!(Wish::of(gold(), Some(3)), Err(Refusal::Impossible { .. })));
}
