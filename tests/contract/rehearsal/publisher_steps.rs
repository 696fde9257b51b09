//! PUT …/subscriptions/{subscriptionId}/publisher-steps and POST …/{step}/done: the operator in a publisher's place.

use rstest::rstest;
use serde_json::json;

use crate::support::{Db, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_the_operator_declares_steps_and_finishes_them(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let path = format!("/subscriptions/{}/publisher-steps", bought.id);
    let step = json!({"id": "export", "title": "Export your data",
        "url": "https://contoso.example/export", "blocks": ["cancel", "autoRenew"]});
    let declared = world.operator.put(&path, &json!({"steps": [step]})).await.is(200);
    assert_eq!(declared.json(), json!({"steps": [step]}));
    assert_eq!(world.publisher.steps(&bought.id).await.is(200).json(), declared.json());
    let done = world.operator.post(&format!("{path}/export/done"), &json!({})).await.is(200);
    assert_eq!(done.at("/doneAt"), "2027-01-31T09:00:00.000000Z", "{done}");
    assert_eq!(world.operator.truth(&bought.id).await.at("/publisherSteps"), json!([done.json()]));
    world
        .operator
        .exchange("the calls in the journal", |entry| {
            entry["name"] == "publisherStepDone" && entry["subscriptionId"] == bought.id
        })
        .await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_the_operator_is_refused_with_the_field_or_the_state(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let path = format!("/subscriptions/{}/publisher-steps", bought.id);
    let nowhere = "/subscriptions/6c538dd9-c47b-4eea-b8ce-b4a8009af0ed/publisher-steps";
    let list = json!({"steps": []});
    world.operator.put(nowhere, &list).await.problem(404, None);
    world.operator.post(&format!("{path}/export/done"), &json!({})).await.problem(404, None);
    let wrong = json!({"steps": [{"id": "a", "title": "", "url": "https://x.example/",
        "blocks": []}]});
    world.operator.put(&path, &wrong).await.problem(400, Some("steps[0].title"));
    world.operator.put(&path, &json!([])).await.problem(400, Some("body"));
    world.operator.unsubscribe(&bought.id).await.is(202);
    world.operator.put(&path, &list).await.problem(409, None);
    world.operator.post(&format!("{path}/export/done"), &json!({})).await.problem(409, None);
}
