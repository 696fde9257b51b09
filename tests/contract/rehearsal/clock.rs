//! …/clock: show, advance, freeze, resume.

use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::clock::FakeClock;

use crate::support::{Ask, Db, World, people};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_advance_goes_by_the_calendar_or_to_an_instant(#[case] db: Db) {
    let world = World::new(db).await;
    for (body, now) in [
        (json!({"by": "P1M"}), "2027-02-28T09:00:00.000000Z"),
        (json!({"by": "P1Y2M3DT4H5M6S"}), "2028-05-01T13:05:06.000000Z"),
        (json!({"by": "PT0.000001S"}), "2028-05-01T13:05:06.000001Z"),
        (json!({"to": "2028-05-02T00:00:00+09:00"}), "2028-05-01T15:00:00.000000Z"),
        (json!({"to": "2028-05-01T15:00:00Z"}), "2028-05-01T15:00:00.000000Z"),
    ] {
        let before = world.operator.get("/clock").await.is(200);
        let advanced = world.operator.advance(&body).await.is(200);
        assert_eq!(advanced.at("/clock/now"), now, "{body}: {advanced}");
        assert_eq!(advanced.at("/from"), before.at("/now"), "{body}: {advanced}");
        assert_eq!(advanced.at("/happened"), json!([]), "{body}: {advanced}");
        assert_eq!(advanced.header("x-rehearse-now"), now, "{body}: {advanced}");
        let shown = world.operator.get("/clock").await.is(200);
        assert_eq!(shown.json(), advanced.at("/clock"), "{body}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn next_event_goes_from_one_to_the_next_and_then_there_is_none(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let next = json!({"toNextEvent": true});
    let nothing = world.operator.advance(&next).await.problem(409, None);
    assert!(nothing.text_at("/detail").contains("nothing is due"), "{nothing}");
    let first = world.buy(1).await;
    world.operator.advance_by("P1D").await;
    let second = world.buy(1).await;
    let twin = world.buy(1).await;
    let shown = world.operator.get("/clock").await.is(200);
    assert_eq!(
        shown.at("/nextEvent"),
        json!({"dueAt": "2027-03-02T09:00:00.000000Z", "kind": "pendingLimit",
            "subscriptionId": first.id})
    );
    let one = world.operator.advance(&next).await.is(200);
    assert_eq!(one.at("/clock/now"), "2027-03-02T09:00:00.000000Z", "{one}");
    let ids = |answer: &crate::support::Answer| -> Vec<Value> {
        let happened = answer.at("/happened");
        happened.as_array().unwrap().iter().map(|due| due["subscriptionId"].clone()).collect()
    };
    assert_eq!(ids(&one), [json!(first.id)]);
    let two = world.operator.advance(&next).await.is(200);
    assert_eq!(two.at("/clock/now"), "2027-03-03T09:00:00.000000Z", "{two}");
    assert_eq!(ids(&two), [json!(second.id), json!(twin.id)], "in the order they were made");
    world.operator.advance(&next).await.problem(409, None);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_long_advance_stops_at_every_instant_on_its_way(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.buy(1).await.id);
        world.operator.advance_by("P1D").await;
    }
    let advanced = world.operator.advance_by("P1Y").await;
    let happened = advanced.at("/happened");
    let happened = happened.as_array().unwrap();
    let order: Vec<&str> =
        happened.iter().map(|due| due["subscriptionId"].as_str().unwrap()).collect();
    assert_eq!(order, ids);
    for (due, id) in happened.iter().zip(&ids) {
        let truth = world.operator.truth(id).await;
        assert_eq!(truth.at("/endedAt"), due["dueAt"], "at its own instant: {truth}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_clock_goes_forward_only_and_twenty_years_at_most(#[case] db: Db) {
    let world = World::new(db).await;
    for (body, field) in [
        (json!({"to": "2027-01-31T08:59:59.999999Z"}), "to"),
        (json!({"to": "2060-01-01T00:00:00Z"}), "to"),
        (json!({"to": "tomorrow"}), "to"),
        (json!({"to": 7}), "to"),
        (json!({"by": "-P1D"}), "by"),
        (json!({"by": "PT0S"}), "by"),
        (json!({"by": "a week"}), "by"),
        (json!({"by": "P9999Y"}), "by"),
        (json!({}), "body"),
        (json!({"toNextEvent": false}), "body"),
        (json!({"by": "P1D", "to": "2027-02-01T00:00:00Z"}), "body"),
        (json!({"toNextEvent": "yes"}), "toNextEvent"),
    ] {
        let refused = world.operator.advance(&body).await.is(400);
        assert_eq!(refused.at("/errors/0/field"), field, "{body}: {refused}");
        refused.problem(400, Some(field));
    }
    world.operator.advance(&json!({"by": "P21Y"})).await.is(400);
    let call = || world.operator.call(Method::POST, "/clock/advance");
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    let shown = world.operator.get("/clock").await.is(200);
    assert_eq!(shown.at("/now"), "2027-01-31T09:00:00.000000Z", "{shown}");
    world.operator.advance_by("P20Y").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_frozen_clock_stands_and_a_resumed_one_runs_on_from_there(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let set = async |verb: &str| {
        world.operator.call(Method::POST, &format!("/clock/{verb}")).ask().await.is(200)
    };
    world.operator.advance_by("P1D").await;
    let frozen = set("freeze").await;
    assert_eq!(frozen.json(), json!({"now": "2027-02-01T09:00:00.000000Z", "frozen": true}));
    clock.advance(SignedDuration::from_hours(48));
    assert_eq!(set("freeze").await.json(), frozen.json(), "twice is once");
    let advanced = world.operator.advance_by("PT1H").await;
    assert_eq!(advanced.at("/clock/now"), "2027-02-01T10:00:00.000000Z", "{advanced}");
    assert_eq!(advanced.at("/clock/frozen"), true, "it keeps standing: {advanced}");
    let resumed = set("resume").await;
    assert_eq!(resumed.json(), json!({"now": "2027-02-01T10:00:00.000000Z", "frozen": false}));
    clock.advance(SignedDuration::from_hours(1));
    let shown = world.operator.get("/clock").await.is(200);
    assert_eq!(shown.at("/now"), "2027-02-01T11:00:00.000000Z", "{shown}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c22_a_clock_that_runs_past_the_limit_ends_the_purchase_as_well(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let bought = world.buy(1).await;
    world.publisher.activate(&bought.id).await.is(200);
    clock.advance(SignedDuration::from_hours(30 * 24));
    // The bearer is of the first hour; a refusal at the limit needs a fresh one.
    let app = crate::support::PublisherApp::sign_in(&world.base, &world.publisher.app).await;
    let late = app.assign(&bought.id, &people(1)).await.is(400);
    assert!(late.text.contains("Unsubscribed"), "{late}");
    assert_eq!(world.operator.charges(&bought.id).await, Vec::<Value>::new());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn both_keys_may_be_days_apart_up_to_the_limit(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy(1).await;
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    world.operator.advance(&json!({"to": "2027-03-02T08:59:59.999999Z"})).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/billingStartedAt"), "2027-03-02T08:59:59.999999Z", "{truth}");
    assert_eq!(truth.at("/licensesAssignedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
    world.operator.advance_by("P1D").await;
    let shown = world.operator.get("/clock").await.is(200);
    assert_eq!(
        shown.at("/nextEvent"),
        json!({"dueAt": "2027-04-02T00:00:00.000000Z", "kind": "termEnd",
            "subscriptionId": bought.id}),
        "the limit is void, and the term runs from 2 March"
    );
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
}
