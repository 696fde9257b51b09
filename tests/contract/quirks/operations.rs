//! Operations: those that are not there, what a publisher's word counts, what overtakes what.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Db, World,
    foreign_app::{Reply, Stage},
    world::{own, seats},
};

const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q01_c48_an_operation_that_is_not_there_is_404_or_400(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let app = &world.publisher;
    for operation in [NOWHERE, "garbled"] {
        let got = app.operation(&bought.id, operation).await;
        got.detail(404, Some("operationId"), "EntityNotFound");
        let patched = app.decide(&bought.id, operation, "Success").await;
        patched.detail(404, Some("operationId"), "EntityNotFound");
    }
    world.operator.set_quirk("unknown_operation", "bad_request").await;
    for (subscription, operation) in
        [(bought.id.as_str(), NOWHERE), (&bought.id, "garbled"), (NOWHERE, NOWHERE)]
    {
        let got = app.operation(subscription, operation).await;
        let got = got.detail(400, Some("operationId"), "EntityNotFound");
        assert_eq!(got.at("/message"), "Failed to get operation");
        let patched = app.decide(subscription, operation, "Success").await;
        let patched = patched.detail(400, Some("operationId"), "NotFound");
        assert_eq!(patched.at("/message"), "Failed to find operation");
    }
    app.subscription(NOWHERE).await.is(404); // nothing else has changed
    world.other_publisher.operation(&bought.id, NOWHERE).await.forbidden();
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q05_operations_of_a_subscription_that_is_not_there_are_404_or_none(#[case] db: Db) {
    let world = World::new(db).await;
    world.publisher.operations(NOWHERE).await.is(404);
    world.operator.set_quirk("unknown_subscription_operations", "empty").await;
    let none = world.publisher.operations(NOWHERE).await.is(200);
    assert_eq!(none.json(), json!({"operations": []}));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q06_q07_what_is_asked_for_while_an_operation_is_open_is_400_or_409(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.post("/deliveries/hold", &json!({})).await.is(204);
    stage.change_plan("gold").await;
    let app = &stage.world.publisher;
    let patch = async || app.change(&stage.id, &json!({"quantity": 30})).await;
    let delete = async || app.delete(&stage.id).await;
    patch().await.detail(400, Some("update"), "Failed");
    delete().await.detail(409, Some("update"), "Failed");
    stage.world.operator.set_quirk("pending_patch", "conflict").await;
    stage.world.operator.set_quirk("pending_delete", "bad_request").await;
    patch().await.detail(409, Some("update"), "Failed");
    delete().await.detail(400, Some("update"), "Failed");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q12_c43_open_operations_are_listed_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.post("/deliveries/hold", &json!({})).await.is(204);
    let open = stage.change_plan("gold").await;
    let listed = stage.world.publisher.operations(&stage.id).await.is(200);
    assert_eq!(listed.at("/operations/0/id"), open.as_str(), "{listed}");
    stage.world.operator.set_quirk("list_operations", "empty").await;
    let listed = stage.world.publisher.operations(&stage.id).await.is(200);
    assert_eq!(listed.json(), json!({"operations": []}));
    stage.operation(&open).await; // it can be read all the same
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q17_a_patch_of_the_publishers_own_operation_is_200_or_500(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let app = &stage.world.publisher;
    let started = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    let operation = started.header("operation-id");
    app.decide(&stage.id, operation, "Success").await.is(200);
    stage.world.operator.set_quirk("patch_own_operation", "error").await;
    let broken = app.decide(&stage.id, operation, "Failure").await.is(500);
    assert_eq!(broken.at("/error/code"), "UnexpectedError", "{broken}");
    stage.is(operation, "NotStarted", "silver").await;
    stage.move_on("PT2S").await;
    stage.delivery_is(operation, "acknowledged").await;
    stage.move_on("PT10S").await;
    stage.is(operation, "Succeeded", "gold").await;
    app.decide(&stage.id, operation, "Success").await.is(409); // ended: as ever
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q18_any_text_is_refused_or_taken_without_effect(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "acknowledged").await;
    let app = &stage.world.publisher;
    let patch = async || app.decide(&stage.id, &operation, "blah").await;
    patch().await.detail(400, Some("status"), "InvalidValue");
    stage.world.operator.set_quirk("operation_status_text", "any_text").await;
    patch().await.is(200);
    stage.is(&operation, "InProgress", "silver").await;
    stage.decide(&operation, "Failure").await;
    stage.is(&operation, "Failed", "silver").await;
    patch().await.is(409);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q19_a_reinstate_may_must_or_cannot_be_decided(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let suspend_and_reinstate = async |value: &str| {
        operator.set_quirk("reinstate_ack", value).await;
        let suspended = stage.acted(&json!({"action": "suspend"})).await;
        stage.delivery_is(&suspended, "acknowledged").await;
        let operation = stage.acted(&json!({"action": "reinstate"})).await;
        stage.delivery_is(&operation, "acknowledged").await;
        operation
    };
    let is = async |operation: &str, status: &str, subscription: &str| {
        assert_eq!(stage.operation(operation).await.at("/status"), status);
        let now = stage.subscription().await;
        assert_eq!(now.at("/saasSubscriptionStatus"), subscription, "{status}: {now}");
    };
    // Silence accepts, or waits for ever; then the publisher's word counts.
    let operation = suspend_and_reinstate("required").await;
    stage.move_on("PT1H").await;
    is(&operation, "InProgress", "Suspended").await;
    stage.decide(&operation, "Success").await;
    is(&operation, "Succeeded", "Subscribed").await;
    // The publisher's word is taken, and counts nothing.
    let operation = suspend_and_reinstate("ignored").await;
    stage.decide(&operation, "Failure").await;
    is(&operation, "InProgress", "Suspended").await;
    stage.move_on("PT10S").await;
    is(&operation, "Succeeded", "Subscribed").await;
    let operation = suspend_and_reinstate("optional").await;
    stage.move_on("PT10S").await;
    is(&operation, "Succeeded", "Subscribed").await;
    let operation = suspend_and_reinstate("optional").await;
    stage.decide(&operation, "Failure").await;
    is(&operation, "Failed", "Suspended").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q20_the_window_counts_from_the_answer_or_the_arrival(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let retried = async || {
        stage.app.always(Reply::Status(500));
        let operation = stage.change_plan("gold").await;
        stage.delivery_is(&operation, "retrying").await;
        stage.app.always(Reply::Status(200));
        stage.move_on("PT57.6S").await;
        stage.delivery_is(&operation, "acknowledged").await;
        operation
    };
    let operation = retried().await;
    stage.is(&operation, "InProgress", "silver").await;
    stage.decide(&operation, "Failure").await;
    stage.world.operator.set_quirk("decision_window_origin", "arrival").await;
    // The first attempt arrived long ago: the time to refuse is over.
    let operation = retried().await;
    let late = stage.world.publisher.decide(&stage.id, &operation, "Failure").await;
    assert_eq!(late.status, 409, "{late}");
    stage.is(&operation, "Succeeded", "gold").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q21_what_a_publishers_word_counts_has_a_history(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let change = async |value: &str, plan: &str| {
        operator.set_quirk("change_ack", value).await;
        let operation = stage.change_plan(plan).await;
        stage.delivery_is(&operation, "acknowledged").await;
        operation
    };
    let operation = change("newest", "gold").await;
    stage.decide(&operation, "Failure").await;
    stage.is(&operation, "Failed", "silver").await;
    let operation = change("failure_ignored", "gold").await;
    stage.decide(&operation, "Failure").await;
    stage.is(&operation, "Succeeded", "gold").await;
    let operation = change("silence_fails", "silver").await;
    stage.move_on("PT10S").await;
    stage.is(&operation, "Failed", "gold").await;
    assert_eq!(stage.operation(&operation).await.at("/errorStatusCode"), "Unanswered");
    let operation = change("silence_fails", "silver").await;
    stage.decide(&operation, "Success").await;
    stage.is(&operation, "Succeeded", "silver").await;
    // What the publisher asked for itself needs no word of its own.
    let app = &stage.world.publisher;
    let own = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    let own = own.header("operation-id");
    stage.move_on("PT2S").await;
    stage.delivery_is(own, "acknowledged").await;
    stage.move_on("PT10S").await;
    stage.is(own, "Succeeded", "gold").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q22_a_second_operation_is_refused_or_supersedes_the_first(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let first = stage.change_plan("gold").await;
    stage.delivery_is(&first, "acknowledged").await;
    let wanted = json!({"action": "changeQuantity", "quantity": 30});
    operator.act(&stage.id, &wanted).await.problem(409, None);
    operator.set_quirk("second_operation", "supersedes").await;
    let allowed = operator.truth(&stage.id).await.at("/allowedActions");
    assert!(allowed.as_array().unwrap().contains(&json!("changeQuantity")), "{allowed}");
    // What cannot be does not end the first.
    let same = json!({"action": "changeQuantity", "quantity": 20});
    operator.act(&stage.id, &same).await.problem(400, Some("quantity"));
    stage.is(&first, "InProgress", "silver").await;
    let second = stage.acted(&wanted).await;
    stage.is(&first, "Failed", "silver").await;
    assert_eq!(stage.operation(&first).await.at("/errorStatusCode"), "Overtaken");
    stage.world.publisher.decide(&stage.id, &first, "Success").await.is(409);
    stage.delivery_is(&second, "acknowledged").await;
    // The publisher's own, and its cancellation.
    let app = &stage.world.publisher;
    let third = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    stage.is(&second, "Failed", "silver").await;
    let fourth = app.delete(&stage.id).await.is(202);
    stage.is(third.header("operation-id"), "Failed", "silver").await;
    stage.move_on("PT2S").await;
    stage.is(fourth.header("operation-id"), "Succeeded", "silver").await;
    assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), "Unsubscribed");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q22_f08_operations_are_open_side_by_side(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    operator.set_quirk("second_operation", "side_by_side").await;
    let plan = stage.change_plan("gold").await;
    stage.delivery_is(&plan, "acknowledged").await;
    stage.move_on("PT4S").await;
    let licenses = stage.acted(&json!({"action": "changeQuantity", "quantity": 30})).await;
    stage.delivery_is(&licenses, "acknowledged").await;
    let own = app.change(&stage.id, &json!({"quantity": 40})).await.is(202);
    let own = own.header("operation-id").to_owned();
    let listed = app.operations(&stage.id).await.is(200).at("/operations");
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids[0], plan.as_str(), "the first one first");
    assert_eq!(ids.len(), 3, "{listed}");
    // Locked again, three stay open, and a fourth is refused.
    operator.set_quirk("second_operation", "locked").await;
    operator.act(&stage.id, &json!({"action": "changePlan", "planId": "gold"})).await.is(409);
    operator.set_quirk("second_operation", "side_by_side").await;
    // Each has its own time: the one that was picked up now waits longest, and none ends another's wait.
    stage.move_on("PT2S").await;
    stage.delivery_is(&own, "acknowledged").await;
    stage.is(&plan, "InProgress", "silver").await;
    stage.move_on("PT4S").await;
    stage.is(&plan, "Succeeded", "gold").await;
    stage.is(&licenses, "InProgress", "gold").await;
    stage.decide(&licenses, "Failure").await;
    stage.is(&own, "InProgress", "gold").await;
    stage.move_on("PT6S").await;
    stage.is(&own, "Succeeded", "silver").await; // as it was asked for: the plan of then
    assert_eq!(stage.subscription().await.at("/quantity"), 40);
    // An end comes before all that is open.
    let open = [stage.change_plan("gold").await, stage.change_plan("gold").await];
    let deleted = app.delete(&stage.id).await.is(202);
    stage.move_on("PT2S").await;
    stage.is(deleted.header("operation-id"), "Succeeded", "silver").await;
    for one in open {
        stage.is(&one, "Failed", "silver").await;
    }
    assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), "Unsubscribed");
    let clock = operator.get("/clock").await.is(200);
    assert!(clock.at("/nextEvent").is_null(), "no timer is left: {clock}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q22_f08_of_two_reinstatements_side_by_side_one_has_nothing_left_to_end(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    operator.set_quirk("second_operation", "side_by_side").await;
    stage.acted(&json!({"action": "suspend"})).await;
    let first = stage.acted(&json!({"action": "reinstate"})).await;
    let second = stage.acted(&json!({"action": "reinstate"})).await;
    stage.delivery_is(&first, "acknowledged").await;
    stage.delivery_is(&second, "acknowledged").await;
    stage.move_on("PT11S").await;
    stage.is(&first, "Succeeded", "silver").await;
    stage.is(&second, "Conflict", "silver").await;
    assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), "Subscribed");
    stage.move_on("PT1M").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q22_f08_a_cancellation_leaves_no_window_of_what_was_decided_before_it(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    operator.set_quirk("second_operation", "side_by_side").await;
    let plan = stage.change_plan("gold").await;
    stage.delivery_is(&plan, "acknowledged").await;
    let deleted = app.delete(&stage.id).await.is(202);
    stage.decide(&plan, "Success").await;
    stage.move_on("PT2S").await;
    stage.is(deleted.header("operation-id"), "Succeeded", "gold").await;
    let clock = operator.get("/clock").await.is(200);
    assert!(clock.at("/nextEvent").is_null(), "no timer is left: {clock}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q23_a_publishers_change_is_told_first_or_applied_first(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("publisher_change_order", "applied_first").await;
    let app = &stage.world.publisher;
    stage.app.always(Reply::Status(400));
    let started = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    let operation = started.header("operation-id");
    stage.is(operation, "NotStarted", "silver").await;
    stage.move_on("PT2S").await;
    stage.is(operation, "Succeeded", "gold").await;
    let hook = stage.app.hook_of(operation).await.json();
    assert_eq!(hook["status"], "Succeeded", "{hook}");
    assert_eq!(hook["subscription"]["planId"], "gold", "{hook}");
    // It is so whatever the publisher answers: a 4xx refuses nothing and is tried again.
    stage.delivery_is(operation, "retrying").await;
    stage.is(operation, "Succeeded", "gold").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q24_a_publishers_change_has_a_webhook_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("publisher_change_webhook", "off").await;
    let app = &stage.world.publisher;
    let started = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    let operation = started.header("operation-id");
    stage.move_on("PT2S").await;
    stage.is(operation, "InProgress", "silver").await;
    stage.move_on("PT10S").await;
    stage.is(operation, "Succeeded", "gold").await;
    assert_eq!(stage.world.operator.deliveries(&stage.id).await, Vec::<serde_json::Value>::new());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q26_a_refused_change_is_reverted_by_a_second_webhook_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let told = async || stage.world.operator.deliveries(&stage.id).await;
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "acknowledged").await;
    stage.decide(&operation, "Failure").await;
    assert_eq!(told().await.len(), 1);
    stage.world.operator.set_quirk("revert_webhook", "on").await;
    for by_status in [false, true] {
        let before = told().await.len();
        if by_status {
            stage.app.always(Reply::Status(400));
        }
        let operation = stage.change_plan("gold").await;
        if by_status {
            stage.delivery_is(&operation, "rejected").await;
        } else {
            stage.delivery_is(&operation, "acknowledged").await;
            stage.decide(&operation, "Failure").await;
        }
        let deliveries = told().await;
        assert_eq!(deliveries.len(), before + 2, "{deliveries:?}");
        let back = deliveries[before + 1]["id"].as_str().unwrap().to_owned();
        let hook = stage.delivery(&back).await.at("/body");
        assert_eq!(hook["action"], "ChangePlan", "{hook}");
        assert_eq!(hook["planId"], hook["subscription"]["planId"], "{hook}");
        // Refused as well, or not: there is no third one.
        if by_status {
            stage.delivery_is(&back, "rejected").await;
        } else {
            stage.delivery_is(&back, "acknowledged").await;
            stage.move_on("PT10S").await;
            stage.is(&back, "Conflict", "silver").await;
        }
        assert_eq!(told().await.len(), before + 2);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q08_f04_delete_of_an_ended_one_is_202_or_200_or_404(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_as(&own(seats(2))).await;
    world.operator.unsubscribe(&bought.id).await.is(202);
    let delete = async || world.publisher.delete(&bought.id).await;
    let accepted = delete().await.is(202);
    let operation = accepted.header("operation-id");
    let operation = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(operation.at("/status"), "Conflict");
    let started = world.operator.events("operationStarted").await.len();
    world.operator.set_quirk("delete_unsubscribed", "ok").await;
    let known = delete().await.is(200);
    assert_eq!((known.text.as_str(), known.header("operation-location")), ("", ""), "{known}");
    world.operator.set_quirk("delete_unsubscribed", "not_found").await;
    delete().await.detail(404, Some("subscriptionId"), "EntityNotFound");
    assert_eq!(world.operator.events("operationStarted").await.len(), started, "nothing more");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q47_the_202_to_delete_says_where_or_everything(#[case] db: Db) {
    let world = World::new(db).await;
    let delete = async || {
        let bought = world.buy_as(&own(seats(2))).await;
        world.publisher.delete(&bought.id).await.is(202)
    };
    let all = delete().await;
    assert_eq!(all.header("retry-after"), "10", "{all}");
    assert!(!all.header("operation-id").is_empty(), "{all}");
    world.operator.set_quirk("delete_headers", "location_only").await;
    let few = delete().await;
    assert!(!few.header("operation-location").is_empty(), "{few}");
    assert_eq!((few.header("retry-after"), few.header("operation-id")), ("", ""), "{few}");
}
