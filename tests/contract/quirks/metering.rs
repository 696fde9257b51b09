//! Usage events: which is a second one, and how answers look.

use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    contract::metering::{event, with},
    support::{Answer, Db, World},
};

const BEFORE: &str = "2027-01-31T08:30:00Z";
const FROM: (&str, &str) = ("usageStartDate", "2027-01-30");

/// A subscription of the other publisher's, whose plan meters queries and exports.
async fn of_two_dimensions(world: &World) -> String {
    let plan = json!({"offerId": "fabrikam-insight", "planId": "pay-as-you-go"});
    let id = world.buy_as(&plan).await.id;
    world.other_publisher.activate(&id).await.is(200);
    id
}

fn used(id: &str, dimension: &str, start: &str) -> Value {
    let used = with(event(id, 1, start), "dimension", dimension.into());
    with(used, "planId", "pay-as-you-go".into())
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q50_an_hour_has_an_event_a_dimension_or_one_alone(#[case] db: Db) {
    let world = World::new(db).await;
    let (id, app) = (of_two_dimensions(&world).await, &world.other_publisher);
    let report =
        async |dimension: &str, start: &str| app.report(&used(&id, dimension, start)).await;
    let is_of = |refused: Answer, first: &Answer| {
        let accepted = "/additionalInfo/acceptedMessage/usageEventId";
        assert_eq!(refused.is(409).at(accepted), first.at("/usageEventId"));
    };
    let (six, seven, eight) =
        ("2027-01-31T06:10:00Z", "2027-01-31T07:10:00Z", "2027-01-31T08:10:00Z");
    let first = report("queries", six).await.is(200);
    world.operator.advance_by("PT1M").await;
    report("exports", six).await.is(200);
    report("queries", seven).await.is(200);

    world.operator.set_quirk("usage_dedupe", "resource").await;
    for dimension in ["queries", "exports"] {
        is_of(report(dimension, six).await, &first); // of two from before, the one that came first
    }
    report("exports", seven).await.is(409);
    let alone = report("exports", eight).await.is(200);
    is_of(report("queries", "2027-01-31T08:59:59Z").await, &alone);
    is_of(report("exports", eight).await, &alone);
    let five = "2027-01-31T05:00:00Z";
    let batch = json!([
        used(&id, "queries", five),
        used(&id, "exports", five),
        used(&id, "exports", six),
        used(&id, "exports", "2027-01-31T04:00:00Z"),
    ]);
    let told = app.report_batch(&batch).await.is(200);
    let statuses: Vec<_> = (0..4).map(|at| told.text_at(&format!("/result/{at}/status"))).collect();
    assert_eq!(statuses, ["Accepted", "Duplicate", "Duplicate", "Accepted"], "{told}");
    let accepted = told.at("/result/1/error/additionalInfo/acceptedMessage/usageEventId");
    assert_eq!(accepted, told.at("/result/0/usageEventId"), "{told}");

    world.operator.set_quirk("usage_dedupe", "dimension").await;
    is_of(report("exports", eight).await, &alone);
    report("queries", eight).await.is(200);
    report("queries", eight).await.is(409);
    let usage = world.operator.usage(&id).await;
    assert_eq!(
        (usage.at("/dimensions/0/events"), usage.at("/dimensions/1/events")),
        (4.into(), 3.into())
    );
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q50_of_many_dimensions_at_once_one_event_is_alone(#[case] db: Db) {
    let world = World::new(db).await;
    let id = of_two_dimensions(&world).await;
    world.operator.set_quirk("usage_dedupe", "resource").await;
    let mut crowd = JoinSet::new();
    for n in 0..24 {
        let app = world.other_publisher.clone();
        let dimension = if n % 2 == 0 { "queries" } else { "exports" };
        let sent = used(&id, dimension, &format!("2027-01-31T08:{n:02}:00Z"));
        crowd.spawn(async move { app.report(&sent).await.status });
    }
    let mut statuses = crowd.join_all().await;
    statuses.sort_unstable();
    let mut expected = vec![409; 24];
    expected[0] = 200;
    assert_eq!(statuses, expected);
    let usage = world.operator.usage(&id).await;
    assert_eq!(usage.at("/events").as_array().map(Vec::len), Some(1), "{usage}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q51_a_time_to_come_is_a_bad_argument_or_expired_in_a_batch(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let future = event(&id, 1, "2027-01-31T09:30:00Z");
    let status = async |event: &Value| {
        world.publisher.report_batch(&json!([event])).await.is(200).text_at("/result/0/status")
    };
    assert_eq!(status(&future).await, "BadArgument");
    world.operator.set_quirk("future_usage_in_batch", "expired").await;
    assert_eq!(status(&future).await, "Expired");
    assert_eq!(status(&event(&id, "1", BEFORE)).await, "BadArgument", "malformed stays so");
    let told = world.operator.exchange("batch", |e| e["data"]["refusal"].is_string()).await;
    assert_eq!(told["name"], "batchUsageEvent", "{told}");
    let refused = world.publisher.report(&future).await.is(400);
    assert_eq!(refused.at("/code"), "BadArgument", "the single call has no status: {refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q52_q53_a_batch_has_its_count_last_or_first_and_a_duplicate_a_time_or_none(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let batch = async |start: &str| {
        world.publisher.report_batch(&json!([event(&id, 1, start)])).await.is(200)
    };
    let first = batch(BEFORE).await;
    assert!(first.text.starts_with(r#"{"result":["#), "{first}");
    world.operator.set_quirk("batch_order", "count_first").await;
    world.operator.advance_by("PT1M").await;
    let second = batch(BEFORE).await;
    assert!(second.text.starts_with(r#"{"count":1,"result":[{"status":"Duplicate""#), "{second}");
    assert!(second.text.ends_with("}]}"), "{second}");
    assert_eq!(second.at("/result/0/messageTime"), "2027-01-31T09:01:00Z", "{second}");

    world.operator.set_quirk("duplicate_message_time", "zero").await;
    let third = batch(BEFORE).await;
    assert_eq!(third.at("/result/0/messageTime"), "0001-01-01T00:00:00", "{third}");
    let accepted = third.at("/result/0/error/additionalInfo/acceptedMessage/messageTime");
    assert_eq!(accepted, "2027-01-31T09:00:00Z", "that of the first stays: {third}");
    let taken = batch("2027-01-31T07:30:00Z").await;
    assert_eq!(taken.at("/result/0/messageTime"), "2027-01-31T09:01:00Z", "{taken}");
    let late = batch("2027-01-29T07:30:00Z").await;
    assert_eq!(late.at("/result/0/messageTime"), "2027-01-31T09:01:00Z", "{late}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q54_a_time_comes_back_in_utc_or_as_it_was_sent(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let (sent, written) = ("2027-01-30T22:05:21.3602080-08:00", "2027-01-31T06:05:21.360208+00:00");
    let single = async |start: &str| world.publisher.report(&event(&id, 1, start)).await;
    let batch = async |start: &str| {
        world.publisher.report_batch(&json!([event(&id, 1, start)])).await.is(200).at("/result/0")
    };
    let accepted = single(sent).await.is(200);
    assert_eq!(accepted.at("/effectiveStartTime"), written, "{accepted}");
    world.operator.set_quirk("effective_start_time", "as_sent").await;
    let refused = single("2027-01-31T06:00:00.000Z").await.is(409);
    let first = refused.at("/additionalInfo/acceptedMessage/effectiveStartTime");
    assert_eq!(first, sent, "of the first, from before: {refused}");
    let item = batch("2027-01-31T06:30").await;
    assert_eq!(item["effectiveStartTime"], "2027-01-31T06:30", "{item}");
    let first = &item["error"]["additionalInfo"]["acceptedMessage"]["effectiveStartTime"];
    assert_eq!(*first, sent, "{item}");
    for start in ["2027-01-31T09:45:00.10+05:45", "2027-01-31t05:00:00.000z"] {
        let accepted = single(start).await.is(200);
        assert_eq!(accepted.at("/effectiveStartTime"), start, "{accepted}");
    }
    let item = batch("today").await;
    assert!(item.get("effectiveStartTime").is_none(), "what is no time is left out: {item}");
    let shown = world.operator.usage(&id).await;
    assert_eq!(shown.at("/events/2/hour"), "2027-01-31T04:00:00.000000Z", "{shown}");
    assert_eq!(shown.at("/events/0/effectiveStartTime"), written, "{shown}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q55_q56_c60_rows_are_counted_and_asked_for_in_two_ways(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    world.publisher.report(&event(&id, 4, BEFORE)).await.is(200);
    let rows = async || world.publisher.usage_events(&[FROM]).await.is(200);
    let integer = rows().await;
    assert!(integer.text.ends_with(r#""submittedCount":1}]"#), "{integer}");
    world.operator.set_quirk("submitted_count", "number").await;
    let number = rows().await;
    let expected = integer.text.replace(r#""submittedCount":1}"#, r#""submittedCount":1.0}"#);
    assert_eq!(number.text, expected, "nothing else has changed");

    let asked =
        async |name: &str| world.publisher.usage_events(&[FROM, ("reconStatus", name)]).await;
    for name in ["TestHeaders", "dryrun"] {
        let refused = asked(name).await.is(400);
        assert_eq!(refused.at("/details/0/target"), "reconStatus", "{refused}");
    }
    world.operator.set_quirk("recon_status", "six").await;
    for name in ["TestHeaders", "dryrun", "Rejected"] {
        assert_eq!(asked(name).await.is(200).json(), json!([]), "{name}");
    }
    assert_eq!(asked("submitted").await.is(200).json().as_array().map(Vec::len), Some(1));
    let refused = asked("Done").await.is(400);
    assert!(refused.text_at("/details/0/message").ends_with("TestHeaders, DryRun"), "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q57_what_is_wrong_is_named_in_camel_or_in_pascal_case(#[case] db: Db) {
    let world = World::new(db).await;
    let id = world.buy_metered().await.id;
    let targets = |answer: Answer| -> Vec<String> {
        let answer = answer.is(400);
        assert_eq!(answer.at("/target"), "usageEventRequest", "{answer}");
        let details = answer.at("/details");
        let each = details.as_array().expect("details").iter();
        each.map(|detail| detail["target"].as_str().expect("a name").to_owned()).collect()
    };
    let missing = async || {
        let sent = json!({"quantity": 1, "dimension": "gigabytes"});
        targets(world.publisher.report(&sent).await)
    };
    assert_eq!(missing().await, ["resourceId", "effectiveStartTime", "planId"]);
    world.operator.set_quirk("usage_bad_argument_target", "pascal_case").await;
    assert_eq!(missing().await, ["ResourceId", "EffectiveStartTime", "PlanId"]);
    let late = world.publisher.report(&event(&id, 1, "2027-01-29T09:00:00Z")).await;
    assert_eq!(targets(late), ["EffectiveStartTime"]);
    assert_eq!(targets(world.publisher.report_batch(&json!([])).await), ["Request"]);
    assert_eq!(targets(world.publisher.usage_events(&[]).await), ["UsageStartDate"]);
    let end = [FROM, ("UsageEndDate", "soon")];
    assert_eq!(targets(world.publisher.usage_events(&end).await), ["UsageEndDate"]);
}
