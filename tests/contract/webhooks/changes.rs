//! What asks the publisher: ChangePlan, ChangeQuantity and Reinstate. The window, refusals, and a PATCH that comes before
//! the answer (fulfillment.md 2.2, 2.3, 3.6).

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use shared::clock::FakeClock;

use crate::support::{
    Answer, Db, PublisherApp, World,
    foreign_app::{ForeignApp, Reply, Stage, active, delivery_is},
    world::{flat, own},
};

/// What the customer may want, on a subscription with 20 licenses of Silver.
fn wishes() -> [Value; 2] {
    [
        json!({"action": "changePlan", "planId": "gold"}),
        json!({"action": "changeQuantity", "quantity": 25}),
    ]
}

async fn plan_and_quantity(stage: &Stage) -> (Value, Value) {
    let subscription = stage.subscription().await;
    (subscription.at("/planId"), subscription.at("/quantity"))
}

async fn status(stage: &Stage, operation: &str) -> Value {
    stage.operation(operation).await.at("/status")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c42_c47_silence_for_ten_seconds_behind_a_2xx_accepts(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (answer, wish) in [Reply::Status(200), Reply::Status(202)].into_iter().zip(wishes()) {
        stage.app.always(answer);
        let before = plan_and_quantity(&stage).await;
        let operation = stage.acted(&wish).await;
        stage.delivery_is(&operation, "acknowledged").await;
        stage.move_on("PT9.9S").await;
        assert_eq!(status(&stage, &operation).await, "InProgress");
        assert_eq!(plan_and_quantity(&stage).await, before, "as it was until it succeeds");
        let closed = stage.move_on("PT0.1S").await;
        assert_eq!(closed.at("/happened/0/kind"), "decisionWindow", "{closed}");
        assert_eq!(status(&stage, &operation).await, "Succeeded");
        assert_ne!(plan_and_quantity(&stage).await, before);
        assert_eq!(stage.app.hooks_of(&operation).len(), 1);
    }
    assert_eq!(plan_and_quantity(&stage).await, (json!("gold"), json!(25)));
    assert_eq!(stage.world.operator.times("operationSucceeded", &stage.id).await, 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c47_the_ten_seconds_count_from_the_first_2xx_and_not_from_sending(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.in_turn([Reply::Status(503), Reply::Status(500)]);
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "retrying").await;
    // Attempts at 0 s, 57.6 s and 115.2 s: the third is answered.
    stage.move_on("PT115.2S").await;
    stage.delivery_is(&operation, "acknowledged").await;
    stage.move_on("PT9.9S").await;
    stage.is(&operation, "InProgress", "silver").await;
    stage.move_on("PT0.1S").await;
    stage.is(&operation, "Succeeded", "gold").await;
    assert_eq!(stage.app.hooks_of(&operation).len(), 3);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c47_a_reinstatement_has_the_same_window(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let suspended = stage.acted(&json!({"action": "suspend"})).await;
    stage.delivery_is(&suspended, "acknowledged").await;
    for (answer, state, end) in
        [(Some("Failure"), "Suspended", "Failed"), (None, "Subscribed", "Succeeded")]
    {
        let operation = stage.acted(&json!({"action": "reinstate"})).await;
        stage.delivery_is(&operation, "acknowledged").await;
        stage.move_on("PT9.9S").await;
        assert_eq!(status(&stage, &operation).await, "InProgress");
        assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), "Suspended");
        if let Some(answer) = answer {
            stage.decide(&operation, answer).await;
        }
        stage.move_on("PT0.1S").await;
        assert_eq!(status(&stage, &operation).await, end);
        assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), state);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c52_a_4xx_refuses_a_change_at_once_and_is_the_only_attempt(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let before = plan_and_quantity(&stage).await;
    let refusals = [400, 401, 403, 404, 408, 409, 410, 429, 499];
    for (status, wish) in refusals.into_iter().zip(wishes().into_iter().cycle()) {
        stage.app.always(Reply::Status(status));
        let operation = stage.acted(&wish).await;
        let delivery = stage.delivery_is(&operation, "rejected").await;
        assert_eq!(delivery.at("/tries/0/answer/status"), status, "{delivery}");
        assert_eq!(delivery.at("/tries/0/verdict"), "rejected", "{delivery}");
        let failed = stage.operation(&operation).await;
        assert_eq!(failed.at("/status"), "Failed", "{failed}");
        assert!(!failed.text_at("/errorStatusCode").is_empty(), "{failed}");
        assert!(!failed.text_at("/errorMessage").is_empty(), "{failed}");
        // What comes later changes nothing: neither a PATCH nor time.
        let late = stage.world.publisher.decide(&stage.id, &operation, "Success").await;
        late.is(409);
        stage.move_on("PT1H").await;
        assert_eq!(stage.app.hooks_of(&operation).len(), 1, "one attempt");
        assert_eq!(plan_and_quantity(&stage).await, before);
    }
    let truth = stage.world.operator.truth(&stage.id).await;
    assert!(truth.at("/pendingOperation").is_null(), "{truth}");
    assert_eq!(stage.world.operator.times("operationFailed", &stage.id).await, refusals.len());
}

/// PATCHes every operation from inside the handler, and answers the webhook with `reply` afterwards.
fn decides_inside(stage: &Stage, decision: &'static str, reply: Reply) {
    let publisher: PublisherApp = stage.world.publisher.clone();
    stage.app.handle(move |hook| {
        let (publisher, reply) = (publisher.clone(), reply.clone());
        async move {
            let id = hook.text_at("/subscriptionId");
            let patched: Answer = publisher.decide(&id, &hook.id(), decision).await.is(200);
            assert_eq!(patched.text, "");
            reply
        }
    });
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c44_c45_a_patch_from_inside_the_handler_wins_over_the_answer(#[case] db: Db) {
    let time_limit = std::time::Duration::from_millis(300);
    let stage = Stage::with(db, |config| config.webhook_time_limit = time_limit).await;
    let plans = ["gold", "silver"];
    let mut now = 1;
    for reply in
        [Reply::Status(200), Reply::Status(400), Reply::Status(503), Reply::Reset, Reply::Never]
    {
        for (decision, end) in [("Failure", "Failed"), ("Success", "Succeeded")] {
            decides_inside(&stage, decision, reply.clone());
            let operation = stage.change_plan(plans[1 - now]).await;
            stage.app.hook_of(&operation).await;
            now = if end == "Succeeded" { 1 - now } else { now };
            // The advance answers once the webhook was answered; neither it nor the window decides again.
            for by in ["PT11S", "PT1H"] {
                stage.move_on(by).await;
                stage.is(&operation, end, plans[now]).await;
            }
            assert_eq!(stage.app.hooks_of(&operation).len(), 1, "{decision}, {reply:?}");
            let state = stage.delivery(&operation).await.text_at("/state");
            assert!(["acknowledged", "superseded"].contains(&&*state), "{state} for {reply:?}");
        }
    }
    let operator = &stage.world.operator;
    assert_eq!(operator.times("operationSucceeded", &stage.id).await, 5);
    assert_eq!(operator.times("operationFailed", &stage.id).await, 5);
    assert_eq!(operator.times("planChanged", &stage.id).await, 5);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c44_c45_a_patch_while_the_webhook_is_being_retried_ends_the_retries(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(502));
    for (decision, end, plan) in [("failure", "Failed", "silver"), ("SUCCESS", "Succeeded", "gold")]
    {
        let operation = stage.change_plan("gold").await;
        stage.delivery_is(&operation, "retrying").await;
        stage.move_on("PT2M").await;
        assert_eq!(stage.app.hooks_of(&operation).len(), 3);
        stage.decide(&operation, decision).await;
        stage.is(&operation, end, plan).await;
        stage.delivery_is(&operation, "superseded").await;
        stage.move_on("P1D").await;
        stage.is(&operation, end, plan).await;
        assert_eq!(stage.app.hooks_of(&operation).len(), 3, "none behind the PATCH");
    }
}

/// Whether the timer has run already or not: behind the window the publisher is too late.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c46_c47_a_patch_behind_the_window_is_too_late_where_the_clock_runs(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let (operator, publisher) = (&world.operator, &world.publisher);
    let app = ForeignApp::start().await;
    operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
    let id = active(operator, publisher, &own(flat())).await;
    let change = operator.acted(&id, &json!({"action": "changePlan", "planId": "metered"})).await;
    delivery_is(operator, &change, "acknowledged").await;
    clock.advance(SignedDuration::from_secs(10));
    publisher.decide(&id, &change, "Failure").await.is(409);
    let end = publisher.operation(&id, &change).await.is(200);
    assert_eq!(end.at("/status"), "Succeeded", "{end}");
    let now = publisher.subscription(&id).await.is(200);
    assert_eq!(now.at("/planId"), "metered", "{now}");
}
