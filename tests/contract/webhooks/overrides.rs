//! Unsubscribe and Suspend override an operation that is open (fulfillment.md 2.1): it fails, its webhook is superseded,
//! and theirs leaves only behind it.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Db, Operator, PublisherApp,
    foreign_app::{Hook, Reply, Stage, delivery_is},
};

const FINAL: [(&str, &str, &str); 2] =
    [("suspend", "Suspend", "Suspended"), ("unsubscribe", "Unsubscribe", "Unsubscribed")];

/// Holds that the change lost: it failed, and the plan is as it was.
async fn lost(publisher: &PublisherApp, operator: &Operator, id: &str, change: &str, state: &str) {
    let failed = publisher.operation(id, change).await.is(200);
    assert_eq!(failed.at("/status"), "Failed", "{failed}");
    assert!(!failed.text_at("/errorMessage").is_empty(), "{failed}");
    publisher.decide(id, change, "Success").await.is(409);
    let now = publisher.subscription(id).await.is(200);
    assert_eq!(now.at("/planId"), "silver", "{now}");
    assert_eq!(now.at("/saasSubscriptionStatus"), state, "{now}");
    assert_eq!(operator.times("operationFailed", id).await, 1);
    assert_eq!(operator.times("planChanged", id).await, 0);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_final_takes_the_place_of_a_change_that_is_being_retried(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    for (action, name, state) in FINAL {
        let id = stage.another().await;
        stage.app.always(Reply::Status(503));
        let wish = json!({"action": "changePlan", "planId": "gold"});
        let change = operator.acted(&id, &wish).await;
        stage.delivery_is(&change, "retrying").await;
        stage.app.always(Reply::Status(200));
        let last = operator.acted(&id, &json!({"action": action})).await;
        stage.delivery_is(&change, "superseded").await;
        stage.delivery_is(&last, "acknowledged").await;
        lost(publisher, operator, &id, &change, state).await;
        stage.move_on("P1D").await;
        assert_eq!(stage.app.hooks_of(&change).len(), 1, "no retry of what failed");
        let told: Vec<_> = stage.app.hooks_of(&last).iter().map(Hook::action).collect();
        assert_eq!(told, [name]);
        lost(publisher, operator, &id, &change, state).await;
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_final_waits_for_the_answer_that_is_under_way(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    for (action, name, state) in FINAL {
        let id = stage.another().await;
        let gate = stage.app.hold();
        let wish = json!({"action": "changePlan", "planId": "gold"});
        let change = operator.acted(&id, &wish).await;
        stage.app.hook_of(&change).await;
        let last = operator.acted(&id, &json!({"action": action})).await;
        // It has happened already, whether the publisher listens or not.
        lost(publisher, operator, &id, &change, state).await;
        delivery_is(operator, &last, "behind").await;
        assert_eq!(stage.app.hooks_of(&last).len(), 0, "{name} waits for the one before it");
        gate.let_through(1);
        let told = stage.app.hook_of(&last).await;
        assert_eq!(told.action(), name);
        gate.open();
        stage.delivery_is(&last, "acknowledged").await;
        // It arrived, after all; that changes nothing.
        stage.delivery_is(&change, "acknowledged").await;
        stage.move_on("PT1M").await;
        lost(publisher, operator, &id, &change, state).await;
        assert_eq!(stage.app.hooks_of(&change).len(), 1);
    }
}

/// The window was open: the change would have succeeded in a second.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_final_overrides_a_change_within_its_window(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    for (action, name, state) in FINAL {
        let id = stage.another().await;
        let wish = json!({"action": "changePlan", "planId": "gold"});
        let change = operator.acted(&id, &wish).await;
        stage.delivery_is(&change, "acknowledged").await;
        stage.move_on("PT9S").await;
        let last = operator.acted(&id, &json!({"action": action})).await;
        stage.delivery_is(&last, "acknowledged").await;
        stage.move_on("PT1M").await;
        lost(publisher, operator, &id, &change, state).await;
        let inside = stage.app.hook_of(&last).await;
        assert_eq!((inside.action(), inside.text_at("/planId")), (name.into(), "silver".into()));
    }
}

/// A reinstatement that is open is overtaken by a cancellation, and only one of the customer's: the other operations
/// of a customer wait for the one that is open.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_open_reinstatement_locks_all_but_a_cancellation(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.acted(&json!({"action": "suspend"})).await;
    let reinstate = json!({"action": "reinstate"});
    let open = stage.acted(&reinstate).await;
    stage.delivery_is(&open, "acknowledged").await;
    let again = stage.world.operator.act(&stage.id, &reinstate).await.problem(409, None);
    assert!(again.text_at("/detail").contains("unsubscribe"), "what is allowed: {again}");
    let truth = stage.world.operator.truth(&stage.id).await;
    assert_eq!(truth.at("/pendingOperation/id"), open.as_str(), "{truth}");
    let end = stage.acted(&json!({"action": "unsubscribe"})).await;
    stage.delivery_is(&end, "acknowledged").await;
    stage.is(&open, "Failed", "silver").await;
    stage.move_on("PT1M").await;
    let subscription = stage.subscription().await;
    assert_eq!(subscription.at("/saasSubscriptionStatus"), "Unsubscribed", "{subscription}");
}
