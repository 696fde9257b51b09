//! Metered usage, told by both services: the bundled publisher sets a purchase up, counts what its customer uses, and
//! reports what goes beyond the included units, hour by hour of the sandbox's clock.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Db, Operator, World,
    browser::{Visitor, set_up},
    pair::Pair,
    wait,
    world::{SANDBOX, bought, page_at},
};

fn metered() -> Value {
    json!({"offerId": "contoso-archive", "planId": "metered"})
}

/// Waits until the newest event is of this hour; answers the usage.
async fn reported(operator: &Operator, id: &str, hour: &str) -> Answer {
    wait::until(&format!("usage of {hour}"), async || {
        let usage = operator.usage(id).await;
        (usage.at("/events/0/hour") == hour).then_some(usage)
    })
    .await
}

/// Waits until the console shows this part of its page on usage.
async fn shown(url: &str, operator: &Operator, sandbox: &str, part: &str) -> Answer {
    let console = Visitor::new(url);
    console.sign_in(&operator.token, sandbox).await;
    wait::until(part, async || {
        let page = console.get(&format!("/s/{sandbox}/console/usage")).await.is(200);
        page.text.contains(part).then_some(page)
    })
    .await
}

fn events(usage: &Answer) -> Vec<Value> {
    usage.at("/events").as_array().expect("a list").clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_bundled_publisher_reports_overage_hour_by_hour(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(true).await;
    let operator = &world.operator;
    let purchase = world.buy_as(&metered()).await;
    set_up(operator, &url, &purchase, "").await;
    let id = &purchase.id;
    // Somebody has reported the last hour already: for the publisher, it is done.
    operator.advance(&json!({"to": "2027-02-01T08:00:00Z"})).await.is(200);
    let by_hand = json!({"resourceId": id, "quantity": 1, "dimension": "gigabytes",
        "effectiveStartTime": "2027-02-01T07:00:00Z", "planId": "metered"});
    let first = world.publisher.report(&by_hand).await;
    assert!([200, 409].contains(&first.status), "{first}");
    reported(operator, id, "2027-02-01T07:00:00.000000Z").await;
    shown(&url, operator, SANDBOX, "Accepted").await;
    let usage = operator.usage(id).await;
    let hours = events(&usage);
    assert!((5..23).contains(&hours.len()), "the first hours were included: {usage}");
    assert!(usage.at("/dimensions/0/amount").as_f64().is_some_and(|cost| cost > 0.0), "{usage}");

    // An hour more is an event more.
    operator.advance_by("PT1H").await;
    let more = reported(operator, id, "2027-02-01T08:00:00.000000Z").await;
    assert_eq!(events(&more).len(), hours.len() + 1, "{more}");

    // After a jump of three weeks a day is reported, and the page tells what is lost.
    operator.advance(&json!({"to": "2027-02-22T09:30:00Z"})).await.is(200);
    let jumped = reported(operator, id, "2027-02-22T08:00:00.000000Z").await;
    assert_eq!(events(&jumped).len(), hours.len() + 1 + 23, "{jumped}");
    let page = shown(&url, operator, SANDBOX, "Lost: too late to report").await;
    assert!(page.text.contains("hours from 1 Feb 2027 09:00 UTC"), "{page}");
    // The journal tells of an exchange just behind its answer.
    let batches = wait::until("the journal's batches", async || {
        let journal = operator.journal().await;
        let batches = journal.iter().filter(|entry| entry["name"] == "batchUsageEvent").count();
        (batches > 2).then_some(batches)
    })
    .await;
    assert!(batches < 8, "in batches: {batches}");
    world.stop().await;
}

/// Killed in the middle of an hour's work, again and again: no hour is lost and none counts twice.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_publisher_that_is_killed_reports_every_hour_once(#[case] db: Db) {
    let pair = Pair::start(db).await;
    let operator = pair.operator();
    let start = json!({"id": SANDBOX, "startAt": "2027-02-03T09:00:00Z", "frozen": true});
    operator.create_sandbox(&start).await.is(201);
    let operator = operator.in_sandbox(SANDBOX);
    let start = async || {
        let (sim, url) = pair.publisher(&["--auto"]).await;
        operator.configure(&page_at(&url, SANDBOX, "contoso")).await.is(200);
        (sim, url)
    };
    let (mut sim, url) = start().await;
    let purchase = bought(&operator.purchase(&metered()).await.is(201));
    set_up(&operator, &url, &purchase, "").await;
    let id = &purchase.id;
    // Past the included units.
    operator.advance(&json!({"to": "2027-02-04T09:00:00Z"})).await.is(200);
    let before = events(&reported(&operator, id, "2027-02-04T08:00:00.000000Z").await).len();
    for hour in 9..15 {
        let to = format!("2027-02-04T{:02}:00:00Z", hour + 1);
        operator.advance(&json!({"to": to})).await.is(200);
        if hour % 2 == 0 {
            reported(&operator, id, &format!("2027-02-04T{hour:02}:00:00.000000Z")).await;
        }
        sim.kill().await;
        sim = start().await.0;
    }
    let usage = reported(&operator, id, "2027-02-04T14:00:00.000000Z").await;
    assert_eq!(events(&usage).len(), before + 6, "{usage}");
    let url = sim.publisher_url().await;
    let page = shown(&url, &operator, SANDBOX, "Accepted").await;
    assert!(!page.text.contains("Lost"), "{page}");
    pair.stop(sim).await;
}

/// A publisher that is told to stay silent reports nothing until it is told otherwise.
#[tokio::test]
async fn a_silent_publisher_reports_nothing() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(true).await;
    let operator = &world.operator;
    let purchase = world.buy_as(&metered()).await;
    set_up(operator, &url, &purchase, "").await;
    let control = Visitor::new(&url);
    let behave = async |usage: &str| {
        let path = format!("/s/{SANDBOX}/contoso/behavior");
        let put = control.call(reqwest::Method::PUT, &path).bearer_auth(&operator.token);
        let put = put.json(&json!({"usage": usage}));
        crate::support::Ask::ask(put).await.is(200)
    };
    assert_eq!(behave("silent").await.json(), json!({"webhook": "accept", "usage": "silent"}));
    operator.advance_by("PT20H").await;
    let page = shown(&url, operator, SANDBOX, "No usage yet").await;
    assert!(page.text.contains("<option value=\"silent\" selected>"), "{page}");
    assert_eq!(events(&operator.usage(&purchase.id).await), Vec::<Value>::new());
    behave("report").await;
    shown(&url, operator, SANDBOX, "Accepted").await;
    world.stop().await;
}
