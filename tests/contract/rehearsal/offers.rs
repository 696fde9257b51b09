//! POST …/offers: offers of one's own.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Db, World};

fn offer(id: &str) -> Value {
    json!({"publisherId": "fabrikam", "offerId": id, "name": "Fabrikam Tides", "plans": [
        {"planId": "basic", "name": "Basic", "description": "Tides of one port.", "minQuantity": 2, "maxQuantity": 9,
         "markets": ["US", "GB"],
         "prices": [{"currency": "USD", "term": "P1M", "billingCycle": "monthly", "unitPrice": 7.25}]},
        {"planId": "metered", "name": "Metered", "markets": ["DE"],
         "prices": [{"currency": "EUR", "term": "P1Y", "billingCycle": "annual", "unitPrice": 100}],
         "meteringDimensions": [{"id": "ports", "displayName": "Ports", "unitOfMeasure": "port", "included": 3,
            "prices": [{"currency": "EUR", "unitPrice": 0.5}]}]}]})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_offer_of_ones_own_is_bought_activated_and_billed(#[case] db: Db) {
    let world = World::new(db).await;
    let published =
        world.operator.post("/offers", &json!({"offers": [offer("tides")]})).await.is(200);
    let place = world.sandbox.offers.len() + 1;
    let product = format!("DZH9S{place:07}");
    let expected = json!({"offers": [
        {"offerId": "tides", "productId": product, "revision": 1, "added": true}]});
    assert_eq!(published.json(), expected);
    let sandbox = world.operator.get("").await.is(200);
    let listed = sandbox.at(&format!("/offers/{}", place - 1));
    assert_eq!(listed["offerId"], "tides", "{listed}");
    assert_eq!(listed["plans"][0]["minQuantity"], 2, "{listed}");
    assert_eq!(listed["plans"][1]["meteringDimensions"][0]["id"], "ports", "{listed}");

    let bought = world.buy_as(&json!({"offerId": "tides", "planId": "basic", "quantity": 3})).await;
    let people = crate::support::people(3);
    world.other_publisher.assign(&bought.id, &people).await.is(200);
    world.other_publisher.activate(&bought.id).await.is(200);
    let charges = world.operator.charges(&bought.id).await;
    assert_eq!(charges[0]["subtotal"], json!(21.75), "{charges:?}");

    // A new version: a price more, a plan more.
    let mut changed = offer("tides");
    changed["name"] = "Fabrikam Tides 2".into();
    changed["plans"][0]["prices"][0]["unitPrice"] = json!(8);
    let mut more = changed["plans"][0].clone();
    more["planId"] = "more".into();
    changed["plans"].as_array_mut().unwrap().push(more);
    let again = world.operator.post("/offers", &json!({"offers": [changed, offer("waves")]})).await;
    let again = again.is(200);
    assert_eq!(again.at("/offers/0/productId"), product.as_str(), "{again}");
    assert_eq!(again.at("/offers/0/revision"), 2, "{again}");
    assert_eq!(again.at("/offers/0/added"), false, "{again}");
    assert_eq!(again.at("/offers/1/added"), true, "{again}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/state"), "Subscribed", "what was sold stays as it is: {truth}");
    let plans = world.other_publisher.plans(&bought.id).await.is(200);
    assert_eq!(plans.at("/plans").as_array().unwrap().len(), 2, "{plans}");
    let events = world.operator.events("offersPublished").await;
    assert_eq!(events[1]["data"], json!({"added": 1, "replaced": 1}), "{events:?}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn offers_that_are_published_at_once_get_places_of_their_own(#[case] db: Db) {
    let world = World::new(db).await;
    let mut calls = JoinSet::new();
    for number in 0..12 {
        let operator = world.operator.clone();
        // One is of all calls, the others of one each.
        let offers = json!([offer("shared"), offer(&format!("o{number}"))]);
        calls.spawn(async move { operator.post("/offers", &json!({"offers": offers})).await });
    }
    let answers = calls.join_all().await.into_iter().map(|answer| answer.is(200));
    let published: Vec<_> =
        answers.flat_map(|answer| [answer.at("/offers/0"), answer.at("/offers/1")]).collect();
    let all = |member: &str| -> BTreeSet<String> {
        published.iter().map(|offer| offer[member].to_string()).collect()
    };
    assert_eq!(all("productId").len(), 13, "{published:?}");
    assert_eq!(all("revision").len(), 12, "the shared one, version by version: {published:?}");
    let added = published.iter().filter(|offer| offer["added"] == true);
    assert_eq!(added.count(), 13, "{published:?}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_wrong_with_an_offer_is_named_and_none_is_taken(#[case] db: Db) {
    let world = World::new(db).await;
    let before = world.operator.get("").await.is(200).json();
    let set = |pointer: &str, value: Value| {
        let mut offer = offer("tides");
        *offer.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        json!({"offers": [self::offer("sound"), offer]})
    };
    for (pointer, value, field) in [
        ("/publisherId", json!("nobody"), "offers[1].publisherId"),
        ("/publisherId", json!("no body"), "offers[1].publisherId"),
        ("/offerId", json!("a b"), "offers[1].offerId"),
        ("/offerId", json!("sound"), "offers[1].offerId"),
        ("/offerId", json!("contoso-desk"), "offers[1].publisherId"),
        ("/name", json!(""), "offers[1].name"),
        ("/name", json!("a\u{7}"), "offers[1].name"),
        ("/plans", json!([]), "offers[1].plans"),
        ("/plans/1/planId", json!("basic"), "offers[1].plans"),
        ("/plans/0/planId", json!(""), "offers[1].plans[0].planId"),
        ("/plans/0/maxQuantity", json!(1), "offers[1].plans[0].minQuantity"),
        ("/plans/0/maxQuantity", Value::Null, "offers[1].plans[0].maxQuantity"),
        ("/plans/0/markets/1", json!("XX"), "offers[1].plans[0].markets[1]"),
        ("/plans/0/markets/1", json!("US"), "offers[1].plans[0].markets"),
        ("/plans/0/markets/1", json!("KR"), "offers[1].plans[0].markets"),
        ("/plans/0/prices/0/currency", json!("GBP"), "offers[1].plans[0].prices[0].currency"),
        ("/plans/0/prices/0/term", json!("P2M"), "offers[1].plans[0].prices[0].term"),
        (
            "/plans/0/prices/0/billingCycle",
            json!("annual"),
            "offers[1].plans[0].prices[0].billingCycle",
        ),
        ("/plans/0/prices/0/unitPrice", json!(-1), "offers[1].plans[0].prices[0].unitPrice"),
        ("/plans/0/prices/0/unitPrice", json!("7"), "offers[1].plans[0].prices[0].unitPrice"),
        (
            "/plans/1/meteringDimensions/0/prices",
            json!([]),
            "offers[1].plans[1].meteringDimensions[0].prices",
        ),
        (
            "/plans/1/meteringDimensions/0/included",
            json!(-1),
            "offers[1].plans[1].meteringDimensions[0].included",
        ),
        ("/plans/1/name", Value::Null, "offers[1].plans[1].name"),
    ] {
        let refused = world.operator.post("/offers", &set(pointer, value)).await;
        refused.problem(400, Some(field));
    }
    for selling in [
        json!({"exclusiveTo": ["nobody"]}),
        json!({"segments": ["schools"]}),
        json!({"segments": ["education", "education"]}),
        json!({"oncePerCustomer": true}),
    ] {
        let mut offer = offer("tides");
        offer["selling"] = selling;
        world.operator.post("/offers", &json!({"offers": [offer]})).await.is(400);
    }
    let many: Vec<_> = (0..1_001)
        .map(|number| {
            json!({"publisherId": "contoso", "offerId": format!("o{number}"),
        "name": "O", "plans": []})
        })
        .collect();
    for offers in [json!([]), json!(many)] {
        world
            .operator
            .post("/offers", &json!({"offers": offers}))
            .await
            .problem(400, Some("offers"));
    }
    assert_eq!(world.operator.get("").await.is(200).json(), before, "none was taken");

    // What was published stays at its place.
    world.operator.post("/offers", &json!({"offers": [offer("tides")]})).await.is(200);
    for (change, field) in [
        (json!({"planId": "renamed"}), "offers[0].plans[0]"),
        (json!({"planId": "metered"}), "offers[0].plans"),
    ] {
        let mut offer = offer("tides");
        offer["plans"][0]["planId"] = change["planId"].clone();
        let refused = world.operator.post("/offers", &json!({"offers": [offer]})).await;
        refused.problem(400, Some(field));
    }
    let mut dropped = offer("tides");
    dropped["plans"][1]["meteringDimensions"] = json!([]);
    let refused = world.operator.post("/offers", &json!({"offers": [dropped]})).await;
    refused.problem(400, Some("offers[0].plans[1].meteringDimensions"));
}
