//! GET …/usage: what a term's usage has come to, with included units and price.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Db, World};

fn event(id: &str, dimension: &str, quantity: Value, start: &str) -> Value {
    json!({"resourceId": id, "quantity": quantity, "dimension": dimension,
        "effectiveStartTime": start, "planId": "pay-as-you-go"})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn usage_of_a_term_has_included_units_overage_and_its_price(#[case] db: Db) {
    let world = World::new(db).await;
    let plan = json!({"offerId": "fabrikam-insight", "planId": "pay-as-you-go"});
    let id = world.buy_as(&plan).await.id;
    let none = world.operator.usage(&id).await;
    assert!(none.at("/termStart").is_null() && none.at("/dimensions/0/events") == 0, "{none}");
    world.other_publisher.activate(&id).await.is(200);
    for (dimension, quantity, start) in [
        ("queries", json!(4), "2027-01-31T08:00:00Z"), // 0.002 each: 0.008, less than a cent
        ("exports", json!(2.5), "2027-01-31T08:00:00Z"),
        ("exports", json!(0.52), "2027-01-30T10:00:00Z"), // before the first day of the term
    ] {
        let event = event(&id, dimension, quantity, start);
        world.other_publisher.report(&event).await.is(200);
    }
    let usage = world.operator.usage(&id).await;
    assert_eq!(usage.at("/termStart"), "2027-01-31T00:00:00.000000Z", "{usage}");
    assert_eq!(usage.at("/termEnd"), "2027-02-27T00:00:00.000000Z", "{usage}");
    let dimensions = usage.at("/dimensions");
    assert_eq!(
        dimensions,
        json!([
            {"planId": "pay-as-you-go", "dimension": "queries", "displayName": "Queries",
                "unitOfMeasure": "query", "unlimited": false, "included": 10000, "includedUsed": 10000,
                "includedLeft": 0, "overage": 4, "events": 1, "unitPrice": 0.002, "amount": 0,
                "currency": "USD"},
            {"planId": "pay-as-you-go", "dimension": "exports", "displayName": "Exports",
                "unitOfMeasure": "export", "unlimited": false, "included": 0, "includedUsed": 0,
                "includedLeft": 0, "overage": 3.02, "events": 2, "unitPrice": 0.5, "amount": 1.51,
                "currency": "USD"},
            {"planId": "pay-as-you-go", "dimension": "dashboards", "displayName": "Dashboards",
                "unitOfMeasure": "dashboard", "unlimited": true, "overage": 0, "events": 0,
                "currency": "USD"}
        ]),
        "{usage}"
    );
    let events = usage.at("/events");
    let hours: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["hour"]).collect();
    assert_eq!(
        hours,
        [
            "2027-01-31T08:00:00.000000Z",
            "2027-01-31T08:00:00.000000Z",
            "2027-01-30T10:00:00.000000Z"
        ]
    );
    let unlimited = event(&id, "dashboards", json!(1), "2027-01-31T08:00:00Z");
    let refused = world.other_publisher.report(&unlimited).await.is(400);
    assert!(refused.text_at("/details/0/message").contains("unlimited"), "{refused}");
    let plans = world.other_publisher.plans(&id).await.is(200).json().to_string();
    assert!(!plans.contains("dashboards"), "{plans}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_new_term_begins_with_nothing_used(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let id = world.buy_metered().await.id;
    let event = |quantity: i64, start: &str| {
        json!({"resourceId": id, "quantity": quantity, "dimension": "gigabytes",
            "effectiveStartTime": start, "planId": "metered"})
    };
    world.publisher.report(&event(5, "2027-01-31T08:00:00Z")).await.is(200);
    let usage = world.operator.usage(&id).await;
    assert_eq!(usage.at("/dimensions/0/amount"), 0.6, "{usage}");
    world.operator.advance(&json!({"to": "2027-02-28T01:00:00Z"})).await.is(200);
    let usage = world.operator.usage(&id).await;
    assert_eq!(usage.at("/termStart"), "2027-02-28T00:00:00.000000Z", "{usage}");
    assert_eq!(usage.at("/dimensions/0/includedLeft"), 100, "{usage}");
    // Usage of the old term that comes late belongs to the old term.
    world.publisher.report(&event(5, "2027-02-27T23:00:00Z")).await.is(200);
    assert_eq!(world.operator.usage(&id).await.at("/dimensions/0/events"), 0);
    world.publisher.report(&event(5, "2027-02-28T00:00:00Z")).await.is(200);
    assert_eq!(world.operator.usage(&id).await.at("/dimensions/0/events"), 1);
    world
        .operator
        .get("/subscriptions/6c538dd9-c47b-4eea-b8ce-b4a8009af0ed/usage")
        .await
        .problem(404, None);
}
