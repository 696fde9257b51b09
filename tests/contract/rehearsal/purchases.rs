//! POST …/purchases: somebody buys.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Ask, Db, World,
    world::{flat, seats},
};

/// The purchase with one member set.
fn with(mut purchase: Value, member: &str, value: impl Into<Value>) -> Value {
    purchase[member] = value.into();
    purchase
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_purchase_answers_link_and_code_and_waits_for_both_keys(#[case] db: Db) {
    let world = World::new(db).await;
    let answer = world.operator.purchase(&seats(2)).await.is(201);
    let members: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        ["activationLink", "authorizationCode", "orderId", "subscriptionId", "tokenExpiresAt"]
    );
    let id = answer.text_at("/subscriptionId");
    let truth = world.operator.truth(&id).await;
    assert_eq!(truth.at("/orderId"), answer.at("/orderId"), "{truth}");
    assert_eq!(truth.at("/state"), "PendingFulfillmentStart", "{truth}");
    assert_eq!(truth.at("/soldBy"), "partner", "{truth}");
    assert_eq!(truth.at("/attentionNeeded"), true, "{truth}");
    assert_eq!(truth.at("/mustFinishBy"), "2027-03-02T09:00:00.000000Z", "{truth}");
    let waiting = truth.at("/waitingFor");
    assert_eq!(waiting[0]["confirmation"], "licensesAssigned", "{truth}");
    assert_eq!(waiting[1]["confirmation"], "fulfillmentConfirmed", "{truth}");
    let call = waiting[1]["call"].as_str().unwrap();
    assert_eq!(call, format!("POST /api/saas/subscriptions/{id}/activate?api-version=2018-08-31"));
    assert!(waiting[0]["words"].as_str().unwrap().contains('2'), "{truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_left_out_is_chosen_and_what_is_given_is_taken(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_as(&json!({"offerId": "contoso-desk", "planId": "gold"})).await;
    let chosen = world.operator.truth(&bought.id).await;
    assert_eq!(chosen.at("/quantity"), 2, "the plan's minimum: {chosen}");
    assert_eq!(chosen.at("/term/unit"), "P1M", "{chosen}");
    assert_eq!(chosen.at("/term/billingCycle"), "monthly", "{chosen}");
    assert_eq!(chosen.at("/term/autoRenew"), true, "{chosen}");
    let korean = world.sandbox.customers.iter().find(|one| one.country == "KR").unwrap();
    let given = json!({"offerId": "contoso-desk", "planId": "gold", "quantity": 1000, "term": "P1Y",
        "billingCycle": "monthly", "autoRenew": false, "soldBy": "customer",
        "customerId": korean.customer_id});
    let bought = world.buy_as(&given).await;
    let taken = world.operator.truth(&bought.id).await;
    assert_eq!(taken.at("/quantity"), 1000, "{taken}");
    assert_eq!(taken.at("/term/unit"), "P1Y", "{taken}");
    assert_eq!(taken.at("/term/billingCycle"), "monthly", "{taken}");
    assert_eq!(taken.at("/term/autoRenew"), false, "{taken}");
    assert_eq!(taken.at("/soldBy"), "customer", "{taken}");
    assert_eq!(taken.at("/customerId"), korean.customer_id.as_str(), "{taken}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_purchase_that_cannot_be_names_field_and_reason(#[case] db: Db) {
    let world = World::new(db).await;
    let in_country = |country: &str| {
        let found = world.sandbox.customers.iter().find(|one| one.country == country);
        found.expect("a customer there").customer_id.clone()
    };
    let district = json!({"offerId": "contoso-desk", "planId": "district", "quantity": 1});
    for (purchase, field, reason) in [
        (seats(0), "quantity", "1 to 500"),
        (seats(-1), "quantity", "1 to 500"),
        (seats(501), "quantity", "1 to 500"),
        (seats(i64::MAX), "quantity", "1 to 500"),
        (with(flat(), "quantity", 1), "quantity", "flat rate"),
        (with(seats(1), "quantity", 1.5), "quantity", ""),
        (with(seats(1), "quantity", "2"), "quantity", ""),
        (with(seats(1), "quantity", json!([2])), "quantity", ""),
        (with(seats(1), "offerId", "nothing"), "offerId", "nothing"),
        (with(seats(1), "offerId", "no offer"), "offerId", "no offer"),
        (with(seats(1), "offerId", 7), "offerId", ""),
        (with(seats(1), "planId", "bronze"), "planId", "silver"),
        (with(seats(1), "planId", ""), "planId", ""),
        (with(seats(1), "term", "P1W"), "term", "P1M"),
        (with(seats(1), "term", "P3Y"), "term", "P1M"),
        (with(seats(1), "billingCycle", "weekly"), "billingCycle", "monthly"),
        (with(with(seats(1), "term", "P1M"), "billingCycle", "annual"), "billingCycle", "P1M"),
        (with(seats(1), "customerId", "no-guid"), "customerId", "no-guid"),
        (with(seats(1), "customerId", "00000000-0000-0000-0000-000000000000"), "customerId", ""),
        (with(seats(1), "soldBy", "nobody"), "soldBy", "partner"),
        (with(seats(1), "autoRenew", "yes"), "autoRenew", ""),
        (with(district, "customerId", in_country("KR")), "planId", "KR"),
    ] {
        let refused = world.operator.purchase(&purchase).await.problem(400, Some(field));
        let said = refused.text_at("/errors/0/reason");
        assert!(said.contains(reason), "{purchase}: {refused}");
    }
    for missing in ["offerId", "planId"] {
        let mut purchase = seats(1);
        purchase.as_object_mut().unwrap().remove(missing);
        let refused = world.operator.purchase(&purchase).await.is(400);
        assert!(refused.text_at("/detail").contains(missing), "{refused}");
    }
    let unknown = world.operator.purchase(&with(seats(1), "quantitty", 1)).await.is(400);
    assert!(unknown.text_at("/detail").contains("quantitty"), "{unknown}");
    let call = || world.operator.call(Method::POST, "/purchases");
    call().body("").ask().await.problem(400, Some("body"));
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    let bought = world.operator.journal().await;
    let count = bought.iter().filter(|entry| entry["name"] == "purchased").count();
    assert_eq!(count, 0, "nothing was bought: {bought:?}");
    let clock = world.operator.get("/clock").await.is(200);
    assert!(clock.at("/nextEvent").is_null(), "and no timer was set: {clock}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_list_in_place_of_an_object_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let list = world.operator.purchase(&json!(["contoso-archive", "standard"])).await;
    list.problem(400, Some("body"));
    let journal = world.operator.journal().await;
    assert!(journal.iter().all(|entry| entry["name"] != "purchased"), "{journal:?}");
}
