//! PUT /api/saas/subscriptions/{subscriptionId}/licenseAssignments: licenses assigned.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, people, world::START};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_whole_set_counts_at_once_and_repeating_it_moves_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(3).await;
    let whole = json!({"required": 3, "assigned": 3, "complete": true,
        "confirmedAt": "2027-01-31T09:00:00.000000Z"});
    let assigned = world.publisher.assign(&bought.id, &people(3)).await.is(200);
    assert_eq!(assigned.json(), whole);
    world.operator.advance_by("PT1H").await;
    let again = world.publisher.assign(&bought.id, &people(3)).await.is(200);
    assert_eq!(again.json(), whole, "the instant is the first one");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/licensesAssignedAt"), whole["confirmedAt"], "{truth}");
    assert_eq!(truth.at("/waitingFor/0/confirmation"), "fulfillmentConfirmed", "{truth}");
    assert_eq!(world.operator.times("licensesAssigned", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn before_billing_a_smaller_set_withdraws_the_key_and_a_whole_one_gives_it_anew(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let assign = async |count| world.publisher.assign(&bought.id, &people(count)).await.is(200);
    assert_eq!(
        assign(1).await.json(),
        json!({"required": 2, "assigned": 1, "complete": false}),
        "no instant while it does not count"
    );
    assert_eq!(assign(2).await.at("/complete"), true);
    world.operator.advance_by("P1D").await;
    let withdrawn = assign(0).await;
    assert_eq!(withdrawn.json(), json!({"required": 2, "assigned": 0, "complete": false}));
    let truth = world.operator.truth(&bought.id).await;
    assert!(truth.at("/licensesAssignedAt").is_null(), "{truth}");
    world.operator.advance_by("P1D").await;
    let anew = assign(2).await;
    assert_eq!(anew.at("/confirmedAt"), "2027-02-02T09:00:00.000000Z", "{anew}");
    assert_eq!(world.operator.times("licensesWithdrawn", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn after_billing_the_set_may_change_and_the_gate_never_does(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.advance_by("P3D").await;
    let smaller = world.publisher.assign(&bought.id, &people(1)).await.is(200);
    assert_eq!(
        smaller.json(),
        json!({"required": 2, "assigned": 1, "complete": false,
            "confirmedAt": "2027-01-31T09:00:00.000000Z"})
    );
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/billingStartedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
    assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
    assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_flat_rate_takes_one_person(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let refused = world.publisher.assign(&bought.id, &people(2)).await;
    refused.detail(400, Some("assignedTo"), "BadRequest");
    let assigned = world.publisher.assign(&bought.id, &people(1)).await.is(200);
    assert_eq!(assigned.at("/required"), 1, "{assigned}");
    assert_eq!(assigned.at("/complete"), true, "{assigned}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_set_that_cannot_be_is_refused_and_the_one_before_it_stays(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    let before = world.operator.truth(&bought.id).await;
    let who = |object: &str, mail: &str| json!({"objectId": object, "emailId": mail});
    let (a, b) = (who("1", "a@x.example"), who("2", "b@x.example"));
    for (what, set) in [
        ("more people than licenses", people(3)),
        ("the same person twice", json!([a, a])),
        ("the same object id", json!([a, who("1", "c@x.example")])),
        ("the same address in other case", json!([a, who("3", "A@X.example")])),
        ("nobody", json!([a, {}])),
        ("blank names", json!([who(" ", ""), b])),
        ("a very long name", json!([{"emailId": "x".repeat(400)}])),
        ("ten thousand and one", people(10_001)),
    ] {
        let refused = world.publisher.assign(&bought.id, &set).await;
        let refused = refused.detail(400, Some("assignedTo"), "BadRequest");
        assert!(refused.text_at("/message").starts_with("assignedTo: "), "{what}: {refused}");
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_that_cannot_be_read_names_the_member(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let before = world.operator.truth(&bought.id).await;
    let path = format!("/{}/licenseAssignments", bought.id);
    let long = format!("{{\"assignedTo\":[{{\"emailId\":\"{}\"}}]}}", "x".repeat(1024 * 1024));
    for (body, status, target) in [
        ("", 400, "body"),
        ("{}", 400, "body"),
        ("[]", 400, "body"),
        ("{not json", 400, "body"),
        (r#"{"assignedTo":7}"#, 400, "assignedTo"),
        (r#"{"assignedTo":null}"#, 400, "assignedTo"),
        (r#"{"assignedTo":[{"objectId":7}]}"#, 400, "assignedTo[0].objectId"),
        (r#"{"assignedTo":[["1","a@x.example"]]}"#, 400, "assignedTo[0]"),
        (r#"{"assignedTo":{"0":{"objectId":"1"}}}"#, 400, "assignedTo"),
        (&long, 413, "body"),
    ] {
        let call = world.publisher.call(Method::PUT, &path).body(body.to_owned());
        let code = if status == 413 { "RequestTooLarge" } else { "BadRequest" };
        call.ask().await.detail(status, Some(target), code);
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_unknown_subscription_is_not_found_and_an_ended_one_takes_nobody(#[case] db: Db) {
    let world = World::new(db).await;
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid"] {
        let refused = world.publisher.assign(unknown, &people(1)).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    let bought = world.buy(1).await;
    world.operator.unsubscribe(&bought.id).await.is(202);
    let before = world.operator.truth(&bought.id).await;
    let refused = world.publisher.assign(&bought.id, &people(1)).await;
    let refused = refused.detail(400, None, "BadRequest");
    assert!(refused.text.contains("Unsubscribed"), "{refused}");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    assert_eq!(before.at("/purchasedAt"), START.replace('Z', ".000000Z"), "{before}");
    assert_eq!(world.operator.charges(&bought.id).await, Vec::<Value>::new());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_unknown_member_is_refused_by_its_name(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let before = world.operator.truth(&bought.id).await;
    let path = format!("/{}/licenseAssignments", bought.id);
    for body in [
        json!({"assignedTo": [], "assigned": []}),
        json!({"assignedTo": [{"objectId": "1", "assigned": true}]}),
    ] {
        let refused = world.publisher.call(Method::PUT, &path).json(&body).ask().await.is(400);
        assert!(refused.text_at("/message").contains("assigned"), "{refused}");
        assert_eq!(refused.at("/code"), "BadRequest", "{refused}");
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn nobody_is_assigned_in_suspension_and_again_after_it(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(2).await;
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    let before = world.operator.truth(&bought.id).await;
    let refused = world.publisher.assign(&bought.id, &people(1)).await;
    let refused = refused.detail(400, None, "BadRequest");
    assert!(refused.text.contains("Suspended"), "{refused}");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    let operation = world.operator.acted(&bought.id, &json!({"action": "reinstate"})).await;
    world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_quantity_after_billing_changes_what_is_required_and_never_the_gate(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(2).await;
    let change = json!({"action": "changeQuantity", "quantity": 3});
    let operation = world.operator.acted(&bought.id, &change).await;
    world.publisher.assign(&bought.id, &people(3)).await.is(400);
    world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/licensesRequired"), 3, "{truth}");
    assert_eq!(truth.at("/licensesAssigned"), 2, "{truth}");
    assert_eq!(truth.at("/licensesAssignedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
    let assigned = world.publisher.assign(&bought.id, &people(3)).await.is(200);
    assert_eq!(assigned.at("/complete"), true, "{assigned}");
    assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
    assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_quantity_before_billing_may_complete_the_set(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy(3).await;
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.advance_by("P1D").await;
    let change = json!({"action": "changeQuantity", "quantity": 2});
    let operation = world.operator.acted(&bought.id, &change).await;
    let truth = world.operator.truth(&bought.id).await;
    assert!(truth.at("/billingStartedAt").is_null(), "not before it is decided: {truth}");
    world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/billingStartedAt"), "2027-02-01T09:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
    let charges = world.operator.charges(&bought.id).await;
    assert_eq!(charges.len(), 1, "{charges:?}");
    assert_eq!(charges[0]["quantity"], 2, "{charges:?}");
}
