//! Answers of the metering face against Microsoft's own OpenAPI file.

use rstest::rstest;
use serde_json::{Value, json};

use super::document::Document;
use crate::{
    contract::metering::{event, with},
    support::{Db, World},
};

const SINGLE: (&str, &str) = ("post", "/usageEvent");
const BATCH: (&str, &str) = ("post", "/batchUsageEvent");
const LIST: (&str, &str) = ("get", "/usageEvents");
/// The world stands at 2027-01-31T09:00:00Z.
const BEFORE: &str = "2027-01-31T08:30:00Z";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn answers_of_metering_are_as_microsofts_openapi_file_has_them(#[case] db: Db) {
    let file = Document::metering();
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let good = || event(&id, 5.5, BEFORE);
    file.holds(SINGLE, &world.publisher.report(&good()).await.is(200));
    file.holds(SINGLE, &world.publisher.report(&good()).await.is(409));
    for refused in [with(good(), "quantity", 0.into()), with(good(), "planId", Value::Null)] {
        file.holds(SINGLE, &world.publisher.report(&refused).await.is(400));
    }
    let listed = world.publisher.usage_events(&[("usageStartDate", "2027-01-30")]).await.is(200);
    assert_eq!(listed.at("/0/submittedQuantity"), 5.5, "{listed}");
    file.holds(LIST, &listed);
    let nothing = world.publisher.usage_events(&[("usageStartDate", "2027-02-01")]).await.is(200);
    file.holds(LIST, &nothing);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn items_of_a_batch_are_as_the_file_has_them_in_every_status(#[case] db: Db) {
    let file = Document::metering();
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let team = json!({"offerId": "fabrikam-insight", "planId": "pay-as-you-go"});
    let foreign = world.buy_as(&team).await.id;
    let pending =
        world.buy_as(&json!({"offerId": "contoso-archive", "planId": "metered"})).await.id;
    let good = || event(&id, 5, BEFORE);
    let of = |id: &str| with(good(), "resourceId", id.into());
    let (statuses, events): (Vec<_>, Vec<_>) = [
        ("Accepted", with(good(), "resourceUri", "/subscriptions/1".into())),
        ("Duplicate", event(&id, 6, "2027-01-31T08:00:00Z")),
        ("Expired", event(&id, 5, "2027-01-30T08:59:59Z")),
        ("ResourceNotFound", of("6c538dd9-c47b-4eea-b8ce-b4a8009af0ed")),
        ("ResourceNotAuthorized", of(&foreign)),
        ("ResourceNotActive", of(&pending)),
        ("InvalidDimension", with(good(), "dimension", "emails".into())),
        ("InvalidQuantity", event(&id, -0.5, BEFORE)),
        ("BadArgument", with(good(), "resourceId", "x".into())),
        ("BadArgument", with(good(), "effectiveStartTime", "today".into())),
        ("BadArgument", json!({})),
    ]
    .into_iter()
    .unzip();
    let answer = world.publisher.report_batch(&json!(events)).await.is(200);
    let result = answer.at("/result");
    let told: Vec<_> = result.as_array().expect("a list").iter().map(|it| &it["status"]).collect();
    assert_eq!(told, statuses, "{answer}");
    file.holds(BATCH, &answer);
}
