//! PATCH /api/saas/subscriptions/{subscriptionId}: the publisher asks for another plan or quantity.

use reqwest::{Method, header::HOST};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db, World,
    world::{flat, own, seats},
};

/// E3 with nothing but a message (fulfillment.md 1.1).
#[track_caller]
fn message_only(answer: Answer) -> String {
    let refused = answer.is(400);
    let members: Vec<_> = refused.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["message"], "{refused}");
    refused.text_at("/message")
}

/// Plan, licenses and status, as GET shows them.
async fn seen(world: &World, id: &str) -> [Value; 3] {
    let seen = world.publisher.subscription(id).await.is(200);
    [seen.at("/planId"), seen.at("/quantity"), seen.at("/saasSubscriptionStatus")]
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c33_c34_c35_a_change_of_plan_is_accepted_and_its_operation_not_started(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(3).await;
    let accepted = world.publisher.change(&bought.id, &json!({"planId": "gold"})).await.is(202);
    assert_eq!(accepted.text, "", "{accepted}");
    assert_eq!(accepted.header("content-length"), "0", "{accepted}");
    assert_eq!(accepted.header("retry-after"), "10", "{accepted}");
    let operation = accepted.header("operation-id");
    assert!(uuid::Uuid::try_parse(operation).is_ok(), "{accepted}");
    assert_eq!(accepted.header("x-ms-requestid"), operation, "{accepted}");
    assert_eq!(accepted.header("x-ms-correlationid"), operation, "{accepted}");
    let location = format!(
        "{}/api/saas/subscriptions/{}/operations/{operation}?api-version=2018-08-31",
        world.base, bought.id
    );
    assert_eq!(accepted.header("operation-location"), location, "{accepted}");

    let read = world.publisher.follow(&location).await.is(200);
    let mut body = read.json();
    let stamp = body.as_object_mut().unwrap().remove("timeStamp").expect("a time stamp");
    assert_eq!(stamp, "2027-01-31T09:00:00Z", "{read}");
    let expected = json!({"id": operation, "activityId": operation, "publisherId": "contoso",
        "offerId": "contoso-desk", "planId": "gold", "quantity": 3,
        "operationRequestSource": "Partner", "subscriptionId": bought.id,
        "action": "ChangePlan", "status": "NotStarted"});
    assert_eq!(body, expected, "{read}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c33_c35_a_change_of_quantity_likewise_with_ids_and_host_of_the_client(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(3).await;
    let call = world.publisher.call(Method::PATCH, &format!("/{}", bought.id));
    let call = call.header("x-ms-requestid", "mine-1").header("x-ms-correlationid", "mine-2");
    let call = call.header(HOST, "market.example").json(&json!({"quantity": 500}));
    let accepted = call.ask().await.is(202);
    assert_eq!(accepted.header("x-ms-requestid"), "mine-1", "{accepted}");
    assert_eq!(accepted.header("x-ms-correlationid"), "mine-2", "{accepted}");
    let operation = accepted.header("operation-id");
    let location = format!(
        "http://market.example/api/saas/subscriptions/{}/operations/{operation}?api-version=2018-08-31",
        bought.id
    );
    assert_eq!(accepted.header("operation-location"), location, "{accepted}");
    let read = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(read.at("/action"), "ChangeQuantity", "{read}");
    assert_eq!(read.at("/quantity"), 500, "the target: {read}");
    assert_eq!(read.at("/planId"), "silver", "{read}");
    assert_eq!(read.at("/status"), "NotStarted", "{read}");
    assert_eq!(read.at("/operationRequestSource"), "Partner", "{read}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c15_c35_a_flat_rate_changes_its_plan_without_a_quantity(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_as(&own(flat())).await;
    world.start_billing(&bought).await;
    let accepted = world.publisher.change(&bought.id, &json!({"planId": "metered"})).await.is(202);
    let operation = accepted.header("operation-id");
    let read = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(read.at("/planId"), "metered", "{read}");
    assert!(read.json().get("quantity").is_none(), "{read}");
    world.operator.advance_by("PT12S").await;
    let read = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(read.at("/status"), "Succeeded", "{read}");
    assert_eq!(
        seen(&world, &bought.id).await,
        [json!("metered"), Value::Null, json!("Subscribed")]
    );
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c36_c37_a_change_that_cannot_be_is_refused_and_starts_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(3).await;
    let before = world.operator.truth(&bought.id).await;
    let change = async |body: &Value| world.publisher.change(&bought.id, body).await;
    let both = message_only(change(&json!({"planId": "gold", "quantity": 4})).await);
    assert!(both.contains("more than one"), "{both}");
    message_only(change(&json!({"planId": "silver"})).await);
    message_only(change(&json!({"quantity": 3})).await);
    let neither = change(&json!({})).await.is(400);
    assert_eq!(neither.at("/code"), "BadRequest", "{neither}");
    let said = neither.text_at("/message");
    assert!(said.starts_with("The request content is null"), "{neither}");
    for plan in ["bronze", "standard", "team", "", "Gold", "__proto__"] {
        let unknown = change(&json!({"planId": plan})).await;
        let unknown = unknown.detail(400, Some("update"), "BadRequest");
        let said = unknown.text_at("/message");
        assert!(said.starts_with("Request Plan is NOT in Catalog."), "{unknown}");
    }
    for quantity in [0, -3, 501, 1_000_001, i64::MAX, i64::MIN] {
        let refused = change(&json!({"quantity": quantity})).await.is(400);
        assert!(!refused.text_at("/message").is_empty(), "{refused}");
    }
    let open = world.publisher.operations(&bought.id).await.is(200);
    assert_eq!(open.json(), json!({"operations": []}), "nothing was started");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c37_a_plan_of_another_country_and_licenses_of_a_flat_rate_are_refused(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let customer = world.sandbox.customers.iter().find(|one| one.country == "KR");
    let mut purchase = own(seats(3));
    purchase["customerId"] = customer.expect("a customer in Korea").customer_id.as_str().into();
    let korean = world.buy_as(&purchase).await;
    world.start_billing(&korean).await;
    let district = json!({"planId": "district"});
    let refused = world.publisher.change(&korean.id, &district).await.is(400);
    assert!(!refused.text_at("/message").is_empty(), "{refused}");
    let flat = world.buy_as(&own(flat())).await;
    world.start_billing(&flat).await;
    for quantity in [1, 2] {
        let refused = world.publisher.change(&flat.id, &json!({"quantity": quantity})).await;
        assert!(!refused.is(400).text_at("/message").is_empty());
    }
    for id in [&korean.id, &flat.id] {
        let open = world.publisher.operations(id).await.is(200);
        assert_eq!(open.json(), json!({"operations": []}), "{open}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c38_what_is_not_subscribed_is_not_active(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let pending = world.buy_as(&own(seats(3))).await;
    let suspended = world.buy_active(3).await;
    world.operator.acted(&suspended.id, &json!({"action": "suspend"})).await;
    let ended = world.buy_active(3).await;
    world.operator.unsubscribe(&ended.id).await.is(202);
    // A partner's: the status comes before what the customer may do.
    let partners = world.buy(3).await;
    for bought in [&pending, &suspended, &ended, &partners] {
        let before = world.operator.truth(&bought.id).await;
        for body in [json!({"planId": "gold"}), json!({"quantity": 4}), json!({})] {
            let refused = world.publisher.change(&bought.id, &body).await.is(400);
            assert_eq!(refused.at("/code"), "BadRequest", "{refused}");
            let said = refused.text_at("/message");
            assert!(said.starts_with("Subscription is not active"), "{refused}");
        }
        let broken = world.publisher.call(Method::PATCH, &format!("/{}", bought.id));
        let refused = broken.body("{not json").ask().await.is(400);
        let said = refused.text_at("/message");
        assert!(said.starts_with("Subscription is not active"), "before the body: {refused}");
        assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c39_without_update_among_the_allowed_operations_nothing_changes(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy(3).await;
    world.start_billing(&bought).await;
    let before = world.operator.truth(&bought.id).await;
    for body in [json!({"planId": "gold"}), json!({"quantity": 4}), json!({})] {
        let refused = world.publisher.change(&bought.id, &body).await.is(400);
        assert_eq!(refused.at("/code"), "BadRequest", "{refused}");
        let said = refused.text_at("/message");
        assert!(said.contains("allowedCustomerOperations"), "{refused}");
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    let change = json!({"action": "changeQuantity", "quantity": 4});
    world.operator.acted(&bought.id, &change).await;
    let refused = world.publisher.change(&bought.id, &json!({"quantity": 4})).await.is(400);
    let said = refused.text_at("/message");
    assert!(said.contains("allowedCustomerOperations"), "before the lock: {refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_second_change_waits_until_the_first_is_decided(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let by_publisher = world.buy_active(3).await;
    world.publisher.change(&by_publisher.id, &json!({"planId": "gold"})).await.is(202);
    let by_customer = world.buy_active(3).await;
    let change = json!({"action": "changePlan", "planId": "gold"});
    let operation = world.operator.acted(&by_customer.id, &change).await;
    for bought in [&by_publisher, &by_customer] {
        for body in [json!({"planId": "gold"}), json!({"quantity": 4}), json!({}), json!([])] {
            let locked = world.publisher.change(&bought.id, &body).await;
            locked.detail(400, Some("update"), "Failed");
        }
        let open = world.publisher.operations(&bought.id).await.is(200);
        assert_eq!(open.at("/operations").as_array().unwrap().len(), 1, "{open}");
    }
    world.publisher.decide(&by_customer.id, &operation, "Failure").await.is(200);
    world.publisher.change(&by_customer.id, &json!({"quantity": 4})).await.is(202);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c42_nothing_changes_before_the_operation_has_succeeded(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    for (body, after) in [
        (json!({"planId": "gold"}), [json!("gold"), json!(3), json!("Subscribed")]),
        (json!({"quantity": 7}), [json!("silver"), json!(7), json!("Subscribed")]),
    ] {
        let bought = world.buy_active(3).await;
        let accepted = world.publisher.change(&bought.id, &body).await.is(202);
        let operation = accepted.header("operation-id").to_owned();
        let before = [json!("silver"), json!(3), json!("Subscribed")];
        for (by, status, now) in [
            ("PT0.000001S", "NotStarted", &before),
            ("PT1.999998S", "NotStarted", &before),
            ("PT0.000001S", "InProgress", &before),
            ("PT9.999999S", "InProgress", &before),
            ("PT0.000001S", "Succeeded", &after),
        ] {
            world.operator.advance_by(by).await;
            let read = world.publisher.operation(&bought.id, &operation).await.is(200);
            assert_eq!(read.at("/status"), status, "{read}");
            assert_eq!(seen(&world, &bought.id).await, *now, "while {status}");
        }
        let truth = world.operator.truth(&bought.id).await;
        assert!(truth.at("/pendingOperation").is_null(), "{truth}");
        assert_eq!(truth.at("/planId"), after[0], "{truth}");
        assert_eq!(truth.at("/quantity"), after[1], "{truth}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_change_of_what_is_not_there_or_not_ones_own_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_active(3).await;
    let before = world.operator.truth(&bought.id).await;
    let body = json!({"planId": "gold"});
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid"] {
        let refused = world.publisher.change(unknown, &body).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    world.other_publisher.change(&bought.id, &body).await.forbidden();
    let (_, stranger) = world.another_sandbox("elsewhere").await;
    let refused = stranger.change(&bought.id, &body).await;
    refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}
