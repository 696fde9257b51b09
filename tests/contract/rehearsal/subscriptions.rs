//! GET …/subscriptions/{subscriptionId}: the whole truth.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Db, World, people};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_truth_tells_what_billing_waits_for_until_it_waits_for_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let waiting = async || {
        let truth = world.operator.truth(&bought.id).await;
        let names = truth.at("/waitingFor");
        let names: Value =
            names.as_array().unwrap().iter().map(|w| w["confirmation"].clone()).collect();
        assert_eq!(truth.at("/attentionNeeded"), names != json!([]), "{truth}");
        assert_eq!(truth.at("/mustFinishBy").is_null(), names == json!([]), "{truth}");
        assert_eq!(truth.at("/billingStartedAt").is_null(), names != json!([]), "{truth}");
        assert_eq!(truth.at("/term/provisional"), names != json!([]), "{truth}");
        names
    };
    assert_eq!(waiting().await, json!(["licensesAssigned", "fulfillmentConfirmed"]));
    world.publisher.activate(&bought.id).await.is(200);
    assert_eq!(waiting().await, json!(["licensesAssigned"]));
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    assert_eq!(waiting().await, json!(["licensesAssigned"]));
    let partly = world.operator.truth(&bought.id).await;
    assert_eq!(partly.at("/licensesRequired"), 2, "{partly}");
    assert_eq!(partly.at("/licensesAssigned"), 1, "{partly}");
    let words = partly.text_at("/waitingFor/0/words");
    assert!(words.contains('1') && words.contains('2'), "{words}");
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    assert_eq!(waiting().await, json!([]));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_change_raises_the_version_by_one_and_nothing_else_does(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let version = async || world.operator.truth(&bought.id).await.at("/version").as_i64().unwrap();
    assert_eq!(version().await, 1);
    world.publisher.resolve(&bought.token).await.is(200);
    world.operator.link(&bought.id).await.is(201);
    world.publisher.assign(&bought.id, &people(9)).await.is(400);
    assert_eq!(version().await, 1);
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    assert_eq!(version().await, 2);
    world.publisher.activate(&bought.id).await.is(200);
    assert_eq!(version().await, 3);
    world.publisher.activate(&bought.id).await.is(400);
    assert_eq!(version().await, 3);
    world.operator.unsubscribe(&bought.id).await.is(202);
    assert_eq!(version().await, 4);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_unknown_one_is_not_found(#[case] db: Db) {
    let world = World::new(db).await;
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid", "%ff"] {
        let path = format!("/subscriptions/{unknown}");
        world.operator.get(&path).await.problem(404, None);
        world.operator.get(&format!("{path}/charges")).await.problem(404, None);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_truth_outlives_a_restart(#[case] db: Db) {
    let mut world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    let before = world.operator.truth(&bought.id).await.json();
    let charges = world.operator.charges(&bought.id).await;
    world.restart().await;
    assert_eq!(world.operator.truth(&bought.id).await.json(), before);
    assert_eq!(world.operator.charges(&bought.id).await, charges);
    world.stop().await;
}
