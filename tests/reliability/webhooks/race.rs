//! Several decide one operation at one instant: the publisher by PATCH, twice, its webhook by its answer, the customer by
//! a cancellation. One of them does, and everything agrees with it.

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    Db,
    foreign_app::{Reply, Stage, active, move_on},
    world::{flat, own},
};

/// Operations that are fought over.
const ROUNDS: usize = 12;

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_decided_once_whoever_comes_first(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    for round in 0..ROUNDS {
        let id = active(operator, publisher, &own(flat())).await;
        let gate = stage.app.hold_back(Reply::Status(400));
        let wish = json!({"action": "changePlan", "planId": "metered"});
        let change = operator.acted(&id, &wish).await;
        stage.app.hook_of(&change).await;
        let mut patches = JoinSet::new();
        for decision in ["Success", "Failure", "Success", "Failure"] {
            let (publisher, id, change) = (publisher.clone(), id.clone(), change.clone());
            patches.spawn(async move { publisher.decide(&id, &change, decision).await.status });
        }
        let cancels = round % 3 == 0;
        let mut cancel = JoinSet::new();
        if cancels {
            let (operator, id) = (operator.clone(), id.clone());
            cancel.spawn(async move { operator.unsubscribe(&id).await.status });
        }
        gate.open();
        let mut answers = patches.join_all().await;
        answers.sort_unstable();
        assert_eq!(cancel.join_all().await, vec![202; usize::from(cancels)]);
        let taken = answers.iter().filter(|status| **status == 200).count();
        assert!(taken <= 1 && answers[taken..].iter().all(|status| *status == 409), "{answers:?}");
        move_on(operator, "PT1M").await;
        let end = publisher.operation(&id, &change).await.is(200);
        let succeeded = end.at("/status") == "Succeeded";
        assert!(succeeded || end.at("/status") == "Failed", "{end}");
        assert!(!succeeded || taken == 1, "only a PATCH says yes: {answers:?} {end}");
        let plan = publisher.subscription(&id).await.is(200).at("/planId");
        assert_eq!(plan, if succeeded { "metered" } else { "standard" }, "{end}");
        for (event, times) in [
            ("operationSucceeded", usize::from(succeeded)),
            ("operationFailed", usize::from(!succeeded)),
            ("planChanged", usize::from(succeeded)),
            ("unsubscribed", usize::from(cancels)),
        ] {
            assert_eq!(operator.times(event, &id).await, times, "{event} of round {round}: {end}");
        }
        assert_eq!(stage.app.hooks_of(&change).len(), 1);
    }
}
