//! The ten statuses, each as the item of a batch and as the single call has it.

use rstest::rstest;
use serde_json::{Value, json};
use sqlx::{Connection, Executor};

use super::{event, usage_event::is_bad, with};
use crate::support::{Answer, Db, World};

const NOW: &str = "2027-01-31T09:00:00Z";
const BEFORE: &str = "2027-01-31T08:30:00Z";

/// Reports the event in a batch; answers its item.
async fn item(world: &World, event: &Value) -> Value {
    let answer = world.publisher.report_batch(&json!([event])).await.is(200);
    assert_eq!(answer.at("/count"), 1, "{answer}");
    let item = answer.at("/result/0");
    assert_eq!(item["messageTime"], NOW, "{item}");
    if item["status"] == "Accepted" {
        assert!(item["usageEventId"].is_string() && item.get("error").is_none(), "{item}");
    } else {
        assert!(item.get("usageEventId").is_none(), "{item}");
        assert!(item["error"]["message"].as_str().is_some_and(|said| !said.is_empty()), "{item}");
    }
    for (name, sent) in event.as_object().expect("an object") {
        if name != "effectiveStartTime" && item.get(name).is_some() {
            assert_eq!(&item[name], sent, "given back as sent: {item}");
        }
    }
    item
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn statuses_of_one_event_by_name(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let good = || event(&id, 5, BEFORE);
    let team = json!({"offerId": "fabrikam-insight", "planId": "pay-as-you-go"});
    let foreign = world.buy_as(&team).await.id;
    let pending =
        world.buy_as(&json!({"offerId": "contoso-archive", "planId": "metered"})).await.id;
    let seats = world.buy_active(3).await.id;
    let unknown = "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed";
    let of = |id: &str| with(good(), "resourceId", id.into());
    let rows = [
        ("ResourceNotFound", of(unknown), "resourceId"),
        ("ResourceNotActive", of(&pending), "resourceId"),
        ("InvalidQuantity", event(&id, 0, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, -5, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, -0.5, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, 1e13, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, 1e300, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, i64::MAX, BEFORE), "quantity"),
        ("InvalidQuantity", event(&id, 1e-300, BEFORE), "quantity"),
        ("InvalidDimension", with(good(), "dimension", "emails".into()), "dimension"),
        ("InvalidDimension", with(good(), "dimension", "".into()), "dimension"),
        ("InvalidDimension", with(of(&seats), "planId", "silver".into()), "dimension"),
        ("BadArgument", with(good(), "planId", "standard".into()), "planId"),
        ("BadArgument", with(good(), "quantity", "5".into()), "quantity"),
        ("BadArgument", with(good(), "resourceId", "x".into()), "resourceId"),
        ("BadArgument", with(good(), "effectiveStartTime", "today".into()), "effectiveStartTime"),
        ("BadArgument", with(good(), "resourceUri", "a\u{0}b".into()), "resourceUri"),
        ("BadArgument", with(good(), "more", 1.into()), "request"),
        ("BadArgument", event(&id, 5, "2027-01-31T09:00:01Z"), "effectiveStartTime"),
        ("Expired", event(&id, 5, "2027-01-30T08:59:59Z"), "effectiveStartTime"),
    ];
    for (status, event, target) in &rows {
        let item = item(&world, event).await;
        assert_eq!(item["status"], *status, "{event}: {item}");
        assert_eq!(item["error"]["code"], "BadArgument", "{item}");
        let single = world.publisher.report(event).await;
        if *target == "request" {
            single.is(400);
        } else {
            is_bad(single, target);
        }
    }
    let item_of_another = item(&world, &of(&foreign)).await;
    assert_eq!(item_of_another["status"], "ResourceNotAuthorized", "{item_of_another}");
    assert_eq!(item_of_another["error"]["code"], "Forbidden", "{item_of_another}");
    let refused = world.publisher.report(&of(&foreign)).await.is(403);
    assert_eq!(refused.at("/code"), "Forbidden", "{refused}");
    // Of all this nothing was counted: the hour is still free.
    assert_eq!(item(&world, &good()).await["status"], "Accepted");
    assert_eq!(world.operator.accepted(&id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c58_duplicate_in_a_batch_holds_the_first_event_and_has_no_id_of_its_own(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let first = item(&world, &event(&id, 5, BEFORE)).await;
    let second = item(&world, &event(&id, 6, "2027-01-31T08:00:00Z")).await;
    assert_eq!(second["status"], "Duplicate", "{second}");
    let accepted = &second["error"]["additionalInfo"]["acceptedMessage"];
    let mut expected = first.clone();
    expected["status"] = "Duplicate".into();
    assert_eq!(*accepted, expected);
    assert_eq!(second["error"]["message"], "This usage event already exist.");
    assert_eq!(second["error"]["code"], "Conflict");
    // Two of one hour inside one batch: the first wins.
    let events =
        json!([event(&id, 1, "2027-01-31T07:10:00Z"), event(&id, 2, "2027-01-31T07:50:00Z")]);
    let both = world.publisher.report_batch(&events).await.is(200);
    assert_eq!(both.at("/result/0/status"), "Accepted", "{both}");
    assert_eq!(both.at("/result/1/status"), "Duplicate", "{both}");
    let accepted = both.at("/result/1/error/additionalInfo/acceptedMessage/usageEventId");
    assert_eq!(accepted, both.at("/result/0/usageEventId"), "{both}");
    assert_eq!(world.operator.accepted(&id).await, 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn suspended_and_ended_subscriptions(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let status = async |event: &Value| item(&world, event).await["status"].clone();
    let suspended = world.buy_metered().await.id;
    world.operator.acted(&suspended, &json!({"action": "suspend"})).await;
    assert_eq!(status(&event(&suspended, 1, BEFORE)).await, "ResourceNotActive");
    is_bad(world.publisher.report(&event(&suspended, 1, BEFORE)).await, "resourceId");

    let ended = world.buy_metered().await.id;
    world.operator.unsubscribe(&ended).await.is(202);
    assert_eq!(status(&event(&ended, 1, NOW)).await, "ResourceNotActive", "not from the end on");
    assert_eq!(status(&event(&ended, 1, BEFORE)).await, "Accepted", "of the time before");
    world.operator.advance_by("PT23H").await;
    let answer = world.publisher.report(&event(&ended, 1, "2027-01-31T08:00:01Z")).await;
    assert_eq!(answer.is(409).at("/code"), "Conflict");
    world.publisher.report(&event(&ended, 1, "2027-01-31T09:00:00Z")).await.is(400);
    world.operator.advance_by("PT2H").await;
    let late = event(&ended, 1, "2027-01-31T08:59:59Z");
    is_bad(world.publisher.report(&late).await, "effectiveStartTime");

    let never = world.buy_as(&json!({"offerId": "contoso-archive", "planId": "metered"})).await.id;
    world.operator.unsubscribe(&never).await.is(202);
    world.operator.advance_by("PT1H").await;
    let answer = world.publisher.report(&event(&never, 1, "2027-02-01T10:30:00Z")).await;
    is_bad(answer, "resourceId");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_plan_that_changed_within_the_hour_counts_for_the_present_one(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let id = world.buy_metered().await.id;
    world.publisher.report(&event(&id, 1, "2027-01-31T07:00:00Z")).await.is(200);
    let change = json!({"action": "changePlan", "planId": "standard"});
    world.operator.acted(&id, &change).await;
    world.operator.advance_by("PT1M").await;
    is_bad(world.publisher.report(&event(&id, 1, BEFORE)).await, "planId");
    let standard = with(event(&id, 1, BEFORE), "planId", "standard".into());
    is_bad(world.publisher.report(&standard).await, "dimension");
}

/// A row that does not fit together: the marketplace's own fault, told as such and for that event alone.
#[tokio::test]
async fn error_is_for_what_the_marketplace_itself_broke() {
    let world = World::new(Db::Sqlite).await;
    let (broken, whole) = (world.buy_metered().await.id, world.buy_metered().await.id);
    let file = world.data_dir().join("broker.db");
    let url = format!("sqlite:{}", file.display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("the file");
    let gone = "UPDATE subscriptions SET plan_id = 'gone' WHERE id = $1";
    conn.execute(sqlx::query(gone).bind(&broken)).await.expect("an update");
    let events = json!([event(&broken, 1, BEFORE), event(&whole, 1, BEFORE)]);
    let answer = world.publisher.report_batch(&events).await.is(200);
    assert_eq!(answer.at("/result/0/status"), "Error", "{answer}");
    assert_eq!(answer.at("/result/1/status"), "Accepted", "{answer}");
    let single: Answer = world.publisher.report(&event(&broken, 1, BEFORE)).await.is(500);
    assert_eq!(single.at("/error/code"), "UnexpectedError", "{single}");
}
