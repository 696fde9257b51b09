//! POST /api/usageEvent: shapes, headers, and what a single call is refused for.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{event, with};
use crate::support::{Answer, Ask, Db, World};

/// The world stands at 2027-01-31T09:00:00Z.
const HALF_PAST_EIGHT: &str = "2027-01-31T08:30:00Z";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_event_is_accepted_and_given_back_in_the_order_of_the_real_service(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let uri = "/subscriptions/1/providers/Microsoft.SaaS/resources/a";
    let sent = with(event(&id, 5.5, HALF_PAST_EIGHT), "resourceUri", uri.into());
    let answer = world.publisher.report(&sent).await.is(200);
    let event_id = answer.text_at("/usageEventId");
    assert!(uuid::Uuid::try_parse(&event_id).is_ok(), "{answer}");
    assert_eq!(
        answer.text,
        format!(
            r#"{{"usageEventId":"{event_id}","status":"Accepted","messageTime":"2027-01-31T09:00:00Z","resourceId":"{id}","resourceUri":"{uri}","quantity":5.5,"dimension":"gigabytes","effectiveStartTime":"{HALF_PAST_EIGHT}","planId":"metered"}}"#
        )
    );
    assert_eq!(world.operator.accepted(&id).await, 1);
    let told = world.operator.exchange("usageEvent", |e| e["name"] == "usageEvent").await;
    assert_eq!(told["subscriptionId"], json!(id), "{told}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn times_come_back_in_utc_and_quantities_as_they_were_sent(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    for (start, written, quantity) in [
        ("2027-01-31T08:30:14", "2027-01-31T08:30:14", json!(17)),
        ("2027-01-31T07:05:21.3602080Z", "2027-01-31T07:05:21.360208Z", json!(17.0)),
        ("2027-01-30T22:05:21.3602080-08:00", "2027-01-31T06:05:21.360208+00:00", json!(0.1)),
        ("2027-01-31T05:00:00.000+00:00", "2027-01-31T05:00:00+00:00", json!(0.30000000000000004)),
        ("2027-01-31T04:59", "2027-01-31T04:59:00", json!(1e12)),
    ] {
        let answer = world.publisher.report(&event(&id, quantity.clone(), start)).await.is(200);
        assert_eq!(answer.at("/effectiveStartTime"), written, "{answer}");
        assert_eq!(answer.at("/quantity").as_f64(), quantity.as_f64(), "{answer}");
        assert_eq!(answer.at("/quantity").is_i64(), quantity.is_i64(), "{answer}");
        assert!(answer.at("/resourceUri").is_null(), "{answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c58_a_second_event_of_the_hour_is_a_conflict_with_the_first(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let first = world.publisher.report(&event(&id, 5, HALF_PAST_EIGHT)).await.is(200);
    world.operator.advance_by("PT10M").await;
    // Another quantity, another minute of the hour, the hour named by an offset.
    for second in [
        event(&id, 5, HALF_PAST_EIGHT),
        event(&id, 7, "2027-01-31T08:00:00Z"),
        event(&id, 7, "2027-01-31T08:59:59.999"),
        event(&id, 7, "2027-01-31T17:30:00+09:00"),
    ] {
        let refused = world.publisher.report(&second).await.is(409);
        let mut accepted = first.json();
        accepted["status"] = "Duplicate".into();
        assert_eq!(
            refused.json(),
            json!({"additionalInfo": {"acceptedMessage": accepted},
                "message": "This usage event already exist.", "code": "Conflict"})
        );
        // Clients cut the accepted message out of the text (fulfillment.md 1.13, no. 10).
        assert!(refused.text.contains(r#"{"acceptedMessage":{"usageEventId""#), "{refused}");
        assert!(refused.text.contains(r#"},"message":"This usage"#), "{refused}");
    }
    for other in [
        event(&id, 5, "2027-01-31T09:00:00Z"),
        event(&id, 5, "2027-01-31T07:59:59.999Z"),
        event(&world.buy_metered().await.id, 5, HALF_PAST_EIGHT),
    ] {
        world.publisher.report(&other).await.is(200);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c58_two_dimensions_have_an_event_each(#[case] db: Db) {
    let world = World::new(db).await;
    let plan = json!({"offerId": "fabrikam-insight", "planId": "pay-as-you-go"});
    let id = world.buy_as(&plan).await.id;
    world.other_publisher.activate(&id).await.is(200);
    let both = ["queries", "exports"].map(|dimension| {
        json!({"resourceId": id, "quantity": 1, "dimension": dimension,
            "effectiveStartTime": HALF_PAST_EIGHT, "planId": "pay-as-you-go"})
    });
    for event in &both {
        world.other_publisher.report(event).await.is(200);
        world.other_publisher.report(event).await.is(409);
    }
    // In one call, too: the second dimension is no repetition of the first.
    let hour_before =
        both.map(|event| with(event, "effectiveStartTime", "2027-01-31T07:30:00Z".into()));
    let batch = json!([hour_before[0], hour_before[1], hour_before[0]]);
    let taken = world.other_publisher.report_batch(&batch).await.is(200);
    let statuses = [0, 1, 2].map(|at| taken.text_at(&format!("/result/{at}/status")));
    assert_eq!(statuses, ["Accepted", "Accepted", "Duplicate"], "{taken}");
}

#[track_caller]
pub fn is_bad(answer: Answer, target: &str) -> Answer {
    let refused = answer.is(400);
    assert_eq!(refused.at("/message"), "One or more errors have occurred.", "{refused}");
    assert_eq!(refused.at("/target"), "usageEventRequest", "{refused}");
    assert_eq!(refused.at("/code"), "BadArgument", "{refused}");
    assert_eq!(refused.at("/details/0/target"), target, "{refused}");
    assert_eq!(refused.at("/details/0/code"), "BadArgument", "{refused}");
    assert!(!refused.text_at("/details/0/message").is_empty(), "{refused}");
    refused
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c60_a_time_more_than_a_day_back_or_in_future_is_refused_by_its_name(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    for start in [
        "2027-01-28T09:00:00Z",
        "2027-01-30T08:59:59.999999Z",
        "0001-01-01T00:00:00",
        "2027-01-31T09:00:00.000001Z",
        "2027-01-31T10:00:00Z",
        "2027-01-31T09:30:00",
        "9999-12-31T23:59:59Z",
    ] {
        let refused =
            is_bad(world.publisher.report(&event(&id, 5, start)).await, "effectiveStartTime");
        let said = refused.text_at("/details/0/message");
        let words = "The effective time provided is has expired or is in future.";
        assert!(said.starts_with(words), "{refused}");
        assert!(said.contains("2027-01-31T09:00:00Z"), "says what time it is: {refused}");
    }
    for start in ["2027-01-30T09:00:00Z", "2027-01-31T09:00:00Z"] {
        world.publisher.report(&event(&id, 5, start)).await.is(200);
    }
    world.operator.advance_by("PT25H").await;
    world.publisher.report(&event(&id, 5, "2027-02-01T09:30:00Z")).await.is(200);
    let late = world.publisher.report(&event(&id, 5, "2027-01-31T09:59:00Z")).await;
    is_bad(late, "effectiveStartTime");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn everything_that_is_missing_or_malformed_is_named_at_once(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let good = event(&id, 5, HALF_PAST_EIGHT);
    for member in ["resourceId", "quantity", "dimension", "effectiveStartTime", "planId"] {
        for missing in [with(good.clone(), member, Value::Null), {
            let mut event = good.clone();
            event[member] = Value::Null;
            event
        }] {
            let refused = is_bad(world.publisher.report(&missing).await, member);
            let said = refused.text_at("/details/0/message");
            assert_eq!(said, format!("The {member} is required."), "{refused}");
        }
        let wrong = with(good.clone(), member, json!(["x"]));
        is_bad(world.publisher.report(&wrong).await, member);
    }
    is_bad(world.publisher.report(&with(good.clone(), "quantity", json!("5"))).await, "quantity");
    is_bad(
        world.publisher.report(&with(good.clone(), "resourceId", json!("x"))).await,
        "resourceId",
    );
    let refused = is_bad(world.publisher.report(&json!({})).await, "resourceId");
    let named: Vec<_> =
        (0..5).map(|at| refused.text_at(&format!("/details/{at}/target"))).collect();
    let all = ["resourceId", "quantity", "dimension", "effectiveStartTime", "planId"];
    assert_eq!(named, all, "{refused}");
    let unknown = with(good.clone(), "amount", json!(5));
    let refused = world.publisher.report(&unknown).await.is(400);
    assert!(refused.text_at("/details/0/message").contains("amount"), "{refused}");
    assert_eq!(world.operator.accepted(&id).await, 0);
    world.publisher.report(&good).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c07_metering_answers_have_ids_and_neither_activity_id_nor_etag(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let event = event(&id, 5, HALF_PAST_EIGHT);
    for answer in [
        world.publisher.report(&event).await.is(200),
        world.publisher.report(&event).await.is(409),
        world.publisher.report(&json!({})).await.is(400),
        world.publisher.report_batch(&json!([event])).await.is(200),
        world.publisher.usage_events(&[("usageStartDate", "2027-01-31")]).await.is(200),
        world.publisher.with_bearer("none").report(&event).await.is(403),
    ] {
        assert!(!answer.headers.contains_key("x-ms-activityid"), "{answer}");
        assert!(!answer.headers.contains_key("etag"), "{answer}");
        let request = answer.header("x-ms-requestid");
        assert!(uuid::Uuid::try_parse(request).is_ok(), "{answer}");
        assert_eq!(request, answer.header("x-ms-correlationid"), "{answer}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn version_and_bearer_come_before_the_body_and_paths_are_lenient(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    for (path, code) in [
        ("/api/usageEvent", "ApiVersionUnspecified"),
        ("/api/batchUsageEvent?api-version=2017-04-15", "UnsupportedApiVersion"),
    ] {
        let refused = world.anon.call(Method::POST, path).body("{").ask().await.is(400);
        assert_eq!(refused.at("/Error/Code"), code, "{refused}");
    }
    for path in ["usageEvent", "batchUsageEvent"] {
        let path = format!("/api/{path}?api-version=2018-08-31");
        let refused = world.anon.call(Method::POST, &path).body("{").ask().await.is(403);
        let message = "Client is not authorized for this usage resource.";
        assert_eq!(refused.json(), json!({"message": message, "code": "Forbidden"}));
    }
    for (n, path) in ["/api/UsageEvent", "/API/usageevent/", "/api/usageEvent/"].iter().enumerate()
    {
        let start = format!("2027-01-31T0{}:00:00Z", 5 + n);
        let call = world.anon.call(Method::POST, &format!("{path}?api-version=2018-08-31"));
        let call = call.bearer_auth(&world.publisher.bearer).json(&event(&id, 1, &start));
        call.ask().await.is(200);
    }
}
