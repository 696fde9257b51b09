//! What waits is in the database: windows, retries and what was asked for outlive a kill to the microsecond.

use rstest::rstest;
use serde_json::json;

use super::House;
use crate::support::{
    Db,
    foreign_app::{Reply, active, delivery, delivery_is, move_on},
    world::{flat, own},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_window_closes_when_it_would_have(#[case] db: Db) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    let (operator, publisher) = running.callers();
    let id = active(&operator, &publisher, &own(flat())).await;
    let wish = json!({"action": "changePlan", "planId": "metered"});
    let change = operator.acted(&id, &wish).await;
    delivery_is(&operator, &change, "acknowledged").await;
    move_on(&operator, "PT5S").await;
    running.broker.kill().await;
    let running = house.start("broker").await;
    move_on(&running.operator, "PT4.999999S").await;
    assert_eq!(running.status(&id, &change).await, "InProgress");
    assert_eq!(house.app.hooks_of(&change).len(), 1, "what was recorded is not sent again");
    running.broker.kill().await;
    let running = house.start("broker").await;
    move_on(&running.operator, "PT0.000001S").await;
    assert_eq!(running.status(&id, &change).await, "Succeeded");
    assert_eq!(running.operator.times("planChanged", &id).await, 1);
    assert_eq!(house.app.hooks_of(&change).len(), 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_and_what_the_publisher_asked_for_come_when_they_would_have(#[case] db: Db) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    let (operator, publisher) = running.callers();
    house.app.always(Reply::Status(503));
    let retried = active(&operator, &publisher, &own(flat())).await;
    let suspend = operator.acted(&retried, &json!({"action": "suspend"})).await;
    delivery_is(&operator, &suspend, "retrying").await;
    move_on(&operator, "PT57.6S").await;
    move_on(&operator, "PT56S").await;
    let asked = active(&operator, &publisher, &own(flat())).await;
    let taken = publisher.change(&asked, &json!({"planId": "metered"})).await.is(202);
    let change = taken.header("operation-id").to_owned();
    let before = delivery(&operator, &suspend).await;
    running.broker.kill().await;

    house.app.always(Reply::Status(200));
    let running = house.start("broker").await;
    let operator = &running.operator;
    let after = delivery(operator, &suspend).await;
    assert_eq!(after.json(), before.json(), "every attempt, and when the next one is");
    move_on(operator, "PT1.599999S").await;
    assert_eq!(house.app.hooks().len(), 2, "not before its time");
    move_on(operator, "PT0.000001S").await;
    let told = delivery_is(operator, &suspend, "acknowledged").await;
    assert_eq!(told.at("/attempts"), 3, "{told}");
    assert_eq!(running.status(&asked, &change).await, "NotStarted");
    running.broker.kill().await;
    let running = house.start("broker").await;
    move_on(&running.operator, "PT0.4S").await;
    assert_eq!(running.status(&asked, &change).await, "InProgress");
    delivery_is(&running.operator, &change, "acknowledged").await;
    move_on(&running.operator, "PT10S").await;
    assert_eq!(running.status(&asked, &change).await, "Succeeded");
    assert_eq!(house.app.hooks_of(&change).len(), 1);
}

/// A broker that is asked to stop does not wait for a publisher that hangs; the webhook comes again afterwards.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_loses_nothing_that_is_under_way(#[case] db: Db) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    let (operator, publisher) = running.callers();
    house.app.always(Reply::Never);
    let id = active(&operator, &publisher, &own(flat())).await;
    let suspend = operator.acted(&id, &json!({"action": "suspend"})).await;
    house.app.hook_of(&suspend).await;
    let ended = running.broker.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    house.app.always(Reply::Status(200));
    let running = house.start("broker").await;
    // Whether the stop waited for the end of the attempt or not.
    move_on(&running.operator, "PT1M").await;
    let told = delivery_is(&running.operator, &suspend, "acknowledged").await;
    let hooks = house.app.hooks_of(&suspend);
    assert_eq!(hooks.len(), 2, "{told}");
    assert_eq!(hooks[0].body, hooks[1].body);
    assert_eq!(running.operator.times("suspended", &id).await, 1);
}
