//! …/deliveries: list, show, redeliver.

use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::clock::FakeClock;

use crate::support::{
    Ask, Db, Operator, PublisherApp, World,
    foreign_app::{ForeignApp, Reply, Stage, active, delivery_is, raw},
    processes::{Process, control_token},
    wait,
    world::{flat, own},
};

const UNKNOWN: &str = "0192f0c1-2d3e-7f4a-8b5c-6d7e8f901234";
const TALKATIVE: &str = "info,marketplace_broker=trace,shared=trace,axum=debug,tower_http=debug,\
                         reqwest=trace,hyper=trace,hyper_util=trace";

/// Asks for a webhook to be sent again; the body may be left out.
async fn redeliver(operator: &Operator, id: &str, body: Option<Value>) -> crate::support::Answer {
    let call = operator.call(Method::POST, &format!("/deliveries/{id}/redeliver"));
    match body {
        Some(body) => call.json(&body),
        None => call,
    }
    .ask()
    .await
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_list_tells_each_webhook_in_the_order_they_were_made(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let nothing = operator.get("/deliveries").await.is(200);
    assert_eq!(nothing.json(), json!({"deliveries": []}), "{nothing}");
    let other = stage.another().await;
    let mut made = Vec::new();
    for action in ["renew", "suspend", "unsubscribe"] {
        for id in [&stage.id, &other] {
            let operation = operator.acted(id, &json!({"action": action})).await;
            stage.delivery_is(&operation, "acknowledged").await;
            made.push(operation);
        }
    }
    let all = operator.get("/deliveries").await.is(200);
    let ids = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&all.at("/deliveries")), made);
    assert_eq!(
        all.at("/deliveries/2"),
        json!({"id": made[2], "subscriptionId": stage.id, "publisherId": "contoso",
            "action": "Suspend", "state": "acknowledged", "attempts": 1,
            "createdAt": "2027-01-31T09:00:00.000000Z", "lastOutcome": all.at("/deliveries/2/lastOutcome")})
    );
    assert!(all.text_at("/deliveries/2/lastOutcome").starts_with("200"), "{all}");
    let mine = operator.get(&format!("/deliveries?subscriptionId={other}")).await.is(200);
    assert_eq!(ids(&mine.at("/deliveries")), [&made[1], &made[3], &made[5]].map(Clone::clone));
    let rest = operator.get(&format!("/deliveries?after={}", made[3])).await.is(200);
    assert_eq!(ids(&rest.at("/deliveries")), made[4..]);
    let both = format!("/deliveries?after={}&subscriptionId={other}", made[0]);
    let both = operator.get(&both).await.is(200);
    assert_eq!(ids(&both.at("/deliveries")), [&made[1], &made[3], &made[5]].map(Clone::clone));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn webhooks_of_a_subscription_keep_their_order_when_the_machines_clock_is_set_back(
    #[case] db: Db,
) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let operator = &world.operator;
    operator.call(Method::POST, "/clock/freeze").ask().await.is(200);
    operator.call(Method::POST, "/deliveries/hold").ask().await.is(204);
    let id = active(operator, &world.publisher, &own(flat())).await;
    let mut made = Vec::new();
    for action in ["renew", "suspend", "reinstate", "unsubscribe"] {
        made.push(operator.acted(&id, &json!({"action": action})).await);
        clock.advance(SignedDuration::from_millis(-50));
    }
    assert!(!made.is_sorted(), "ids are made from the machine's clock: {made:?}");
    let listed = |rest: String| async move {
        let list = operator.get(&format!("/deliveries?subscriptionId={rest}")).await.is(200);
        let list = list.at("/deliveries").as_array().unwrap().clone();
        list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(id.clone()).await, made);
    assert_eq!(listed(format!("{id}&after={}", made[1])).await, made[2..]);
    assert_eq!(listed(format!("{id}&after={}", made[3])).await, [""; 0]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_long_list_comes_in_pages_of_a_thousand(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let hold = operator.call(Method::POST, "/deliveries/hold");
    hold.ask().await.is(204);
    for _ in 0..17 {
        stage.another().await;
    }
    stage.move_on("P5Y").await;
    let (mut ids, mut after, mut pages) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = operator.get(&format!("/deliveries{after}")).await.is(200);
        let found = page.at("/deliveries").as_array().unwrap().clone();
        pages.push(found.len());
        ids.extend(found.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.at("/nextAfter").as_str().map(str::to_owned) else { break };
        after = format!("?after={next}");
    }
    // Seventeen by the month and one by the year.
    assert_eq!(pages, [1_000, 25]);
    let made = ids.clone();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1_025, "each once");
    assert_eq!(ids, made, "in the order they were made");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn each_attempt_is_shown_with_what_was_sent_and_what_came_back(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let page = "<script>alert('no')</script>";
    let head = format!("HTTP/1.1 503 Busy\r\ncontent-length: {}\r\n\r\n", page.len());
    stage.app.in_turn([raw(&format!("{head}{page}")), Reply::Reset]);
    let operation = stage.change_plan("gold").await;
    let waits = stage.delivery_is(&operation, "retrying").await;
    assert_eq!(waits.at("/nextAttemptAt"), "2027-01-31T09:00:57.600000Z", "{waits}");
    stage.move_on("PT2M").await;
    let shown = stage.delivery_is(&operation, "acknowledged").await;
    assert_eq!(shown.at("/id"), operation.as_str(), "{shown}");
    assert_eq!(shown.at("/subscriptionId"), stage.id.as_str(), "{shown}");
    assert_eq!(shown.at("/attempts"), 3, "{shown}");
    assert!(shown.at("/nextAttemptAt").is_null(), "{shown}");
    let hooks = stage.app.hooks();
    assert_eq!(shown.at("/body"), hooks[0].json(), "{shown}");
    let tries = shown.at("/tries");
    let verdicts: Vec<_> = tries.as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["retry", "retry", "acknowledged"], "{shown}");
    for (number, at) in [(1, "09:00:00.000000"), (2, "09:00:57.600000"), (3, "09:01:55.200000")] {
        let one = &tries[number - 1];
        assert_eq!(one["number"], number, "{one}");
        assert_eq!(one["at"], format!("2027-01-31T{at}Z"), "{one}");
        assert_eq!(one["url"], stage.app.url(), "{one}");
        assert!(one["tookMs"].as_f64().is_some_and(|took| took > 0.0), "{one}");
        assert!(one["requestHeaders"]["content-type"].is_string(), "{one}");
    }
    assert_eq!(tries[0]["answer"], json!({"status": 503, "body": page}), "{shown}");
    assert!(tries[1]["answer"].is_null() && tries[1]["error"].is_string(), "{shown}");
    assert_eq!(tries[2]["answer"], json!({"status": 200, "body": ""}), "{shown}");
    let entry =
        stage.world.operator.exchange("a webhook", |entry| entry["name"] == "webhook").await;
    assert_eq!(entry["from"], "marketplace", "{entry}");
    assert_eq!(entry["to"], "publisher contoso", "{entry}");
    assert_eq!(entry["subscriptionId"], stage.id.as_str(), "{entry}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_sent_again_is_the_same_and_decides_nothing_again(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let change = stage.change_plan("gold").await;
    stage.delivery_is(&change, "acknowledged").await;
    stage.move_on("PT10S").await;
    stage.is(&change, "Succeeded", "gold").await;
    let renewal = stage.acted(&json!({"action": "renew"})).await;
    stage.delivery_is(&renewal, "acknowledged").await;
    let before = operator.truth(&stage.id).await;
    let version = before.at("/version");
    for operation in [&change, &renewal] {
        // A 4xx this time: what is decided stays so.
        stage.app.in_turn([Reply::Status(200), Reply::Status(400), Reply::Status(500)]);
        let taken = redeliver(operator, operation, Some(json!({"times": 3}))).await.is(202);
        assert_eq!(taken.at("/id"), operation.as_str(), "{taken}");
        assert_eq!(taken.at("/subscriptionId"), stage.id.as_str(), "{taken}");
        wait::until("all to be tried", async || {
            (stage.delivery(operation).await.at("/attempts") == 4).then_some(())
        })
        .await;
        let hooks = stage.app.hooks_of(operation);
        assert_eq!(hooks.len(), 4);
        assert!(hooks.iter().all(|hook| hook.body == hooks[0].body), "{hooks:?}");
        redeliver(operator, operation, None).await.is(202);
        wait::until("one more", async || (stage.app.hooks_of(operation).len() == 5).then_some(()))
            .await;
        stage.move_on("PT1H").await;
        assert_eq!(stage.app.hooks_of(operation).len(), 5, "asked for once is sent once");
        assert_eq!(stage.operation(operation).await.at("/status"), "Succeeded");
    }
    let after = operator.truth(&stage.id).await;
    assert_eq!(after.at("/version"), version, "{before} {after}");
    for (event, times) in [("planChanged", 1), ("renewed", 1), ("operationFailed", 0)] {
        assert_eq!(operator.times(event, &stage.id).await, times, "{event}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_no_delivery_or_no_number_is_refused_and_sends_nothing(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let operation = stage.acted(&json!({"action": "suspend"})).await;
    stage.delivery_is(&operation, "acknowledged").await;
    let (other, _) = stage.world.another_sandbox("other").await;
    for (who, id) in [
        (operator, UNKNOWN),
        (operator, "no-id"),
        (operator, "%ff"),
        (operator, &stage.id),
        (&other, &operation),
    ] {
        who.get(&format!("/deliveries/{id}")).await.problem(404, None);
        redeliver(who, id, None).await.problem(404, None);
    }
    for times in [json!(0), json!(-1), json!(101), json!(1000), json!(1.5), json!("2"), json!(null)]
    {
        let refused = redeliver(operator, &operation, Some(json!({"times": times}))).await;
        refused.problem(400, Some("times"));
    }
    redeliver(operator, &operation, Some(json!({"often": 2}))).await.is(400);
    redeliver(operator, &operation, Some(json!([]))).await.is(400);
    let call = || operator.call(Method::POST, &format!("/deliveries/{operation}/redeliver"));
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    for query in ["after=no-id", "subscriptionId=no-id"] {
        let field = query.split('=').next();
        operator.get(&format!("/deliveries?{query}")).await.problem(400, field);
    }
    let foreign = format!("/deliveries?subscriptionId={}", stage.id);
    let foreign = other.get(&foreign).await;
    let is_empty = foreign.status == 200 && foreign.at("/deliveries") == json!([]);
    assert!(is_empty || foreign.status == 404, "{foreign}");
    stage.move_on("PT1H").await;
    assert_eq!(stage.app.hooks().len(), 1, "nothing was sent");
}

/// The canary: a token that arrived at the publisher is nowhere to be read, at the most talkative log level.
#[tokio::test]
async fn a_webhooks_token_and_signature_are_in_no_delivery_journal_or_log() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Process::broker(dir.path(), &[], &[("RUST_LOG", TALKATIVE)]);
    let base = broker.broker_url().await;
    let operator = Operator::new(&base, &control_token(dir.path()), "default");
    let app = ForeignApp::start().await;
    let body = json!({"webhookUrl": app.url(), "webhookSignature": "standardWebhooks"});
    let publisher = operator.configure(&body).await.is(200);
    let secret = publisher.text_at("/webhookSecret");
    let publisher = serde_json::from_value(publisher.json()).unwrap();
    let publisher = PublisherApp::sign_in(&base, &publisher).await;
    let id = active(&operator, &publisher, &own(flat())).await;
    // One is taken, one is answered with an echo of what it carries.
    let told = operator.acted(&id, &json!({"action": "suspend"})).await;
    delivery_is(&operator, &told, "acknowledged").await;
    app.handle(|hook| async move {
        let echo = format!("{} {}", hook.header("authorization"), hook.header("webhook-signature"));
        raw(&format!("HTTP/1.1 500 No\r\nx-echo: {echo}\r\ncontent-length: 2\r\n\r\nno"))
    });
    let failed = operator.acted(&id, &json!({"action": "unsubscribe"})).await;
    delivery_is(&operator, &failed, "retrying").await;
    let mut shown = vec![("the list", operator.get("/deliveries").await.is(200).text)];
    for operation in [&told, &failed] {
        let delivery = operator.get(&format!("/deliveries/{operation}")).await.is(200);
        let headers = delivery.at("/tries/0/requestHeaders");
        for masked in ["authorization", "webhook-signature"] {
            assert!(headers[masked].is_string(), "{masked} is there, masked: {headers}");
        }
        shown.push(("a delivery", delivery.text));
    }
    operator.exchange("a webhook", |entry| entry["name"] == "webhook").await;
    shown.push(("the journal", serde_json::to_string(&operator.journal().await).unwrap()));
    let log = broker.terminate().await;
    assert!(log.stderr.contains("/actions"), "a log of the story: {}", log.stderr);
    shown.push(("the log", format!("{}{}", log.stdout, log.stderr)));
    for (place, text) in &shown {
        for hook in app.hooks() {
            let signature = hook.header("webhook-signature").trim_start_matches("v1,");
            for (what, canary) in [
                ("a token", hook.bearer()),
                ("a token's signature", &hook.bearer()[hook.bearer().len() - 40..]),
                ("a signature", signature),
                ("the secret of signatures", &secret["whsec_".len()..]),
            ] {
                assert!(
                    !canary.is_empty() && !text.contains(canary),
                    "{what} stands in {place}: {text}"
                );
            }
        }
    }
}
