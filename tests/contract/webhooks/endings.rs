//! How a subscription begins and ends, as its publisher hears of it: C40, C56, C57, and the other ends of
//! fulfillment.md 2.1.

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use shared::clock::FakeClock;

use crate::support::{
    Db, Operator, PublisherApp, World,
    foreign_app::{Stage, active, delivery_is},
    people,
    world::{flat, own, seats},
};

/// The operations of a subscription's deliveries, and what they tell.
async fn told(operator: &Operator, id: &str) -> Vec<(String, Value)> {
    let deliveries = operator.deliveries(id).await;
    let told = deliveries
        .iter()
        .map(|one| (one["id"].as_str().expect("an id").to_owned(), one["action"].clone()));
    told.collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c40_a_delete_is_taken_up_ends_it_and_is_told_to_who_asked_for_it(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    let pending = stage.world.buy_as(&own(seats(1))).await.id;
    let suspended = stage.another().await;
    operator.acted(&suspended, &json!({"action": "suspend"})).await;
    stage.move_on("PT1S").await;
    for (id, state) in [
        (&stage.id, "Subscribed"),
        (&pending, "PendingFulfillmentStart"),
        (&suspended, "Suspended"),
    ] {
        let before = stage.app.hooks().len();
        let taken = publisher.delete(id).await.is(202);
        assert_eq!(taken.text, "", "{taken}");
        let location = taken.header("operation-location").to_owned();
        let path = format!("/api/saas/subscriptions/{id}/operations/");
        let (host, rest) = location.split_once(&path).unwrap_or_else(|| panic!("{taken}"));
        assert_eq!(host, stage.world.base, "absolute: {taken}");
        let operation = rest.split('?').next().unwrap().to_owned();
        let is = async |status: &str, state: &str| {
            let now = publisher.operation(id, &operation).await.is(200);
            assert_eq!(now.at("/status"), status, "{now}");
            assert_eq!(now.at("/operationRequestSource"), "Partner", "{now}");
            let now = publisher.subscription(id).await.is(200);
            assert_eq!(now.at("/saasSubscriptionStatus"), state, "{now}");
        };
        is("NotStarted", state).await;
        stage.move_on("PT1.999999S").await;
        is("NotStarted", state).await;
        assert_eq!(stage.app.hooks().len(), before, "nothing to tell yet");
        let started = stage.move_on("PT0.000001S").await;
        assert_eq!(started.at("/happened/0/kind"), "operationStart", "{started}");
        is("Succeeded", "Unsubscribed").await;
        stage.delivery_is(&operation, "acknowledged").await;
        let body = stage.app.hook_of(&operation).await.json();
        assert_eq!(body["action"], "Unsubscribe", "{body}");
        assert_eq!(body["status"], "Succeeded", "{body}");
        assert_eq!(body["operationRequestSource"], "Partner", "{body}");
        assert_eq!(body["subscription"]["saasSubscriptionStatus"], "Unsubscribed", "{body}");
        assert_eq!(operator.times("unsubscribed", id).await, 1);
    }
}

/// A change that the publisher itself asked for is told as well, and its silence accepts it (S8).
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c47_c51_a_change_that_the_publisher_asked_for_is_told_as_its_own(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (change, action) in
        [(json!({"planId": "gold"}), "ChangePlan"), (json!({"quantity": 7}), "ChangeQuantity")]
    {
        let taken = stage.world.publisher.change(&stage.id, &change).await.is(202);
        let operation = taken.header("operation-id").to_owned();
        stage.move_on("PT1.999999S").await;
        assert_eq!(stage.app.hooks_of(&operation).len(), 0);
        assert_eq!(stage.operation(&operation).await.at("/status"), "NotStarted");
        stage.move_on("PT0.000001S").await;
        let body = stage.app.hook_of(&operation).await.json();
        assert_eq!(body["action"], action, "{body}");
        assert_eq!(body["status"], "InProgress", "{body}");
        assert_eq!(body["operationRequestSource"], "Partner", "{body}");
        stage.delivery_is(&operation, "acknowledged").await;
        // A PATCH of one's own is taken and does nothing (Q12).
        stage.decide(&operation, "Failure").await;
        stage.move_on("PT9.9S").await;
        assert_eq!(stage.operation(&operation).await.at("/status"), "InProgress");
        stage.move_on("PT0.1S").await;
        assert_eq!(stage.operation(&operation).await.at("/status"), "Succeeded");
    }
    let now = stage.subscription().await;
    assert_eq!((now.at("/planId"), now.at("/quantity")), (json!("gold"), json!(7)), "{now}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c56_thirty_days_of_suspension_end_it_unless_it_is_reinstated_before(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let mut saved = own(seats(2));
    saved["term"] = json!("P1Y");
    let saved = active(operator, &stage.world.publisher, &saved).await;
    for id in [&stage.id, &saved] {
        operator.acted(id, &json!({"action": "suspend"})).await;
    }
    stage.move_on("P29DT23H").await;
    let reinstate = operator.acted(&saved, &json!({"action": "reinstate"})).await;
    stage.delivery_is(&reinstate, "acknowledged").await;
    stage.move_on("PT59M59.999999S").await;
    assert_eq!(operator.truth(&stage.id).await.at("/state"), "Suspended");
    let ended = stage.move_on("PT0.000001S").await;
    assert_eq!(ended.at("/happened/0/kind"), "suspendedLimit", "{ended}");
    let truth = operator.truth(&stage.id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
    assert_eq!(truth.at("/endReason"), "suspendedLimit", "{truth}");
    let (operation, _) = told(operator, &stage.id).await.pop().unwrap();
    let body = stage.app.hook_of(&operation).await.json();
    assert_eq!(body["action"], "Unsubscribe", "{body}");
    assert_eq!(body["status"], "Succeeded", "{body}");
    assert_eq!(body["operationRequestSource"], "Azure", "{body}");
    assert_eq!(body["timeStamp"], "2027-03-02T09:00:00Z", "{body}");
    stage.move_on("P60D").await;
    assert_eq!(operator.truth(&saved).await.at("/state"), "Subscribed", "a new start");
    assert_eq!(stage.app.hooks_of(&operation).len(), 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c57_a_purchase_is_told_only_where_it_activates_itself(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (world, operator) = (&stage.world, &stage.world.operator);
    for purchase in [seats(2), flat(), own(seats(2))] {
        let manual = world.buy_as(&purchase).await;
        world.publisher.resolve(&manual.token).await.is(200);
        let licenses = purchase["quantity"].as_u64().unwrap_or(1);
        let licenses = people(usize::try_from(licenses).unwrap());
        world.publisher.assign(&manual.id, &licenses).await.is(200);
        world.publisher.activate(&manual.id).await.is(200);
        assert_eq!(told(operator, &manual.id).await, [], "neither bought nor activated is told");
    }
    let instant = json!({"offerId": "contoso-archive", "planId": "instant"});
    for purchase in [instant.clone(), own(instant)] {
        let auto = world.buy_as(&purchase).await;
        let truth = operator.truth(&auto.id).await;
        assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
        assert_eq!(truth.at("/billingStartedAt"), truth.at("/purchasedAt"), "{truth}");
        let [(operation, action)] = &told(operator, &auto.id).await[..] else { panic!("one") };
        assert_eq!(action, "Subscribe");
        delivery_is(operator, operation, "acknowledged").await;
        let body = stage.app.hook_of(operation).await.json();
        assert_eq!(body["action"], "Subscribe", "{body}");
        assert_eq!(body["status"], "Succeeded", "notify only: {body}");
        assert_eq!(body["subscription"]["saasSubscriptionStatus"], "Subscribed", "{body}");
        assert!(body["subscription"]["term"]["startDate"].is_string(), "{body}");
        world.publisher.activate(&auto.id).await.is(400);
    }
    assert_eq!(stage.app.hooks().len(), 2);
}

/// Every other end and turn that the marketplace makes by itself is told with source Azure.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_the_marketplace_does_at_a_limit_is_told(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (world, operator) = (&stage.world, &stage.world.operator);
    let buy = async |auto_renew: bool| {
        let mut purchase = own(flat());
        purchase["autoRenew"] = json!(auto_renew);
        active(operator, &world.publisher, &purchase).await
    };
    let (renews, ends, fails) = (buy(true).await, buy(false).await, buy(true).await);
    operator.act(&fails, &json!({"action": "failPayment", "when": "termEnd"})).await.is(202);
    let pending = world.buy_as(&own(flat())).await.id;
    // The month ends with 27 February; the purchase that nobody finished may wait until 2 March.
    stage.move_on("P31D").await;
    for (id, action, state) in [
        (&renews, "Renew", "Subscribed"),
        (&ends, "Unsubscribe", "Unsubscribed"),
        (&fails, "Suspend", "Suspended"),
        (&pending, "Unsubscribe", "Unsubscribed"),
    ] {
        let [(operation, told)] = &told(operator, id).await[..] else { panic!("one for {id}") };
        assert_eq!(told, action);
        delivery_is(operator, operation, "acknowledged").await;
        let body = stage.app.hook_of(operation).await.json();
        assert_eq!(body["status"], "Succeeded", "{body}");
        assert_eq!(body["operationRequestSource"], "Azure", "{body}");
        assert_eq!(body["subscription"]["saasSubscriptionStatus"], state, "{body}");
        assert_eq!(operator.truth(id).await.at("/state"), state);
        if id != &pending {
            assert_eq!(body["timeStamp"], "2027-02-28T00:00:00Z", "at the term's end: {body}");
        }
    }
}

/// Whether the timer has run already or not: behind its limit a subscription has ended, and nothing can save it.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c38_c56_behind_its_limit_it_has_ended_where_the_clock_runs(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let operator = &world.operator;
    let mut once = own(flat());
    once["autoRenew"] = json!(false);
    let expired = active(operator, &world.publisher, &once).await;
    let mut yearly = own(flat());
    yearly["term"] = json!("P1Y");
    let suspended = active(operator, &world.publisher, &yearly).await;
    operator.acted(&suspended, &json!({"action": "suspend"})).await;
    clock.advance(SignedDuration::from_hours(30 * 24));
    let reinstate = operator.act(&suspended, &json!({"action": "reinstate"})).await;
    let app = PublisherApp::sign_in(&world.base, &world.publisher.app).await;
    let change = app.change(&expired, &json!({"planId": "metered"})).await;
    assert_eq!((reinstate.status, change.status), (409, 400), "{reinstate} {change}");
}
