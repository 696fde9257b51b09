//! An advance answers when everything it caused is done: the webhooks too.

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    Db,
    foreign_app::{Reply, Stage},
    world::{flat, own},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_advance_waits_for_the_answers_to_the_webhooks_it_caused(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let mut ids = vec![stage.id.clone()];
    for _ in 0..3 {
        ids.push(stage.another().await);
    }
    for id in &ids {
        stage.world.publisher.delete(id).await.is(202);
    }
    let gate = stage.app.hold();
    let mut advance = JoinSet::new();
    let clock = operator.clone();
    advance.spawn(async move { clock.advance(&json!({"by": "PT2S"})).await });
    stage.app.hook(ids.len()).await;
    // The broker goes on to answer others, and time to finish by mistake goes by.
    for _ in 0..50 {
        stage.subscription().await;
    }
    gate.let_through(ids.len() - 1);
    for _ in 0..50 {
        stage.subscription().await;
    }
    assert!(advance.try_join_next().is_none(), "one webhook is not answered yet");
    gate.open();
    let advanced = advance.join_next().await.unwrap().unwrap().is(200);
    let deliveries = advanced.at("/deliveries");
    let deliveries = deliveries.as_array().unwrap();
    assert_eq!(deliveries.len(), ids.len(), "{advanced}");
    for delivery in deliveries {
        assert_eq!(delivery["state"], "acknowledged", "{advanced}");
        assert_eq!(delivery["action"], "Unsubscribe", "{advanced}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_long_advance_stops_for_each_webhook_on_its_way(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let publisher = &stage.world.publisher;
    let id = crate::support::foreign_app::active(operator, publisher, &own(flat())).await;
    // The second renewal is told at the second attempt.
    stage.app.in_turn([200, 503, 200].map(Reply::Status));
    let advanced = stage.move_on("P3M").await;
    let hooks = stage.app.hooks();
    let told: Vec<_> =
        hooks.iter().map(|hook| (hook.action(), hook.header("x-rehearse-now"))).collect();
    let renewed = |at| ("Renew".to_owned(), at);
    assert_eq!(
        told,
        [
            renewed("2027-02-28T00:00:00.000000Z"),
            renewed("2027-03-28T00:00:00.000000Z"),
            renewed("2027-03-28T00:00:57.600000Z"),
            renewed("2027-04-28T00:00:00.000000Z"),
        ],
        "each at its own instant"
    );
    for (number, attempts) in [1, 2, 1].into_iter().enumerate() {
        let delivery = advanced.at(&format!("/deliveries/{number}"));
        assert_eq!(delivery["state"], "acknowledged", "{advanced}");
        assert_eq!(delivery["attempts"], attempts, "{advanced}");
    }
    assert_eq!(operator.times("renewed", &id).await, 3);
}

/// The publisher answers the webhook first and decides a moment later, as an app with a queue does.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_advance_leaves_a_publisher_the_time_to_decide_that_it_was_told_to(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (settle, decides, end, plan) in
        [(20_000, true, "Failed", "silver"), (0, false, "Succeeded", "gold")]
    {
        // It arrives at the second attempt, when the clock is on its way already.
        stage.app.in_turn([503, 200].map(Reply::Status));
        let operation = stage.change_plan("gold").await;
        stage.delivery_is(&operation, "retrying").await;
        let mut advance = JoinSet::new();
        let clock = stage.world.operator.clone();
        let body = json!({"by": "PT2M", "settle": settle});
        advance.spawn(async move { clock.advance(&body).await });
        if decides {
            stage.delivery_is(&operation, "acknowledged").await;
            stage.decide(&operation, "Failure").await;
        }
        advance.join_next().await.unwrap().unwrap().is(200);
        stage.is(&operation, end, plan).await;
    }
    for settle in [json!(-1), json!("2"), json!(1.5), json!(1_000_000)] {
        let body = json!({"by": "PT1M", "settle": settle});
        stage.world.operator.advance(&body).await.problem(400, Some("settle"));
    }
}
