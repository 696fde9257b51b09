//! Bad bodies and members at the calls of metering: the documented status and shape, nothing counted, and the broker
//! serves on.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Before, IN_TIME};
use crate::support::{Answer, Ask, Db, World};

/// Members that no usage event may have, by name.
fn odd_members() -> Vec<(&'static str, Value)> {
    let texts = ["", "__proto__", "\u{0}", "' OR '1'='1", "{{7*7}}", "\u{202e}", "플랜"];
    let long = "x".repeat(100_000);
    let values = |text: &str| {
        ["resourceId", "resourceUri", "dimension", "effectiveStartTime", "planId", "quantity"]
            .map(|name| (name, Value::from(text)))
    };
    let mut odd: Vec<_> = texts.iter().flat_map(|text| values(text)).collect();
    odd.extend(values(&long));
    for value in [
        json!(0),
        json!(-1),
        json!(-1e300),
        json!(1e300),
        json!(1e13),
        json!(5e-324),
        json!("5"),
        json!("1e3"),
        json!(true),
        json!([5]),
        json!({"$gt": 0}),
        json!(i64::MIN),
        json!(u64::MAX),
        Value::Null,
    ] {
        odd.push(("quantity", value));
    }
    for value in [
        "2027-01-31T09:00:01Z",
        "2027-01-30T08:59:59Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-000001-01-01T00:00:00Z",
        "2027-01-31T08:00:00+99:99",
        "2027-01-31",
        "1801386000",
        "2027-W04-7T08:00:00Z",
    ] {
        odd.push(("effectiveStartTime", value.into()));
    }
    // A resource's URI of any text is kept, unless it has control characters or is too long; alone beside a sound id
    // it is no fault.
    odd.retain(|(name, value)| {
        *name != "resourceUri"
            || value.as_str().is_some_and(|text| text.contains('\u{0}') || text.len() > 2000)
    });
    odd
}

#[track_caller]
fn is_documented(what: &str, answer: &Answer) {
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8",
        "{what}: {answer}"
    );
    let body = answer.json();
    let fits = match answer.status {
        400 | 413 => {
            body["code"] == "BadArgument"
                && body["details"].as_array().is_some_and(|details| {
                    let said = |detail: &Value, name: &str| {
                        detail[name].as_str().is_some_and(|text| !text.is_empty())
                    };
                    !details.is_empty()
                        && details
                            .iter()
                            .all(|d| said(d, "message") && said(d, "target") && said(d, "code"))
                })
        }
        _ => false,
    };
    assert!(fits, "{what}: {answer}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_usage_event_does_harm(#[case] db: Db) {
    let world = World::new(db).await;
    let before = Before::of(&world).await;
    let id = world.buy_metered().await.id;
    let good = json!({"resourceId": id, "quantity": 1, "dimension": "gigabytes",
        "effectiveStartTime": "2027-01-31T08:00:00Z", "planId": "metered"});
    let kept = world.operator.usage(&id).await.json();
    for (name, value) in odd_members() {
        let mut event = good.clone();
        event[name] = value;
        let what: String = event.to_string().chars().take(300).collect();
        let call = world.publisher.api(Method::POST, "usageEvent").json(&event);
        is_documented(&what, &call.timeout(IN_TIME).ask().await);
        let batch = world.publisher.report_batch(&json!([event])).await.is(200);
        let status = batch.text_at("/result/0/status");
        assert!(!["Accepted", "Duplicate", "Error"].contains(&status.as_str()), "{what}: {batch}");
        assert!(batch.at("/result/0/error/message").is_string(), "{what}: {batch}");
    }
    assert_eq!(world.operator.usage(&id).await.json(), kept, "nothing was counted");
    before.still_so(&world).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_body_does_harm_at_metering(#[case] db: Db) {
    let world = World::new(db).await;
    let before = Before::of(&world).await;
    let id = world.buy_metered().await.id;
    let good = json!({"resourceId": id, "quantity": 1, "dimension": "gigabytes",
        "effectiveStartTime": "2027-01-31T08:00:00Z", "planId": "metered"});
    let twice = good.to_string().replacen("\"quantity\":1", "\"quantity\":1,\"quantity\":2", 1);
    assert_ne!(twice, good.to_string());
    let mut bodies: Vec<Vec<u8>> = [
        "",
        "{",
        "[]",
        "null",
        "5",
        "\"x\"",
        "{\"request\":",
        "{\"request\":5}",
        "{\"request\":{}}",
        "{\"request\":[]}",
        "{\"request\":[],\"more\":1}",
        "{'quantity':1}",
        "\u{feff}{}",
        "{\"quantity\":NaN}",
        "{\"quantity\":1e999}",
        "{\"request\":[{\"quantity\":1e999}]}",
        "<usage/>",
        &twice,
        &format!("{good} {good}"),
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    bodies.push(b"{\"planId\":\"\xff\xfe\"}".to_vec());
    bodies.push(format!("{{\"request\":{}", "[".repeat(100_000)).into_bytes());
    bodies.push(json!({"request": vec![good.clone(); 26]}).to_string().into_bytes());
    bodies.push(format!("{{\"planId\":\"{}\"}}", "x".repeat(1_100_000)).into_bytes());
    for body in bodies {
        let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        for path in ["usageEvent", "batchUsageEvent"] {
            let call = world.publisher.api(Method::POST, path);
            let call = call.header("content-type", "application/json").body(body.clone());
            is_documented(&what, &call.timeout(IN_TIME).ask().await);
        }
    }
    for query in [
        "usageStartDate=%00",
        "usageStartDate=%ff",
        "usageStartDate=2027-01-01&usageStartDate=x&UsageEndDate=%ZZ",
    ] {
        let path = format!("/api/usageEvents?api-version=2018-08-31&{query}");
        let call = world.anon.call(Method::GET, &path).bearer_auth(&world.publisher.bearer);
        is_documented(query, &call.ask().await);
    }
    assert_eq!(world.operator.usage(&id).await.at("/dimensions/0/events"), 0);
    before.still_so(&world).await;
}
