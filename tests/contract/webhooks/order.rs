//! In which order webhooks leave: one at a time for each subscription, in the order of what happened; no other
//! subscription and no other publisher waits.

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    Db,
    foreign_app::{ForeignApp, Hook, Reply, Stage, active, delivery_is},
    world::{flat, own},
};

/// More subscriptions than a broker sends to at a time.
const MANY: usize = 80;

fn actions(hooks: &[Hook]) -> Vec<String> {
    hooks.iter().map(Hook::action).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn webhooks_of_one_subscription_keep_their_order_over_retries(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(503));
    let renew = json!({"action": "renew"});
    let renewals = [stage.acted(&renew).await, stage.acted(&renew).await];
    let suspend = stage.acted(&json!({"action": "suspend"})).await;
    let reinstate = stage.acted(&json!({"action": "reinstate"})).await;
    stage.delivery_is(&renewals[0], "retrying").await;
    for behind in [&renewals[1], &suspend, &reinstate] {
        let waits = stage.delivery_is(behind, "behind").await;
        assert_eq!(waits.at("/attempts"), 0, "{waits}");
    }
    stage.move_on("PT5M").await;
    assert!(stage.app.hooks().iter().all(|hook| hook.id() == renewals[0]), "the first only");
    assert_eq!(stage.app.hooks().len(), 6, "at 0, 57.6, … 288 s");
    // Each is refused once more before it is taken.
    let failed = [503, 200, 503, 200, 503, 200, 503].map(Reply::Status);
    stage.app.in_turn(failed);
    stage.move_on("PT1H").await;
    stage.delivery_is(&reinstate, "acknowledged").await;
    let order = [&renewals[0], &renewals[1], &suspend, &reinstate];
    let arrived: Vec<_> = stage.app.hooks()[6..].iter().map(Hook::id).collect();
    let expected: Vec<_> = order.into_iter().flat_map(|id| [id.clone(), id.clone()]).collect();
    assert_eq!(arrived, expected);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_subscription_does_not_wait_for_a_slow_answer(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let other = stage.another().await;
    let slow = stage.id.clone();
    let gate = stage.app.hold();
    let first = stage.acted(&json!({"action": "renew"})).await;
    stage.app.hook_of(&first).await;
    stage.app.handle({
        let gate = gate.clone();
        move |hook| {
            let held = (hook.text_at("/subscriptionId") == slow).then(|| gate.clone());
            async move {
                if let Some(gate) = held {
                    gate.pass().await;
                }
                Reply::Status(200)
            }
        }
    });
    let operator = &stage.world.operator;
    for action in ["renew", "suspend", "unsubscribe"] {
        let operation = operator.acted(&other, &json!({"action": action})).await;
        stage.delivery_is(&operation, "acknowledged").await;
    }
    let waits = stage.delivery(&first).await;
    assert_eq!(waits.at("/state"), "sending", "still unanswered: {waits}");
    gate.open();
    stage.delivery_is(&first, "acknowledged").await;
    assert_eq!(actions(&stage.app.hooks()), ["Renew", "Renew", "Suspend", "Unsubscribe"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_publisher_does_not_wait_for_one_that_hangs_with_all_it_has(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let gate = stage.app.hold();
    let mut buyers = JoinSet::new();
    for _ in 0..MANY {
        let (operator, publisher) = (operator.clone(), stage.world.publisher.clone());
        buyers.spawn(async move {
            let id = active(&operator, &publisher, &own(flat())).await;
            operator.acted(&id, &json!({"action": "suspend"})).await
        });
    }
    let held = buyers.join_all().await;
    let other = ForeignApp::start().await;
    let hooks = json!({"webhookUrl": other.url()});
    operator.put("/publishers/fabrikam", &hooks).await.is(200);
    let team = own(json!({"offerId": "fabrikam-insight", "planId": "team"}));
    let id = active(operator, &stage.world.other_publisher, &team).await;
    for action in ["renew", "suspend"] {
        let operation = operator.acted(&id, &json!({"action": action})).await;
        let told = delivery_is(operator, &operation, "acknowledged").await;
        let took = told.at("/tries/0/tookMs").as_f64().unwrap();
        assert!(took < 2_000.0, "{told}");
    }
    assert_eq!(actions(&other.hooks()), ["Renew", "Suspend"]);
    gate.open();
    for operation in &held {
        stage.delivery_is(operation, "acknowledged").await;
        assert_eq!(stage.app.hooks_of(operation).len(), 1);
    }
}

/// Sandboxes are worlds of their own: what hangs in one is nothing to the other, and neither is its clock.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_sandbox_does_not_wait(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let gate = stage.app.hold();
    let first = stage.change_plan("gold").await;
    stage.app.hook_of(&first).await;
    let (operator, publisher) = stage.world.another_sandbox("other").await;
    let app = ForeignApp::start().await;
    operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
    let id = active(&operator, &publisher, &own(flat())).await;
    let change = json!({"action": "changePlan", "planId": "metered"});
    let operation = operator.acted(&id, &change).await;
    delivery_is(&operator, &operation, "acknowledged").await;
    operator.advance(&json!({"by": "PT10S", "settle": 0})).await.is(200);
    let changed = publisher.operation(&id, &operation).await.is(200);
    assert_eq!(changed.at("/status"), "Succeeded", "{changed}");
    gate.open();
    stage.delivery_is(&first, "acknowledged").await;
    assert_eq!(app.hooks().len(), 1);
}
