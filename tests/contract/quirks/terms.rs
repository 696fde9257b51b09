//! Terms and what is sold: renewal after a short month, stop-sold plans, two changes in one, custom terms, private offers.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db, World,
    foreign_app::Stage,
    world::{own, seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q84_f01_a_clamped_day_stays_or_is_restored(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let terms = async |months: usize| {
        let mut purchase = own(seats(2));
        purchase["term"] = json!("P1M");
        let bought = world.buy_as(&purchase).await;
        world.start_billing(&bought).await;
        let mut days = Vec::new();
        for _ in 0..months {
            let term = world.publisher.subscription(&bought.id).await.is(200).at("/term");
            let day = |name: &str| term[name].as_str().unwrap()[..10].to_owned();
            days.push((day("startDate"), day("endDate")));
            let truth = world.operator.truth(&bought.id).await;
            assert_eq!(truth.text_at("/term/endDate")[..10], day("endDate"), "{truth}");
            world.operator.act(&bought.id, &json!({"action": "renew"})).await.is(202);
        }
        days
    };
    let days = |days: &[(&str, &str)]| -> Vec<(String, String)> {
        days.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
    };
    let stays =
        [("2027-01-31", "2027-02-27"), ("2027-02-28", "2027-03-27"), ("2027-03-28", "2027-04-27")];
    assert_eq!(terms(3).await, days(&stays));
    world.operator.set_quirk("renewal_day", "first_start").await;
    let restored = [
        ("2027-01-31", "2027-02-27"),
        ("2027-02-28", "2027-03-30"),
        ("2027-03-31", "2027-04-29"),
        ("2027-04-30", "2027-05-30"),
    ];
    assert_eq!(terms(4).await, days(&restored));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q84_f01_the_timer_of_a_restored_day_rings_at_its_end(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    world.operator.set_quirk("renewal_day", "first_start").await;
    let mut purchase = own(seats(2));
    purchase["term"] = json!("P1M");
    let bought = world.buy_as(&purchase).await;
    world.start_billing(&bought).await;
    for begins in ["2027-02-28", "2027-03-31", "2027-04-30"] {
        let to = json!({"to": format!("{begins}T00:00:00Z"), "settle": 0});
        world.operator.advance(&to).await.is(200);
        let term = world.publisher.subscription(&bought.id).await.is(200).at("/term/startDate");
        assert_eq!(term, format!("{begins}T00:00:00Z"));
    }
}

/// An offer with a plan for each thing that a publisher can do to one.
fn offer() -> Value {
    let price =
        json!([{"currency": "USD", "term": "P1M", "billingCycle": "monthly", "unitPrice": 5}]);
    let plan = |id: &str| json!({"planId": id, "name": id, "markets": ["US"], "minQuantity": 1, "maxQuantity": 9, "prices": price});
    let mut plans = ["open", "old", "secret"].map(plan);
    plans[2]["isPrivate"] = json!(true);
    json!({"publisherId": "contoso", "offerId": "tools", "name": "Tools", "plans": plans})
}

async fn publish(world: &World, offer: &Value) -> Answer {
    world.operator.post("/offers", &json!({"offers": [offer]})).await.is(200)
}

fn ids(plans: &Answer) -> Vec<String> {
    let plans = plans.at("/plans");
    let ids = plans.as_array().unwrap().iter().map(|plan| plan["planId"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q85_c31_a_plan_whose_sale_was_stopped_is_listed_or_not(#[case] db: Db) {
    let world = World::new(db).await;
    let mut offer = offer();
    publish(&world, &offer).await;
    let wish = |plan: &str| own(json!({"offerId": "tools", "planId": plan, "quantity": 2}));
    let on_old = world.buy_as(&wish("old")).await;
    let on_open = world.buy_as(&wish("open")).await;
    for bought in [&on_old, &on_open] {
        world.publisher.activate(&bought.id).await.is(200);
    }
    offer["plans"][1]["isStopSold"] = json!(true);
    publish(&world, &offer).await;
    let plans = async |id: &str| world.publisher.plans(id).await.is(200);
    let listed = plans(&on_open.id).await;
    assert_eq!(ids(&listed), ["open", "old"], "{listed}");
    assert_eq!(listed.at("/plans/0/isStopSell"), false, "{listed}");
    assert_eq!(listed.at("/plans/1/isStopSell"), true, "{listed}");
    world.operator.set_quirk("stop_sold_plans", "missing").await;
    assert_eq!(ids(&plans(&on_open.id).await), ["open"]);
    assert_eq!(ids(&plans(&on_old.id).await), ["open", "old"], "its own stays");
    // Nobody comes to it any more, and who is there stays and may grow.
    let refused = world.operator.purchase(&wish("old")).await.problem(400, Some("planId"));
    assert!(refused.text.contains("stopped"), "{refused}");
    let refused = world.publisher.change(&on_open.id, &json!({"planId": "old"})).await;
    refused.detail(400, Some("update"), "BadRequest");
    world.publisher.change(&on_old.id, &json!({"quantity": 3})).await.is(202);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q86_c36_plan_and_quantity_are_refused_or_changed_together(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let app = &stage.world.publisher;
    let both = |plan: &str, quantity: i64| json!({"planId": plan, "quantity": quantity});
    app.change(&stage.id, &both("gold", 25)).await.is(400);
    stage.world.operator.set_quirk("plan_and_quantity", "together").await;
    for (plan, quantity) in [("gold", 0), ("gold", 1_000_000_000), ("silver", 25), ("nowhere", 25)]
    {
        app.change(&stage.id, &both(plan, quantity)).await.is(400);
    }
    let started = app.change(&stage.id, &both("gold", 25)).await.is(202);
    let operation = started.header("operation-id");
    let shown = stage.operation(operation).await;
    let seen = (shown.at("/action"), shown.at("/planId"), shown.at("/quantity"));
    assert_eq!(seen, (json!("ChangePlan"), json!("gold"), json!(25)), "{shown}");
    stage.move_on("PT2S").await;
    stage.delivery_is(operation, "acknowledged").await;
    let hook = stage.app.hook_of(operation).await.json();
    assert_eq!((&hook["planId"], &hook["quantity"]), (&json!("gold"), &json!(25)), "{hook}");
    stage.move_on("PT10S").await;
    stage.is(operation, "Succeeded", "gold").await;
    assert_eq!(stage.subscription().await.at("/quantity"), 25);
    // One of the two alone as ever.
    app.change(&stage.id, &json!({"quantity": 26})).await.is(202);
    // The control API knows its own rule: one at a time.
    let action = json!({"action": "changePlan", "planId": "silver", "quantity": 3});
    stage.world.operator.act(&stage.id, &action).await.is(400);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q87_terms_are_six_or_four_or_custom_too(#[case] db: Db) {
    let world = World::new(db).await;
    let mut offer = offer();
    let price = |term: &str| json!({"currency": "USD", "term": term, "billingCycle": "monthly", "unitPrice": 5});
    offer["plans"][0]["prices"] = json!(["P1M", "P3Y", "P5Y", "P18M"].map(price));
    let published = publish(&world, &offer).await;
    let buy = async |term: &str| {
        let wish = json!({"offerId": "tools", "planId": "open", "quantity": 2, "term": term});
        world.operator.purchase(&own(wish)).await
    };
    let anchor = buy("P1M").await.is(201).text_at("/subscriptionId");
    let listed = async || {
        let plans = world.publisher.plans(&anchor).await.is(200);
        let terms = plans.at("/plans/0/planComponents/recurrentBillingTerms");
        let units = terms.as_array().unwrap().iter().map(|term| term["termUnit"].clone());
        units.collect::<Vec<_>>()
    };
    for (value, sold) in [
        ("six", &["P1M", "P3Y", "P5Y"][..]),
        ("four", &["P1M", "P3Y"]),
        ("custom", &["P1M", "P3Y", "P5Y", "P18M"]),
    ] {
        world.operator.set_quirk("term_units", value).await;
        assert_eq!(listed().await, sold, "{value}");
        for term in ["P1M", "P3Y", "P5Y", "P18M"] {
            let answer = buy(term).await;
            if sold.contains(&term) {
                answer.is(201);
            } else {
                let refused = answer.problem(400, Some("term"));
                assert!(refused.text.contains("term_units"), "{refused}");
            }
        }
    }
    // The partner's side sells the same: what is not sold has no term there, and a line with it is told in its cart.
    let shop = world.provider().await;
    let product = published.text_at("/offers/0/productId");
    let path = format!("/products/{product}/skus/0001/availabilities");
    for (value, sold) in
        [("six", &["P1M", "P3Y", "P5Y"][..]), ("custom", &["P1M", "P3Y", "P5Y", "P18M"])]
    {
        world.operator.set_quirk("term_units", value).await;
        let availability = shop.get(&path).await.is(200).at("/items/0");
        let terms = availability["terms"].as_array().unwrap().iter();
        assert_eq!(terms.map(|term| term["duration"].clone()).collect::<Vec<_>>(), sold, "{value}");
        let line = json!({
            "id": 0, "catalogItemId": availability["catalogItemId"], "quantity": 2,
            "billingCycle": "monthly", "termDuration": "P18M",
        });
        let cart = shop.fill(&[line]).await.is(201);
        let error = if value == "six" { json!(10_010) } else { Value::Null };
        assert_eq!(cart.at("/lineItems/0/error/errorCode"), error, "{value}: {cart}");
    }
    // A purchase that names no term takes the first that is sold.
    world.operator.set_quirk("term_units", "four").await;
    offer["plans"][0]["prices"] = json!(["P5Y", "P1Y", "P18M", "P1M"].map(price));
    publish(&world, &offer).await;
    let unnamed = own(json!({"offerId": "tools", "planId": "open", "quantity": 2}));
    let bought = world.buy_as(&unnamed).await;
    assert_eq!(world.publisher.subscription(&bought.id).await.is(200).at("/term/termUnit"), "P1Y");
    offer["plans"][0]["prices"] = json!(["P1M", "P3Y", "P5Y", "P18M"].map(price));
    publish(&world, &offer).await;
    world.operator.set_quirk("term_units", "custom").await;
    let odd = buy("P18M").await.is(201).text_at("/subscriptionId");
    world.publisher.assign(&odd, &crate::support::people(2)).await.is(200);
    world.publisher.activate(&odd).await.is(200);
    let term = world.publisher.subscription(&odd).await.is(200).at("/term");
    let expected = json!({"startDate": "2027-01-31T00:00:00Z", "endDate": "2028-07-30T00:00:00Z", "termUnit": "P18M"});
    assert_eq!(term, expected);
    // A year's cycle does not fit into a year and a half.
    offer["plans"][0]["prices"][3]["billingCycle"] = json!("annual");
    let refused = world.operator.post("/offers", &json!({"offers": [offer]})).await;
    refused.problem(400, Some("offers[0].plans[0].prices[3].billingCycle"));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q89_the_private_offer_of_a_plan_is_told_or_not(#[case] db: Db) {
    let world = World::new(db).await;
    publish(&world, &offer()).await;
    let buy = async |plan: &str| {
        let wish = own(json!({"offerId": "tools", "planId": plan, "quantity": 2}));
        world.buy_as(&wish).await.id
    };
    let (secret, open) = (buy("secret").await, buy("open").await);
    let asked = async |id: &str, plan: &str| {
        let path = format!("/{id}/listAvailablePlans");
        let call = world.publisher.call(Method::GET, &path).query(&[("planId", plan)]);
        call.ask().await.is(200)
    };
    assert_eq!(asked(&secret, "secret").await.at("/plans/0/sourceOffers"), Value::Null);
    world.operator.set_quirk("source_offers", "private_plans").await;
    let told = asked(&secret, "secret").await;
    let id = told.text_at("/plans/0/sourceOffers/0/externalId");
    assert_eq!(id.len(), 36, "{told}");
    assert_eq!(asked(&secret, "secret").await.text_at("/plans/0/sourceOffers/0/externalId"), id);
    for answer in [asked(&open, "open").await, world.publisher.plans(&secret).await.is(200)] {
        assert!(!answer.text.contains("sourceOffers"), "{answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q90_f09_a_new_plan_activates_by_itself_or_not(#[case] db: Db) {
    let world = World::new(db).await;
    let mut offer = offer();
    let state = async |plan: &str| {
        let wish = own(json!({"offerId": "tools", "planId": plan, "quantity": 2}));
        let bought = world.buy_as(&wish).await;
        world.publisher.subscription(&bought.id).await.is(200).text_at("/saasSubscriptionStatus")
    };
    publish(&world, &offer).await;
    assert_eq!(state("open").await, "PendingFulfillmentStart");
    world.operator.set_quirk("auto_activation", "on").await;
    let mut more = offer["plans"][0].clone();
    for (id, word) in [("silent", None), ("never", Some(false))] {
        more["planId"] = json!(id);
        if let Some(word) = word {
            more["isAutoActivated"] = json!(word);
        }
        offer["plans"].as_array_mut().unwrap().push(more.clone());
    }
    offer["plans"][1]["isAutoActivated"] = json!(true);
    publish(&world, &offer).await;
    assert_eq!(state("open").await, "PendingFulfillmentStart", "as it was");
    assert_eq!(state("old").await, "Subscribed", "published again with it");
    assert_eq!(state("silent").await, "Subscribed", "new");
    assert_eq!(state("never").await, "PendingFulfillmentStart", "new, and says so");
    world.operator.set_quirk("auto_activation", "off").await;
    more.as_object_mut().unwrap().remove("isAutoActivated");
    more["planId"] = json!("late");
    offer["plans"].as_array_mut().unwrap().push(more);
    publish(&world, &offer).await;
    assert_eq!(state("late").await, "PendingFulfillmentStart");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q91_a_term_without_included_units_has_an_empty_list_or_none(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let terms = async |plan: &str| {
        let plans = world.publisher.plans(&id).await.is(200).at("/plans");
        let found = plans.as_array().unwrap().iter().find(|one| one["planId"] == plan).cloned();
        found.unwrap()["planComponents"]["recurrentBillingTerms"][0].clone()
    };
    let (metered, flat) = (terms("metered").await, terms("standard").await);
    assert_eq!(metered["meteredQuantityIncluded"][0]["dimensionId"], "gigabytes", "{metered}");
    assert_eq!(flat["meteredQuantityIncluded"], json!([]), "{flat}");
    world.operator.set_quirk("no_included_units", "absent").await;
    assert_eq!(terms("metered").await, metered);
    let bare = terms("standard").await;
    assert!(bare.get("meteredQuantityIncluded").is_none(), "{bare}");
    assert_eq!(bare["termUnit"], flat["termUnit"], "{bare}");
}
