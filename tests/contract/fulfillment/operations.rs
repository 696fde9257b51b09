//! GET and PATCH under /api/saas/subscriptions/{subscriptionId}/operations: what is open, and the publisher's answer.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Ask, Db, World,
    world::{flat, own},
};

/// An operation id that nobody has.
const UNKNOWN: &str = "00000000-0000-0000-0000-000000000000";

fn change_plan() -> Value {
    json!({"action": "changePlan", "planId": "gold"})
}

fn change_quantity() -> Value {
    json!({"action": "changeQuantity", "quantity": 9})
}

/// Plan, licenses and status, as GET shows them.
async fn seen(world: &World, id: &str) -> (Value, Value, Value) {
    let seen = world.publisher.subscription(id).await.is(200);
    (seen.at("/planId"), seen.at("/quantity"), seen.at("/saasSubscriptionStatus"))
}

/// A subscription (silver, 3) that waits for the publisher's answer to this, and the operation.
async fn asked(world: &World, action: &Value) -> (String, String) {
    let bought = world.buy_active(3).await;
    if action["action"] == "reinstate" {
        world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    }
    let operation = world.operator.acted(&bought.id, action).await;
    (bought.id, operation)
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c01_c02_c04_c05_every_call_of_lists_changes_and_operations_keeps_them(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let (id, operation) = asked(&world, &change_plan()).await;
    let before = world.operator.truth(&id).await;
    for (method, path) in [
        (Method::GET, String::new()),
        (Method::GET, format!("/{id}/listAvailablePlans")),
        (Method::PATCH, format!("/{id}")),
        (Method::DELETE, format!("/{id}")),
        (Method::GET, format!("/{id}/operations")),
        (Method::GET, format!("/{id}/operations/{operation}")),
        (Method::PATCH, format!("/{id}/operations/{operation}")),
    ] {
        let call = |query: &str| {
            let url = format!("/api/saas/subscriptions{path}{query}");
            world.anon.call(method.clone(), &url).json(&json!({"status": "Success"}))
        };
        let bearer = &world.publisher.bearer;
        for (query, code) in
            [("", "ApiVersionUnspecified"), ("?api-version=2017-04-15", "UnsupportedApiVersion")]
        {
            let refused = call(query).bearer_auth(bearer).ask().await.is(400);
            assert_eq!(refused.at("/Error/Code"), code, "{refused}");
        }
        let version = "?api-version=2018-08-31";
        for refused in [
            call(version).ask().await,
            call(version).bearer_auth(&bearer[..bearer.len() - 4]).ask().await,
            call(version).bearer_auth(&world.operator.token).ask().await,
        ] {
            let refused = refused.forbidden();
            let made = refused.header("x-ms-requestid");
            assert!(uuid::Uuid::try_parse(made).is_ok(), "{refused}");
            assert_eq!(made, refused.header("x-ms-correlationid"), "{refused}");
            assert_eq!(refused.header("content-type"), "application/json; charset=utf-8");
        }
    }
    assert_eq!(world.operator.truth(&id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c43_the_list_has_the_open_operations_only(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let none = json!({"operations": []});
    let pending = world.buy(1).await;
    assert_eq!(world.publisher.operations(&pending.id).await.is(200).json(), none);
    world.operator.unsubscribe(&pending.id).await.is(202);
    assert_eq!(world.publisher.operations(&pending.id).await.is(200).json(), none);

    let bought = world.buy_active(3).await;
    let changed = world.publisher.change(&bought.id, &json!({"planId": "gold"})).await.is(202);
    let operation = changed.header("operation-id");
    let listed = world.publisher.operations(&bought.id).await.is(200);
    let read = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(listed.json(), json!({"operations": [read.json()]}));
    assert_eq!(read.at("/status"), "NotStarted", "{read}");
    world.operator.advance_by("PT2S").await;
    let listed = world.publisher.operations(&bought.id).await.is(200);
    assert_eq!(listed.at("/operations/0/id"), operation, "{listed}");
    assert_eq!(listed.at("/operations/0/status"), "InProgress", "{listed}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/pendingOperation"), listed.at("/operations/0"), "{truth}");
    assert!(!listed.text.contains("null"), "members are left out, never null: {listed}");

    for (action, kind) in [
        (change_plan(), "ChangePlan"),
        (change_quantity(), "ChangeQuantity"),
        (json!({"action": "reinstate"}), "Reinstate"),
    ] {
        let (id, operation) = asked(&world, &action).await;
        let listed = world.publisher.operations(&id).await.is(200);
        let open = listed.at("/operations");
        assert_eq!(open.as_array().unwrap().len(), 1, "{listed}");
        assert_eq!(open[0]["id"], operation, "{listed}");
        assert_eq!(open[0]["action"], kind, "{listed}");
        assert_eq!(open[0]["status"], "InProgress", "{listed}");
        assert_eq!(open[0]["operationRequestSource"], "Azure", "{listed}");
        world.publisher.decide(&id, &operation, "Failure").await.is(200);
        assert_eq!(world.publisher.operations(&id).await.is(200).json(), none);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c42_c44_success_applies_what_was_asked_for_and_not_before(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let text = |text: &str| Value::String(text.to_owned());
    let active = (text("silver"), json!(3), text("Subscribed"));
    for (action, before, after) in [
        (change_plan(), &active, (text("gold"), json!(3), text("Subscribed"))),
        (change_quantity(), &active, (text("silver"), json!(9), text("Subscribed"))),
        (
            json!({"action": "reinstate"}),
            &(text("silver"), json!(3), text("Suspended")),
            active.clone(),
        ),
    ] {
        let (id, operation) = asked(&world, &action).await;
        assert_eq!(seen(&world, &id).await, *before, "{action}");
        let accepted = world.publisher.decide(&id, &operation, "Success").await.is(200);
        assert_eq!(accepted.text, "", "{accepted}");
        assert_eq!(accepted.header("content-length"), "0", "{accepted}");
        assert_eq!(seen(&world, &id).await, after, "{action}");
        let read = world.publisher.operation(&id, &operation).await.is(200);
        assert_eq!(read.at("/status"), "Succeeded", "{read}");
        assert!(read.json().get("errorMessage").is_none(), "only on a failed one: {read}");
        let truth = world.operator.truth(&id).await;
        assert_eq!(truth.at("/state"), after.2, "{truth}");
        assert!(truth.at("/pendingOperation").is_null(), "{truth}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c42_c45_failure_keeps_what_was(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    for action in [change_plan(), change_quantity(), json!({"action": "reinstate"})] {
        let (id, operation) = asked(&world, &action).await;
        let before = seen(&world, &id).await;
        let accepted = world.publisher.decide(&id, &operation, "Failure").await.is(200);
        assert_eq!(accepted.text, "", "{accepted}");
        let read = world.publisher.operation(&id, &operation).await.is(200);
        assert_eq!(read.at("/status"), "Failed", "{read}");
        assert!(!read.text_at("/errorStatusCode").is_empty(), "{read}");
        assert!(!read.text_at("/errorMessage").is_empty(), "{read}");
        assert_eq!(seen(&world, &id).await, before, "{action}");
        world.operator.advance_by("PT1M").await;
        assert_eq!(seen(&world, &id).await, before, "{action}, a minute later");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c44_c45_the_word_counts_in_any_case_and_nothing_else_in_the_body(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    for (body, status) in [
        (json!({"status": "SUCCESS"}), "Succeeded"),
        (json!({"status": "success", "planId": "bronze", "quantity": 77}), "Succeeded"),
        (json!({"status": "Success", "planId": "gold", "quantity": "3"}), "Succeeded"),
        (json!({"status": "fAILURE", "quantity": null}), "Failed"),
    ] {
        let (id, operation) = asked(&world, &change_plan()).await;
        let path = format!("/{id}/operations/{operation}");
        world.publisher.call(Method::PATCH, &path).json(&body).ask().await.is(200);
        let read = world.publisher.operation(&id, &operation).await.is(200);
        assert_eq!(read.at("/status"), status, "{body}: {read}");
        let plan = if status == "Succeeded" { "gold" } else { "silver" };
        let now = seen(&world, &id).await;
        assert_eq!((now.0, now.1), (json!(plan), json!(3)), "{body}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c46_an_answer_to_what_is_finished_is_a_conflict_with_the_request_id(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let mut finished = Vec::new();
    for decision in ["Success", "Failure"] {
        let (id, operation) = asked(&world, &change_plan()).await;
        world.publisher.decide(&id, &operation, decision).await.is(200);
        finished.push((id, operation));
    }
    // Notify-only ones are finished when they are made.
    for action in ["renew", "suspend", "unsubscribe"] {
        let bought = world.buy_active(3).await;
        let operation = world.operator.acted(&bought.id, &json!({"action": action})).await;
        finished.push((bought.id, operation));
    }
    let own = world.buy_active(3).await;
    let changed = world.publisher.change(&own.id, &json!({"quantity": 4})).await.is(202);
    finished.push((own.id, changed.header("operation-id").to_owned()));
    world.operator.advance_by("PT12S").await;
    for (id, operation) in finished {
        let before = world.operator.truth(&id).await;
        let read = world.publisher.operation(&id, &operation).await.is(200);
        for decision in ["Success", "Failure"] {
            let conflict = world.publisher.decide(&id, &operation, decision).await.is(409);
            let request = conflict.header("x-ms-requestid");
            assert_eq!(conflict.json(), json!({"message": request}), "{conflict}");
        }
        let path = format!("/{id}/operations/{operation}");
        let call = world.publisher.call(Method::PATCH, &path).header("x-ms-requestid", "mine 1");
        let conflict = call.json(&json!({"status": "Success"})).ask().await.is(409);
        assert_eq!(conflict.json(), json!({"message": "mine 1"}), "{conflict}");
        assert_eq!(world.publisher.operation(&id, &operation).await.json(), read.json());
        assert_eq!(world.operator.truth(&id).await.json(), before.json());
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c48_an_unknown_operation_is_not_found(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let (id, operation) = asked(&world, &change_plan()).await;
    let (other, others) = asked(&world, &change_plan()).await;
    let app = &world.publisher;
    for unknown in [UNKNOWN, "no-guid", "%ff", "__proto__", &others] {
        let refused = app.operation(&id, unknown).await.is(404);
        assert_eq!(refused.at("/code"), "EntityNotFound", "{refused}");
        assert!(!refused.text_at("/message").is_empty(), "{refused}");
        let refused = app.decide(&id, unknown, "Success").await.is(404);
        assert!(refused.at("/code").is_string(), "{refused}");
        assert!(!refused.text_at("/message").is_empty(), "{refused}");
    }
    for unknown in [UNKNOWN, "no-guid"] {
        for refused in [
            app.operations(unknown).await,
            app.operation(unknown, &operation).await,
            app.decide(unknown, &operation, "Success").await,
        ] {
            refused.detail(404, Some("subscriptionId"), "EntityNotFound");
        }
    }
    let stranger = &world.other_publisher;
    stranger.operations(&id).await.forbidden();
    stranger.operation(&id, &operation).await.forbidden();
    stranger.decide(&id, &operation, "Success").await.forbidden();
    let (_, stranger) = world.another_sandbox("elsewhere").await;
    for refused in [
        stranger.operations(&id).await,
        stranger.operation(&id, &operation).await,
        stranger.decide(&id, &operation, "Success").await,
    ] {
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    for (id, operation) in [(&id, &operation), (&other, &others)] {
        let read = app.operation(id, operation).await.is(200);
        assert_eq!(read.at("/status"), "InProgress", "{read}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c55_the_operation_of_every_action_is_readable_for_ever(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(3).await;
    let mut made = Vec::new();
    for (action, kind, status) in [
        (change_plan(), "ChangePlan", "InProgress"),
        (change_quantity(), "ChangeQuantity", "InProgress"),
        (json!({"action": "renew"}), "Renew", "Succeeded"),
        (json!({"action": "suspend"}), "Suspend", "Succeeded"),
        (json!({"action": "reinstate"}), "Reinstate", "InProgress"),
        (json!({"action": "unsubscribe"}), "Unsubscribe", "Succeeded"),
    ] {
        let operation = world.operator.acted(&bought.id, &action).await;
        let read = world.publisher.operation(&bought.id, &operation).await.is(200);
        assert_eq!(read.at("/id"), operation, "{read}");
        assert_eq!(read.at("/activityId"), operation, "{read}");
        assert_eq!(read.at("/subscriptionId"), bought.id.as_str(), "{read}");
        assert_eq!(read.at("/action"), kind, "{read}");
        assert_eq!(read.at("/status"), status, "{read}");
        assert_eq!(read.at("/operationRequestSource"), "Azure", "{read}");
        assert!(read.at("/quantity").is_i64() && read.at("/planId").is_string(), "{read}");
        if status == "InProgress" {
            world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
        }
        made.push((bought.id.clone(), operation, kind));
    }
    let instant = json!({"offerId": "contoso-archive", "planId": "instant"});
    let instant = world.buy_as(&own(instant)).await;
    let told = world.operator.deliveries(&instant.id).await;
    made.push((instant.id, told[0]["id"].as_str().unwrap().to_owned(), "Subscribe"));
    world.operator.advance_by("P2Y").await;
    for (id, operation, kind) in made {
        let read = world.publisher.operation(&id, &operation).await.is(200);
        assert_eq!(read.at("/action"), kind, "{read}");
        assert_eq!(read.at("/status"), "Succeeded", "{read}");
        assert_eq!(read.at("/timeStamp"), "2027-01-31T09:00:00Z", "{read}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_answer_to_ones_own_operation_is_taken_without_effect(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_as(&own(flat())).await;
    world.start_billing(&bought).await;
    let changed = world.publisher.change(&bought.id, &json!({"planId": "metered"})).await.is(202);
    let operation = changed.header("operation-id");
    for status in ["NotStarted", "InProgress"] {
        for decision in ["Success", "Failure"] {
            let taken = world.publisher.decide(&bought.id, operation, decision).await.is(200);
            assert_eq!(taken.text, "", "{taken}");
            let read = world.publisher.operation(&bought.id, operation).await.is(200);
            assert_eq!(read.at("/status"), status, "{decision}: {read}");
            assert_eq!(seen(&world, &bought.id).await.0, "standard", "{decision}");
        }
        world.operator.advance_by("PT2S").await;
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_answer_that_is_none_is_refused_and_the_operation_stays_open(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let (id, operation) = asked(&world, &change_plan()).await;
    let path = format!("/{id}/operations/{operation}");
    let before = world.operator.truth(&id).await;
    for status in ["blah", "Succeeded", "Failed", "InProgress", "", " Success", "Success\u{0}"] {
        let refused = world.publisher.decide(&id, &operation, status).await.is(400);
        assert_eq!(refused.at("/target"), "status", "{status:?}: {refused}");
        assert!(refused.at("/code").is_string(), "{status:?}: {refused}");
        assert!(!refused.text_at("/message").is_empty(), "{status:?}: {refused}");
    }
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "{not json",
        r#"{"status":5}"#,
        r#"{"status":null}"#,
        "[\"Success\"]",
    ] {
        let call = world.publisher.call(Method::PATCH, &path).body(body);
        let refused = call.ask().await.is(400);
        assert!(!refused.text_at("/message").is_empty(), "{body:?}: {refused}");
    }
    let long = format!("{{\"status\":\"{}\"}}", "x".repeat(1024 * 1024));
    let call = world.publisher.call(Method::PATCH, &path).body(long);
    call.ask().await.detail(413, Some("body"), "RequestTooLarge");
    assert_eq!(world.operator.truth(&id).await.json(), before.json());
    world.publisher.decide(&id, &operation, "Success").await.is(200);
}
