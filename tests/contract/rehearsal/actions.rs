//! POST …/actions: so far, a customer cancels.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World, people};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_cancel_ends_it_for_good_with_an_operation(#[case] db: Db) {
    let world = World::new(db).await;
    for activated in [false, true] {
        let bought = world.buy(1).await;
        if activated {
            world.publisher.assign(&bought.id, &people(1)).await.is(200);
            world.publisher.activate(&bought.id).await.is(200);
        }
        let before = world.operator.truth(&bought.id).await;
        let charges = world.operator.charges(&bought.id).await;
        let answer = world.operator.unsubscribe(&bought.id).await.is(202);
        assert!(uuid::Uuid::try_parse(&answer.text_at("/operationId")).is_ok(), "{answer}");
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
        assert_eq!(truth.at("/endReason"), "canceled", "{truth}");
        assert_eq!(truth.at("/endedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
        assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
        assert_eq!(truth.at("/quantity"), before.at("/quantity"), "kept");
        assert_eq!(truth.at("/billingStartedAt"), before.at("/billingStartedAt"));
        assert_eq!(world.operator.charges(&bought.id).await, charges, "no credit yet");
        let again = world.operator.unsubscribe(&bought.id).await.problem(409, None);
        assert!(again.text_at("/detail").contains("Unsubscribed"), "{again}");
        assert!(again.text_at("/detail").contains("allowed: nothing"), "{again}");
        assert_eq!(world.operator.truth(&bought.id).await.json(), truth.json());
        assert_eq!(world.operator.times("unsubscribed", &bought.id).await, 1);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_no_action_names_its_field_and_changes_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    let before = world.operator.truth(&bought.id).await;
    let path = format!("/subscriptions/{}/actions", bought.id);
    for (body, field) in [
        (json!({"action": "explode"}), "action"),
        (json!({"action": 7}), "action"),
        (json!({"action": null}), "action"),
    ] {
        world.operator.post(&path, &body).await.problem(400, Some(field));
    }
    for body in [json!({}), json!({"action": "unsubscribe", "quantity": 2})] {
        world.operator.post(&path, &body).await.is(400);
    }
    let call = || world.operator.call(Method::POST, &path);
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    let unknown = "00000000-0000-0000-0000-000000000000";
    world.operator.unsubscribe(unknown).await.problem(404, None);
}
