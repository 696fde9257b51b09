//! POST /api/saas/subscriptions/{subscriptionId}/activate: fulfillment confirmed.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World, people};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c17_activation_answers_empty_and_sets_status_and_term(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let activated = world.publisher.activate(&bought.id).await.is(200);
    assert_eq!(activated.text, "", "{activated}");
    assert_eq!(activated.header("content-length"), "0", "{activated}");
    assert_eq!(activated.header("operation-location"), "", "{activated}");
    let seen = world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen.at("/saasSubscriptionStatus"), "Subscribed", "{seen}");
    assert_eq!(seen.at("/term/startDate"), "2027-01-31T00:00:00Z", "{seen}");
    assert_eq!(seen.at("/term/endDate"), "2027-02-27T00:00:00Z", "{seen}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/fulfillmentConfirmedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/term/provisional"), true, "{truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c18_every_body_a_client_may_send_is_taken(#[case] db: Db) {
    let world = World::new(db).await;
    for body in [
        "",
        "  \n",
        "{}",
        r#"{"planId":"silver"}"#,
        r#"{"planId":"silver","quantity":2}"#,
        r#"{"planId":"gold","quantity":99}"#,
    ] {
        let bought = world.buy(2).await;
        let call = world.publisher.call(Method::POST, &format!("/{}/activate", bought.id));
        call.header("content-type", "application/json").body(body).ask().await.is(200);
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), "Subscribed", "{body:?}: {seen}");
        assert_eq!(seen.at("/planId"), "silver", "{body:?}: {seen}");
        assert_eq!(seen.at("/quantity"), 2, "{body:?}: {seen}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c19_a_suspended_one_is_not_activated(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let billed = world.buy_active(2).await;
    let unbilled = world.buy(2).await;
    world.publisher.activate(&unbilled.id).await.is(200);
    for bought in [&billed, &unbilled] {
        world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
        let before = world.operator.truth(&bought.id).await;
        let refused = world.publisher.activate(&bought.id).await;
        let refused = refused.detail(400, None, "BadRequest");
        assert!(refused.text_at("/message").contains("Suspended"), "{refused}");
        let call = world.publisher.call(Method::POST, &format!("/{}/activate", bought.id));
        call.json(&json!({"planId": "silver", "quantity": 2})).ask().await.is(400);
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.json(), before.json());
        assert_eq!(truth.at("/state"), "Suspended", "{truth}");
    }
    let operation = world.operator.acted(&billed.id, &json!({"action": "reinstate"})).await;
    world.publisher.activate(&billed.id).await.is(400);
    world.publisher.decide(&billed.id, &operation, "Success").await.is(200);
    world.publisher.activate(&billed.id).await.is(400);
    assert_eq!(world.operator.times("billingStarted", &billed.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c20_an_unknown_or_ended_subscription_is_not_found(#[case] db: Db) {
    let world = World::new(db).await;
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid", "__proto__"] {
        let refused = world.publisher.activate(unknown).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    for activated_before in [false, true] {
        let bought = world.buy_flat().await;
        if activated_before {
            world.publisher.activate(&bought.id).await.is(200);
        }
        world.operator.unsubscribe(&bought.id).await.is(202);
        let before = world.operator.truth(&bought.id).await;
        let refused = world.publisher.activate(&bought.id).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
        assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c21_a_second_activation_is_refused_and_moves_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.advance_by("P1D").await;
    let before = world.operator.truth(&bought.id).await;
    let refused = world.publisher.activate(&bought.id).await;
    let refused = refused.detail(400, None, "BadRequest");
    assert!(refused.text.contains("Subscribed"), "{refused}");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    world.publisher.activate(&bought.id).await.is(400);
    assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c22_thirty_days_pending_end_it_unbilled(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let nothing = world.buy(2).await;
    let licenses = world.buy(2).await;
    let fulfillment = world.buy(2).await;
    let both = world.buy(2).await;
    for bought in [&licenses, &both] {
        world.publisher.assign(&bought.id, &people(2)).await.is(200);
    }
    for bought in [&fulfillment, &both] {
        world.publisher.activate(&bought.id).await.is(200);
    }
    let last = json!({"to": "2027-03-02T08:59:59.999999Z"});
    let advanced = world.operator.advance(&last).await.is(200);
    let happened = advanced.at("/happened");
    let renewal = json!([{"dueAt": "2027-02-28T00:00:00.000000Z", "kind": "termEnd",
        "subscriptionId": both.id}]);
    assert_eq!(happened, renewal, "nothing but the term of the finished one: {advanced}");
    for bought in [&nothing, &licenses, &fulfillment, &both] {
        let truth = world.operator.truth(&bought.id).await;
        assert_ne!(truth.at("/state"), "Unsubscribed", "{truth}");
    }
    let over = json!({"to": "2027-03-02T09:00:00Z"});
    let advanced = world.operator.advance(&over).await.is(200);
    assert_eq!(advanced.at("/happened/0/kind"), "pendingLimit", "{advanced}");
    for bought in [&nothing, &licenses, &fulfillment] {
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
        assert_eq!(truth.at("/endReason"), "pendingLimit", "{truth}");
        assert_eq!(truth.at("/endedAt"), "2027-03-02T09:00:00.000000Z", "{truth}");
        assert!(truth.at("/billingStartedAt").is_null(), "{truth}");
        assert_eq!(world.operator.charges(&bought.id).await, Vec::<serde_json::Value>::new());
        let refused = world.publisher.activate(&bought.id).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    let truth = world.operator.truth(&both.id).await;
    assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
    assert_eq!(world.operator.charges(&both.id).await.len(), 1);
    let seen = world.publisher.subscription(&nothing.id).await.is(200);
    assert_eq!(seen.at("/term"), json!({"termUnit": "P1M"}), "no dates: {seen}");
    assert_eq!(seen.at("/quantity"), 2, "kept: {seen}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_that_is_no_json_and_one_that_is_too_long_are_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let before = world.operator.truth(&bought.id).await;
    let path = format!("/{}/activate", bought.id);
    let send =
        async |body: String| world.publisher.call(Method::POST, &path).body(body).ask().await;
    send("{not json".to_owned()).await.detail(400, Some("body"), "BadRequest");
    send("{} {}".to_owned()).await.detail(400, Some("body"), "BadRequest");
    let typed = send(r#"{"quantity":"two"}"#.to_owned()).await;
    typed.detail(400, Some("quantity"), "BadRequest");
    let unknown = send(r#"{"planId":"silver","somethingNew":[1]}"#.to_owned()).await.is(400);
    assert!(unknown.text_at("/message").contains("somethingNew"), "{unknown}");
    let long = format!("{{\"planId\":\"{}\"}}", "x".repeat(1024 * 1024));
    send(long).await.detail(413, Some("body"), "RequestTooLarge");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_publishers_subscription_is_refused_and_left_alone(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    let before = world.operator.truth(&bought.id).await;
    world.other_publisher.activate(&bought.id).await.forbidden();
    world.other_publisher.assign(&bought.id, &people(1)).await.forbidden();
    world.other_publisher.subscription(&bought.id).await.forbidden();
    let (_, stranger) = world.another_sandbox("elsewhere").await;
    for refused in [
        stranger.activate(&bought.id).await,
        stranger.assign(&bought.id, &people(1)).await,
        stranger.subscription(&bought.id).await,
    ] {
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn with_activation_one_call_turns_both_keys(#[case] db: Db) {
    let world = World::new(db).await;
    let setting = json!({"licenseConfirmation": "withActivation"});
    world.operator.configure(&setting).await.is(200);
    let bought = world.buy(5).await;
    world.operator.advance_by("P1D").await;
    world.publisher.activate(&bought.id).await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    for key in ["licensesAssignedAt", "fulfillmentConfirmedAt", "billingStartedAt"] {
        assert_eq!(truth.at(&format!("/{key}")), "2027-02-01T09:00:00.000000Z", "{truth}");
    }
    assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
    assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
}
