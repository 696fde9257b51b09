//! What an operator does to webhooks that are under way: hold them back, let them go, try one now.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Ask, Db, Operator,
    foreign_app::{Hook, Reply, Stage},
    wait,
};

async fn press(operator: &Operator, button: &str) {
    operator.call(Method::POST, &format!("/deliveries/{button}")).ask().await.is(204);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_held_back_leaves_in_its_order_when_it_is_let_go(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    press(operator, "hold").await;
    press(operator, "hold").await;
    let suspend = stage.acted(&json!({"action": "suspend"})).await;
    let reinstate = stage.acted(&json!({"action": "reinstate"})).await;
    // An advance does not wait for what cannot leave, and nothing is decided in silence that nobody heard of.
    stage.move_on("PT1H").await;
    stage.is(&reinstate, "InProgress", "silver").await;
    assert_eq!(stage.app.hooks().len(), 0, "held");
    assert_eq!(operator.truth(&stage.id).await.at("/state"), "Suspended");
    press(operator, "release").await;
    let told = stage.delivery_is(&reinstate, "acknowledged").await;
    assert_eq!(told.at("/tries/0/at"), "2027-01-31T10:00:00.000000Z", "{told}");
    stage.delivery_is(&suspend, "acknowledged").await;
    let arrived: Vec<_> = stage.app.hooks().iter().map(Hook::action).collect();
    assert_eq!(arrived, ["Suspend", "Reinstate"]);
    stage.move_on("PT10S").await;
    stage.is(&reinstate, "Succeeded", "silver").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn one_that_waits_for_its_retry_is_tried_now_and_counts(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    stage.app.always(Reply::Status(503));
    let change = stage.change_plan("gold").await;
    stage.delivery_is(&change, "retrying").await;
    let behind = stage.acted(&json!({"action": "renew"})).await;
    let waits = format!("/deliveries/{behind}/redeliver");
    operator.post(&waits, &json!({})).await.problem(409, None);
    stage.app.always(Reply::Status(200));
    operator.post(&format!("/deliveries/{change}/redeliver"), &json!({})).await.is(202);
    let told = stage.delivery_is(&change, "acknowledged").await;
    assert_eq!(told.at("/attempts"), 2, "{told}");
    stage.delivery_is(&behind, "acknowledged").await;
    stage.move_on("PT9.9S").await;
    stage.is(&change, "InProgress", "silver").await;
    stage.move_on("PT0.1S").await;
    stage.is(&change, "Succeeded", "gold").await;
    stage.move_on("PT2M").await;
    assert_eq!(stage.app.hooks_of(&change).len(), 2, "the retry it had waited for is void");
}

/// A change that was refused stays refused, whatever the publisher answers to the same webhook later.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_was_refused_stays_refused_when_it_is_sent_again(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.in_turn([Reply::Status(400)]);
    let change = stage.change_plan("gold").await;
    stage.delivery_is(&change, "rejected").await;
    let again = format!("/deliveries/{change}/redeliver");
    stage.world.operator.post(&again, &json!({})).await.is(202);
    wait::until("the second attempt", async || {
        let shown = stage.delivery(&change).await;
        (shown.at("/attempts") == 2).then_some(())
    })
    .await;
    stage.move_on("PT1M").await;
    stage.is(&change, "Failed", "silver").await;
    assert_eq!(stage.app.hooks_of(&change).len(), 2);
}
