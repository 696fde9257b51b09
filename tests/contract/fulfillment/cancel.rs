//! DELETE /api/saas/subscriptions/{subscriptionId}: the publisher cancels; what overtakes an open operation; and how a
//! suspension ends.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db, World,
    world::{flat, own, seats},
};

/// Holds that a cancellation was accepted; answers the operation's id.
#[track_caller]
fn accepted(world: &World, id: &str, answer: Answer) -> String {
    let accepted = answer.is(202);
    assert_eq!(accepted.text, "", "{accepted}");
    let start = format!("{}/api/saas/subscriptions/{id}/operations/", world.base);
    let rest = accepted.header("operation-location").strip_prefix(&start);
    let operation = rest.and_then(|rest| rest.strip_suffix("?api-version=2018-08-31"));
    let operation = operation.unwrap_or_else(|| panic!("a location: {accepted}"));
    assert!(uuid::Uuid::try_parse(operation).is_ok(), "{accepted}");
    operation.to_owned()
}

async fn status(world: &World, id: &str) -> String {
    world.publisher.subscription(id).await.is(200).text_at("/saasSubscriptionStatus")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c40_a_cancellation_ends_it_whatever_its_state_and_keeps_what_it_was(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let pending = world.buy_as(&own(seats(3))).await;
    let unbilled = world.buy_as(&own(seats(3))).await;
    world.publisher.activate(&unbilled.id).await.is(200);
    let billed = world.buy_active(3).await;
    let suspended = world.buy_active(3).await;
    world.operator.acted(&suspended.id, &json!({"action": "suspend"})).await;
    for (bought, before) in [
        (pending, "PendingFulfillmentStart"),
        (unbilled, "Subscribed"),
        (billed, "Subscribed"),
        (suspended, "Suspended"),
    ] {
        let charges = world.operator.charges(&bought.id).await;
        let answer = world.publisher.delete(&bought.id).await;
        let operation = accepted(&world, &bought.id, answer);
        let read = world.publisher.operation(&bought.id, &operation).await.is(200);
        assert_eq!(read.at("/action"), "Unsubscribe", "{read}");
        assert_eq!(read.at("/operationRequestSource"), "Partner", "{read}");
        assert_eq!(read.at("/status"), "NotStarted", "{read}");
        assert_eq!(status(&world, &bought.id).await, before, "not ended yet");
        world.operator.advance_by("PT1M").await;
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), "Unsubscribed", "{seen}");
        assert_eq!(seen.at("/planId"), "silver", "kept: {seen}");
        assert_eq!(seen.at("/quantity"), 3, "kept: {seen}");
        let has_dates = seen.json().pointer("/term/startDate").is_some();
        assert_eq!(has_dates, before != "PendingFulfillmentStart", "{seen}");
        let read = world.publisher.operation(&bought.id, &operation).await.is(200);
        assert_eq!(read.at("/status"), "Succeeded", "{read}");
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/endReason"), "canceledByPublisher", "{truth}");
        assert_eq!(truth.at("/allowedActions"), json!([]), "{truth}");
        assert_eq!(world.operator.charges(&bought.id).await, charges, "nothing more is charged");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c40_a_cancellation_answers_with_the_ids_of_the_client(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(1).await;
    let call = world.publisher.call(Method::DELETE, &format!("/{}", bought.id));
    let call = call.header("x-ms-requestid", "mine-1").header("x-ms-correlationid", "mine-2");
    let answer = call.ask().await;
    assert_eq!(answer.header("x-ms-requestid"), "mine-1", "{answer}");
    assert_eq!(answer.header("x-ms-correlationid"), "mine-2", "{answer}");
    let operation = accepted(&world, &bought.id, answer);
    let read = world.publisher.operation(&bought.id, &operation).await.is(200);
    assert_eq!(read.at("/id"), operation, "{read}");
    assert_eq!(read.at("/activityId"), operation, "{read}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_ended_one_may_be_canceled_again_without_effect(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(1).await;
    world.operator.unsubscribe(&bought.id).await.is(202);
    world.operator.advance_by("PT1H").await;
    let before = world.operator.truth(&bought.id).await;
    let answer = world.publisher.delete(&bought.id).await;
    let operation = accepted(&world, &bought.id, answer);
    let read = world.publisher.operation(&bought.id, &operation).await.is(200);
    assert_eq!(read.at("/action"), "Unsubscribe", "{read}");
    world.operator.advance_by("PT1H").await;
    let after = world.operator.truth(&bought.id).await;
    for member in ["/state", "/endReason", "/endedAt"] {
        assert_eq!(after.at(member), before.at(member), "{after}");
    }
    assert_eq!(world.operator.times("unsubscribed", &bought.id).await, 1);
    let open = world.publisher.operations(&bought.id).await.is(200);
    assert_eq!(open.json(), json!({"operations": []}), "{open}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c39_without_delete_among_the_allowed_operations_nothing_is_canceled(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let pending = world.buy(2).await;
    let billed = world.buy(2).await;
    world.start_billing(&billed).await;
    let suspended = world.buy_flat().await;
    world.start_billing(&suspended).await;
    world.operator.acted(&suspended.id, &json!({"action": "suspend"})).await;
    for bought in [&pending, &billed, &suspended] {
        let before = world.operator.truth(&bought.id).await;
        let refused = world.publisher.delete(&bought.id).await.is(400);
        let said = refused.text_at("/message");
        assert!(said.contains("allowedCustomerOperations"), "{refused}");
        assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c41_a_cancellation_while_another_operation_is_open_is_a_conflict(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let changing = world.buy_active(3).await;
    world.publisher.change(&changing.id, &json!({"quantity": 4})).await.is(202);
    let asked = world.buy_active(3).await;
    let change = json!({"action": "changePlan", "planId": "gold"});
    world.operator.acted(&asked.id, &change).await;
    let reinstating = world.buy_active(3).await;
    world.operator.acted(&reinstating.id, &json!({"action": "suspend"})).await;
    world.operator.acted(&reinstating.id, &json!({"action": "reinstate"})).await;
    let canceling = world.buy_active(3).await;
    world.publisher.delete(&canceling.id).await.is(202);
    for bought in [&changing, &asked, &reinstating, &canceling] {
        let before = world.operator.truth(&bought.id).await;
        assert!(before.at("/pendingOperation").is_object(), "{before}");
        let conflict = world.publisher.delete(&bought.id).await.is(409);
        assert!(!conflict.text_at("/message").is_empty(), "{conflict}");
        assert_eq!(conflict.at("/code"), "Failed", "{conflict}");
        assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    }
    world.operator.advance_by("PT1M").await;
    assert_eq!(status(&world, &canceling.id).await, "Unsubscribed");
    world.publisher.delete(&canceling.id).await.is(202);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_customers_cancellation_and_a_suspension_overtake_what_is_open(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    for (action, after) in
        [("unsubscribe", "Unsubscribed"), ("suspend", "Suspended"), ("failPayment", "Suspended")]
    {
        let by_publisher = world.buy_active(3).await;
        let changed = world.publisher.change(&by_publisher.id, &json!({"planId": "gold"})).await;
        let first = changed.is(202).header("operation-id").to_owned();
        let by_customer = world.buy_active(3).await;
        let change = json!({"action": "changeQuantity", "quantity": 9});
        let second = world.operator.acted(&by_customer.id, &change).await;
        for (bought, overtaken) in [(by_publisher, first), (by_customer, second)] {
            let new = world.operator.acted(&bought.id, &json!({"action": action})).await;
            let seen = world.publisher.subscription(&bought.id).await.is(200);
            assert_eq!(seen.at("/saasSubscriptionStatus"), after, "{action}: {seen}");
            assert_eq!(seen.at("/planId"), "silver", "{seen}");
            assert_eq!(seen.at("/quantity"), 3, "{seen}");
            let read = world.publisher.operation(&bought.id, &overtaken).await.is(200);
            assert_eq!(read.at("/status"), "Failed", "{action}: {read}");
            assert!(!read.text_at("/errorStatusCode").is_empty(), "{read}");
            assert!(!read.text_at("/errorMessage").is_empty(), "{read}");
            let read = world.publisher.operation(&bought.id, &new).await.is(200);
            assert_eq!(read.at("/status"), "Succeeded", "{action}: {read}");
            let open = world.publisher.operations(&bought.id).await.is(200);
            assert_eq!(open.json(), json!({"operations": []}), "{open}");
            let late = world.publisher.decide(&bought.id, &overtaken, "Success").await.is(409);
            assert!(late.at("/message").is_string(), "{late}");
        }
    }
    world.operator.advance_by("PT1H").await;
    let list = world.publisher.list().await.is(200);
    for one in list.at("/subscriptions").as_array().unwrap() {
        assert_ne!(one["saasSubscriptionStatus"], "Subscribed", "it stays so: {one}");
        assert_eq!(one["planId"], "silver", "{one}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_cancellation_of_what_is_not_there_or_not_ones_own_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_as(&own(flat())).await;
    let before = world.operator.truth(&bought.id).await;
    for unknown in ["00000000-0000-0000-0000-000000000000", "no-guid"] {
        let refused = world.publisher.delete(unknown).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    world.other_publisher.delete(&bought.id).await.forbidden();
    let (_, stranger) = world.another_sandbox("elsewhere").await;
    let refused = stranger.delete(&bought.id).await;
    refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    assert_eq!(world.operator.charges(&bought.id).await, Vec::<Value>::new());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c56_thirty_days_of_suspension_end_it_to_the_microsecond(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let left = world.buy_active(3).await;
    let asked = world.buy_active(3).await;
    let saved = world.buy_active(3).await;
    for bought in [&left, &asked, &saved] {
        world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    }
    world.operator.advance(&json!({"to": "2027-03-02T08:59:59.999999Z"})).await.is(200);
    for bought in [&left, &asked, &saved] {
        assert_eq!(status(&world, &bought.id).await, "Suspended");
    }
    let reinstate = json!({"action": "reinstate"});
    let open = world.operator.acted(&asked.id, &reinstate).await;
    let done = world.operator.acted(&saved.id, &reinstate).await;
    world.publisher.decide(&saved.id, &done, "Success").await.is(200);
    assert_eq!(status(&world, &saved.id).await, "Subscribed", "possible until then");

    let over = json!({"to": "2027-03-02T09:00:00Z"});
    let advanced = world.operator.advance(&over).await.is(200);
    let happened = advanced.at("/happened");
    let of_left = happened.as_array().unwrap().iter().find(|one| one["subscriptionId"] == *left.id);
    assert_eq!(of_left.expect("its limit")["kind"], "suspendedLimit", "{advanced}");
    for bought in [&left, &asked] {
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
        assert_eq!(truth.at("/endReason"), "suspendedLimit", "{truth}");
        assert_eq!(truth.at("/endedAt"), "2027-03-02T09:00:00.000000Z", "{truth}");
        let told = world.operator.deliveries(&bought.id).await;
        let last = told.last().expect("a webhook");
        assert_eq!(last["action"], "Unsubscribe", "{told:?}");
        let operation = last["id"].as_str().unwrap();
        let read = world.publisher.operation(&bought.id, operation).await.is(200);
        assert_eq!(read.at("/status"), "Succeeded", "{read}");
        assert_eq!(read.at("/operationRequestSource"), "Azure", "{read}");
        world.operator.act(&bought.id, &reinstate).await.problem(409, None);
    }
    let read = world.publisher.operation(&asked.id, &open).await.is(200);
    assert_eq!(read.at("/status"), "Failed", "overtaken: {read}");
    assert_eq!(status(&world, &saved.id).await, "Subscribed");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c56_each_suspension_has_thirty_days_of_its_own(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(3).await;
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    world.operator.advance_by("P20D").await;
    let operation = world.operator.acted(&bought.id, &json!({"action": "reinstate"})).await;
    world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
    world.operator.advance_by("P20D").await;
    assert_eq!(status(&world, &bought.id).await, "Subscribed", "the first limit is void");
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    world.operator.advance_by("P29D").await;
    assert_eq!(status(&world, &bought.id).await, "Suspended");
    world.operator.advance_by("P1D").await;
    assert_eq!(status(&world, &bought.id).await, "Unsubscribed");
    assert_eq!(world.operator.times("suspended", &bought.id).await, 2);
    assert_eq!(world.operator.times("reinstated", &bought.id).await, 1);
    assert_eq!(world.operator.times("unsubscribed", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c56_a_refused_reinstatement_may_be_asked_for_again(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(3).await;
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    let reinstate = json!({"action": "reinstate"});
    let first = world.operator.acted(&bought.id, &reinstate).await;
    world.publisher.decide(&bought.id, &first, "Failure").await.is(200);
    assert_eq!(status(&world, &bought.id).await, "Suspended");
    let second = world.operator.acted(&bought.id, &reinstate).await;
    assert_ne!(first, second);
    world.operator.advance_by("PT10S").await;
    let read = world.publisher.operation(&bought.id, &second).await.is(200);
    assert_eq!(read.at("/status"), "Succeeded", "nobody refused: {read}");
    assert_eq!(status(&world, &bought.id).await, "Subscribed");
}
