//! GET /api/saas/subscriptions/{subscriptionId}/listAvailablePlans: what a subscription may change to.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db, World,
    world::{flat, seats},
};

/// The plans' ids, in order.
fn ids(answer: &Answer) -> Vec<String> {
    let plans = answer.at("/plans");
    let ids = plans.as_array().expect("a list").iter().map(|plan| plan["planId"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

/// The plan with this id.
#[track_caller]
fn plan(answer: &Answer, id: &str) -> Value {
    let plans = answer.at("/plans");
    let found = plans.as_array().expect("a list").iter().find(|plan| plan["planId"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {answer}")).clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c31_plans_of_a_per_seat_offer_have_limits_and_prices_of_the_market(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let answer = world.publisher.plans(&bought.id).await.is(200);
    let members: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["plans"], "{answer}");
    assert_eq!(ids(&answer), ["silver", "gold", "district"], "its own plan too: {answer}");
    for (id, name, min, max) in
        [("silver", "Silver", 1, 500), ("gold", "Gold", 2, 1000), ("district", "District", 1, 5000)]
    {
        let plan = plan(&answer, id);
        assert_eq!(plan["displayName"], name, "{plan}");
        assert_eq!(plan["isPrivate"], false, "{plan}");
        assert!(!plan["description"].as_str().unwrap().is_empty(), "{plan}");
        assert_eq!(plan["hasFreeTrials"], false, "{plan}");
        assert_eq!(plan["isPricePerSeat"], true, "{plan}");
        assert_eq!(plan["isStopSell"], false, "{plan}");
        assert_eq!(plan["market"], "US", "{plan}");
        assert_eq!(plan["minQuantity"], min, "{plan}");
        assert_eq!(plan["maxQuantity"], max, "{plan}");
        assert_eq!(plan["planComponents"]["meteringDimensions"], json!([]), "{plan}");
        let terms = plan["planComponents"]["recurrentBillingTerms"].as_array().unwrap();
        assert!(terms.iter().all(|term| term["currency"] == "USD"), "{plan}");
        assert!(terms.iter().any(|term| term["termUnit"] == "P1Y"), "{plan}");
    }
    let silver = plan(&answer, "silver");
    let terms = silver["planComponents"]["recurrentBillingTerms"].as_array().unwrap();
    let monthly = terms.iter().find(|term| term["termUnit"] == "P1M").expect("a month");
    assert_eq!(monthly["price"].as_f64(), Some(20.0), "{silver}");
    assert!(!monthly["termDescription"].as_str().unwrap().is_empty(), "{silver}");
    assert!(!answer.text.contains("null"), "members are left out, never null: {answer}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c31_plans_at_a_flat_rate_have_no_limits_and_included_units_are_text(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let answer = world.publisher.plans(&bought.id).await.is(200);
    for id in ["standard", "metered", "instant"] {
        let plan = plan(&answer, id);
        assert_eq!(plan["isPricePerSeat"], false, "{plan}");
        assert!(plan.get("minQuantity").is_none(), "{plan}");
        assert!(plan.get("maxQuantity").is_none(), "{plan}");
    }
    let metered = plan(&answer, "metered");
    let dimension = &metered["planComponents"]["meteringDimensions"][0];
    assert_eq!(dimension["id"], "gigabytes", "{metered}");
    assert_eq!(dimension["currency"], "USD", "{metered}");
    assert_eq!(dimension["pricePerUnit"].as_f64(), Some(0.12), "{metered}");
    assert_eq!(dimension["unitOfMeasure"], "GB", "{metered}");
    assert_eq!(dimension["displayName"], "Archived gigabytes", "{metered}");
    let terms = metered["planComponents"]["recurrentBillingTerms"].as_array().unwrap();
    for term in terms {
        let included = term["meteredQuantityIncluded"].as_array().unwrap();
        assert_eq!(included[0]["dimensionId"], "gigabytes", "{metered}");
        let units = included[0]["units"].as_str().expect("included units are text");
        assert!(units.parse::<u32>().is_ok(), "{metered}");
    }
    assert!(!terms.is_empty(), "{metered}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c31_a_buyer_sees_the_plans_and_prices_of_its_country(#[case] db: Db) {
    let world = World::new(db).await;
    for (country, currency, price) in [("KR", "KRW", 24_000.0), ("DE", "EUR", 18.5)] {
        let customer = world.sandbox.customers.iter().find(|one| one.country == country);
        let mut purchase = seats(1);
        purchase["customerId"] = customer.expect("a customer there").customer_id.as_str().into();
        let bought = world.buy_as(&purchase).await;
        let answer = world.publisher.plans(&bought.id).await.is(200);
        assert_eq!(ids(&answer), ["silver", "gold"], "District is sold in the US only: {answer}");
        let silver = plan(&answer, "silver");
        assert_eq!(silver["market"], country, "{silver}");
        let terms = silver["planComponents"]["recurrentBillingTerms"].as_array().unwrap();
        assert!(terms.iter().all(|term| term["currency"] == currency), "{silver}");
        let monthly = terms.iter().find(|term| term["termUnit"] == "P1M").expect("a month");
        assert_eq!(monthly["price"].as_f64(), Some(price), "{silver}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c31_the_plans_are_there_in_every_status(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy(2).await;
    let first = world.publisher.plans(&bought.id).await.is(200).json();
    world.start_billing(&bought).await;
    let subscribed = world.publisher.plans(&bought.id).await.is(200).json();
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    let suspended = world.publisher.plans(&bought.id).await.is(200).json();
    world.operator.unsubscribe(&bought.id).await.is(202);
    let ended = world.publisher.plans(&bought.id).await.is(200).json();
    assert_eq!([&subscribed, &suspended, &ended], [&first; 3]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c32_an_unknown_plan_gives_an_empty_list_and_a_known_one_that_plan(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_as(&flat()).await;
    let asked = async |plan: &str| {
        let call = world.publisher.call(Method::GET, &format!("/{}/listAvailablePlans", bought.id));
        call.query(&[("planId", plan)]).ask().await.is(200)
    };
    for unknown in ["bronze", "silver", "__proto__", "../standard", "\u{0}", "플랜"] {
        let answer = asked(unknown).await;
        assert_eq!(answer.json(), json!({"plans": []}), "{unknown:?}: {answer}");
    }
    let all = world.publisher.plans(&bought.id).await.is(200);
    for known in ["standard", "metered"] {
        let answer = asked(known).await;
        assert_eq!(answer.json(), json!({"plans": [plan(&all, known)]}), "{answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn plans_of_an_unknown_subscription_are_not_found_and_foreign_ones_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid"] {
        let refused = world.publisher.plans(unknown).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    world.other_publisher.plans(&bought.id).await.forbidden();
    let (_, stranger) = world.another_sandbox("elsewhere").await;
    let refused = stranger.plans(&bought.id).await;
    refused.detail(404, Some("subscriptionId"), "EntityNotFound");
}
