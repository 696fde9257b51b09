//! POST /api/batchUsageEvent: sizes, order, and that each event is taken by itself.

use rstest::rstest;
use serde_json::{Value, json};

use super::{event, usage_event::is_bad, with};
use crate::support::{Db, World};

/// So many events of one subscription, an hour each, going back from the present one.
fn hours(id: &str, count: usize) -> Value {
    let hour = |n: usize| {
        let (day, hour) = if n <= 9 { (31, 9 - n) } else { (30, 33 - n) };
        event(id, 1, &format!("2027-01-{day}T{hour:02}:00:00Z"))
    };
    (0..count).map(hour).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c59_a_batch_has_one_to_25_events(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    for count in [0, 26, 100] {
        let events: Value = (0..count).map(|_| event(&id, 1, "2027-01-31T09:00:00Z")).collect();
        let refused = is_bad(world.publisher.report_batch(&events).await, "request");
        let said = refused.text_at("/details/0/message");
        assert!(said.contains("25") && said.contains(&count.to_string()), "{refused}");
    }
    assert_eq!(world.operator.accepted(&id).await, 0, "of 26, none is counted");
    let full = world.publisher.report_batch(&hours(&id, 25)).await.is(200);
    assert!(full.text.starts_with(r#"{"result":[{"usageEventId":""#), "{full}");
    assert!(full.text.ends_with(r#"],"count":25}"#), "{full}");
    for at in 0..25 {
        assert_eq!(full.at(&format!("/result/{at}/status")), "Accepted", "{full}");
        let time = full.at(&format!("/result/{at}/messageTime"));
        assert_eq!(time, "2027-01-31T09:00:00Z", "they share one message time: {full}");
    }
    for body in [json!({}), json!({"request": null}), json!({"request": {}}), json!([1])] {
        let refused = world.publisher.api_post("batchUsageEvent", &body).await.is(400);
        assert!(!refused.text_at("/details/0/message").is_empty(), "{refused}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c59_a_mixed_batch_has_a_status_for_each_event_in_their_order(#[case] db: Db) {
    let world = World::new(db).await;
    let (one, two) = (world.buy_metered().await.id, world.buy_metered().await.id);
    world.publisher.report(&event(&one, 3, "2027-01-31T06:00:00Z")).await.is(200);
    let good = event(&one, 5, "2027-01-31T08:30:00Z");
    let events = json!([
        event(&two, 5, "2027-01-31T08:30:00Z"),
        event(&one, 9, "2027-01-31T06:30:00Z"),
        good,
        event(&one, 0, "2027-01-31T07:30:00Z"),
        event(&two, 5, "2027-01-29T08:30:00Z"),
        event(&two, 5, "2027-01-31T09:30:00Z"),
        with(good.clone(), "resourceId", "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed".into()),
        with(good.clone(), "dimension", "x".into()),
        "no event",
        null,
        with(
            with(good.clone(), "resourceId", Value::Null),
            "resourceUri",
            "/subscriptions/1".into()
        ),
        event(&one, 1, "2027-01-31T08:45:00Z"),
    ]);
    let answer = world.publisher.report_batch(&events).await.is(200);
    let statuses: Vec<_> =
        (0..12).map(|at| answer.text_at(&format!("/result/{at}/status"))).collect();
    let expected = [
        "Accepted",
        "Duplicate",
        "Accepted",
        "InvalidQuantity",
        "Expired",
        "BadArgument",
        "ResourceNotFound",
        "InvalidDimension",
        "BadArgument",
        "BadArgument",
        "ResourceNotFound",
        "Duplicate",
    ];
    assert_eq!(statuses, expected, "{answer}");
    assert_eq!(answer.at("/count"), 12, "{answer}");
    assert_eq!(answer.at("/result/0/resourceId"), json!(two), "{answer}");
    assert_eq!(answer.at("/result/10/resourceUri"), "/subscriptions/1", "{answer}");
    let first = answer.at("/result/11/error/additionalInfo/acceptedMessage/usageEventId");
    assert_eq!(first, answer.at("/result/2/usageEventId"), "{answer}");
    let told = world.operator.exchange("batch", |e| e["name"] == "batchUsageEvent").await;
    let said = told["data"]["refusal"].as_str().expect("a summary");
    assert!(said.starts_with("10 of 12 not accepted: BadArgument 3, Duplicate 2"), "{told}");
    let rows = world.operator.events("usageAccepted").await;
    assert_eq!(rows.len(), 2, "one a call: {rows:?}");
    assert_eq!(rows[0]["subscriptionId"], json!(one), "of one subscription");
    assert!(rows[1].get("subscriptionId").is_none(), "of two: {}", rows[1]);
    let told = |at: usize, result: usize| {
        let (event, item) =
            (&rows[1]["data"]["events"][at], answer.at(&format!("/result/{result}")));
        let expected = json!({"usageEventId": item["usageEventId"], "subscriptionId": item["resourceId"],
            "dimension": "gigabytes", "quantity": 5, "planId": "metered",
            "effectiveStartTime": "2027-01-31T08:30:00Z"});
        assert_eq!(*event, expected, "what was accepted, of whom");
    };
    told(0, 0);
    told(1, 2);
    assert!(rows[1]["data"]["events"].get(2).is_none(), "{}", rows[1]);
    for id in [&one, &two] {
        let usage = world.operator.usage(id).await;
        let accepted = usage.at("/dimensions/0/events");
        assert_eq!(accepted, if *id == one { 2 } else { 1 }, "{usage}");
    }
}
