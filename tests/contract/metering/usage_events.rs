//! GET /api/usageEvents: a row a UTC day, resource and dimension.

use rstest::rstest;
use serde_json::{Value, json};

use super::{event, usage_event::is_bad};
use crate::support::{Db, World};

const FROM: (&str, &str) = ("usageStartDate", "2027-01-30");

async fn rows(world: &World, query: &[(&str, &str)]) -> Vec<Value> {
    let answer = world.publisher.usage_events(query).await.is(200);
    answer.json().as_array().unwrap_or_else(|| panic!("a bare array: {answer}")).clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c60_usage_is_a_bare_array_with_a_row_a_day_resource_and_dimension(#[case] db: Db) {
    let world = World::new(db).await;
    assert_eq!(rows(&world, &[FROM]).await, Vec::<Value>::new());
    let (one, two) = (world.buy_metered().await.id, world.buy_metered().await.id);
    for (id, quantity, start) in [
        (&one, json!(0.1), "2027-01-31T08:00:00Z"),
        (&one, json!(0.2), "2027-01-31T07:00:00Z"),
        (&one, json!(4), "2027-01-30T23:30:00Z"),
        (&one, json!(8), "2027-01-31T01:30:00+02:00"), // still the 30th in UTC, and a duplicate of the one before
        (&two, json!(1), "2027-01-31T00:00:00Z"),
    ] {
        world.publisher.report(&event(id, quantity, start)).await;
    }
    let found = rows(&world, &[FROM]).await;
    let days: Vec<_> = found.iter().map(|row| row["usageDate"].as_str().unwrap()).collect();
    assert_eq!(days, ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z", "2027-01-30T00:00:00Z"]);
    let row = found.iter().find(|row| row["submittedCount"] == 2).expect("two events in a row");
    let azure = row["azureSubscriptionId"].as_str().expect("an id").to_owned();
    assert!(uuid::Uuid::try_parse(&azure).is_ok());
    assert_eq!(
        serde_json::to_string(row).unwrap(),
        serde_json::to_string(&json!({"usageDate": "2027-01-31T00:00:00Z", "usageResourceId": one,
            "dimension": "gigabytes", "planId": "metered", "planName": "",
            "offerId": "contoso-archive", "offerName": "", "offerType": "SaaS",
            "azureSubscriptionId": azure, "reconStatus": "Submitted", "submittedQuantity": 0.3,
            "processedQuantity": 0.0, "submittedCount": 2}))
        .unwrap(),
        "exact sums, empty names, an integer count"
    );
    let text = world.publisher.usage_events(&[FROM]).await.text;
    assert!(
        text.contains(r#""submittedQuantity":4.0,"processedQuantity":0.0,"submittedCount":1}"#)
    );
    assert!(
        rows(&world, &[("usageStartDate", "2027-02-01"), ("UsageEndDate", "2027-02-02")])
            .await
            .is_empty()
    );
    let foreign = world.other_publisher.usage_events(&[FROM]).await.is(200);
    assert_eq!(foreign.json(), json!([]), "nothing of others");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn days_and_filters_are_kept_and_names_are_read_in_any_case(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    for start in ["2027-01-30T10:00:00Z", "2027-01-31T08:00:00Z"] {
        world.publisher.report(&event(&id, 1, start)).await.is(200);
    }
    let all = rows(&world, &[FROM]).await;
    let azure = all[0]["azureSubscriptionId"].as_str().unwrap();
    for (query, count) in [
        (vec![("usageStartDate", "2027-01-31")], 1),
        (vec![("usageStartDate", "2027-01-30"), ("UsageEndDate", "2027-01-30")], 1),
        (vec![("USAGESTARTDATE", "2027-01-30T15:00"), ("usageEndDate", "2027-01-31T00:00:00Z")], 2),
        (vec![FROM, ("offerId", "contoso-archive")], 2),
        (vec![FROM, ("OFFERID", "contoso-desk")], 0),
        (vec![FROM, ("planId", "metered"), ("dimension", "gigabytes")], 2),
        (vec![FROM, ("dimension", "emails")], 0),
        (vec![FROM, ("azureSubscriptionId", azure)], 2),
        (vec![FROM, ("azureSubscriptionId", "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed")], 0),
        (vec![FROM, ("reconStatus", "Submitted")], 2),
        (vec![FROM, ("reconStatus", "Accepted")], 0),
        (vec![FROM, ("reconStatus", "Mismatch"), ("dimension", "")], 0),
    ] {
        assert_eq!(rows(&world, &query).await.len(), count, "{query:?}");
    }
    for (query, target) in [
        (vec![], "usageStartDate"),
        (vec![("usageStartDate", "")], "usageStartDate"),
        (vec![("usageStartDate", "yesterday")], "usageStartDate"),
        (vec![("usageStartDate", "2027-02-30")], "usageStartDate"),
        (vec![FROM, ("UsageEndDate", "soon")], "UsageEndDate"),
        (vec![FROM, ("UsageEndDate", "2027-01-29")], "UsageEndDate"),
        (vec![FROM, ("azureSubscriptionId", "x")], "azureSubscriptionId"),
        (vec![FROM, ("reconStatus", "Done")], "reconStatus"),
    ] {
        is_bad(world.publisher.usage_events(&query).await, target);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn submitted_turns_accepted_a_day_after_the_newest_event(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    world.publisher.report(&event(&id, 1, "2027-01-31T08:00:00Z")).await.is(200);
    world.operator.advance_by("PT2H").await;
    world.publisher.report(&event(&id, 2, "2027-01-31T10:00:00Z")).await.is(200);
    world.operator.advance_by("PT23H59M").await;
    let row = &rows(&world, &[FROM]).await[0];
    assert_eq!(
        (&row["reconStatus"], &row["processedQuantity"]),
        (&json!("Submitted"), &json!(0.0))
    );
    world.operator.advance_by("PT1M").await;
    let row = &rows(&world, &[FROM]).await[0];
    assert_eq!((&row["reconStatus"], &row["processedQuantity"]), (&json!("Accepted"), &json!(3.0)));
    assert_eq!(rows(&world, &[FROM, ("reconStatus", "accepted")]).await.len(), 1);
}
