//! Answers that are too long, too strange or not for a machine do no harm (wiremock is the foreign app here): the status
//! counts, the body is kept in part, and it is shown as text.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, header_regex, method, path},
};

use crate::support::{
    Answer, Db,
    foreign_app::{Reply, Stage, raw},
};

/// Of an answer's body, characters kept.
const KEPT: usize = 2_000;

/// A foreign app that answers all webhooks with `answer`, which must be `times`.
async fn app(stage: &Stage, answer: ResponseTemplate, times: u64) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/webhook"))
        .and(header("content-type", "application/json"))
        .and(header_regex("authorization", "^Bearer "))
        .respond_with(answer)
        .named("the publisher's webhook")
        .expect(times)
        .mount(&app)
        .await;
    let url = format!("{}/webhook", app.uri());
    stage.world.operator.configure(&json!({"webhookUrl": url})).await.is(200);
    app
}

/// The start of a body that is no answer anybody asked for.
fn bodies() -> [(&'static str, Vec<u8>); 6] {
    let page = "<!DOCTYPE html><script>alert(1)</script>";
    // The start of a gzip stream, and what unpacks to nothing.
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff];
    [
        ("text/html", page.as_bytes().to_vec()),
        ("application/json", b"{\"status\": \"Failure\"".to_vec()),
        ("application/octet-stream", (0..=255).collect()),
        ("text/plain", vec![0; 1024 * 1024]),
        ("text/plain", "\u{d7ff}\u{10ffff}\u{0}가".repeat(100_000).into_bytes()),
        ("application/json", gzip.to_vec()),
    ]
}

/// What is shown of a body is little, and text.
#[track_caller]
fn is_kept_in_part(delivery: &Answer) {
    let body = delivery.text_at("/tries/0/answer/body");
    assert!(body.chars().count() <= KEPT, "{} characters are kept", body.chars().count());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_2xx_with_a_body_of_any_kind_is_an_acknowledgment(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (kind, body) in bodies() {
        let mut answer = ResponseTemplate::new(200).set_body_raw(body.clone(), kind);
        if body.starts_with(&[0x1f, 0x8b]) {
            answer = answer.insert_header("content-encoding", "gzip");
        }
        let _app = app(&stage, answer, 1).await;
        let operation = stage.change_plan("gold").await;
        let told = stage.delivery_is(&operation, "acknowledged").await;
        is_kept_in_part(&told);
        stage.is(&operation, "InProgress", "silver").await;
        stage.decide(&operation, "Failure").await;
    }
    let journal = stage.world.operator.journal().await;
    let longest = journal.iter().map(|entry| entry.to_string().len()).max().unwrap();
    assert!(longest < 20_000, "a page of an answer stands in the journal: {longest} characters");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_refusal_and_an_error_with_a_body_of_any_kind_stay_what_they_are(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (kind, body) in bodies() {
        for (status, state, end) in [(400, "rejected", "Failed"), (500, "retrying", "InProgress")] {
            let answer = ResponseTemplate::new(status).set_body_raw(body.clone(), kind);
            let _app = app(&stage, answer, 1).await;
            let operation = stage.change_plan("gold").await;
            let told = stage.delivery_is(&operation, state).await;
            is_kept_in_part(&told);
            stage.is(&operation, end, "silver").await;
            if end == "InProgress" {
                stage.decide(&operation, "Failure").await;
            }
        }
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_a_slow_answer_is_none_and_a_redirect_leads_nowhere(#[case] db: Db) {
    let time_limit = Duration::from_millis(300);
    let stage = Stage::with(db, |config| config.webhook_time_limit = time_limit).await;
    let elsewhere = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(200))
        .named("where a redirect leads")
        .expect(0)
        .mount(&elsewhere)
        .await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(20));
    let moved = ResponseTemplate::new(308).insert_header("location", elsewhere.uri());
    let round = ResponseTemplate::new(302).insert_header("location", "/webhook");
    let nowhere = ResponseTemplate::new(301).insert_header("location", "http://[");
    for answer in [slow, moved, round, nowhere] {
        // Twice: at once, and 57.6 s later.
        let _app = app(&stage, answer, 2).await;
        let operation = stage.change_plan("gold").await;
        stage.delivery_is(&operation, "retrying").await;
        stage.move_on("PT57.6S").await;
        let failed = stage.delivery_is(&operation, "retrying").await;
        assert_eq!(failed.at("/attempts"), 2, "{failed}");
        stage.is(&operation, "InProgress", "silver").await;
        stage.decide(&operation, "Failure").await;
    }
}

/// Answers that no server of any framework gives.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_without_a_length_or_with_a_wrong_one_is_read_in_part(#[case] db: Db) {
    let time_limit = Duration::from_millis(500);
    let stage = Stage::with(db, |config| config.webhook_time_limit = time_limit).await;
    let said = |head: &str, body: &str| raw(&format!("HTTP/1.1 200 OK\r\n{head}\r\n{body}"));
    let megabyte = "x".repeat(1024 * 1024);
    for (reply, must_count) in [
        (raw("HTTP/1.1 200 OK\r\n\r\n"), true),
        (raw("HTTP/1.0 200\r\n\r\nfine"), true),
        (said("", &megabyte), true),
        (said("connection: close\r\n", "no length"), true),
        (said("transfer-encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\n"), true),
        (said("content-encoding: gzip\r\ncontent-length: 3\r\n", "abc"), true),
        // The status is there, the body is not what it says: either way it is over soon.
        (said("content-length: 999999999999\r\n", "short"), false),
        (said("transfer-encoding: chunked\r\n", "ffffffff\r\nshort"), false),
        (said("transfer-encoding: chunked\r\n", "nonsense"), false),
        (said("content-length: -1\r\n", ""), false),
        (said("content-length: 2\r\ncontent-length: 3\r\n", "abc"), false),
    ] {
        stage.app.always(reply.clone());
        let operation = stage.change_plan("gold").await;
        let told = if must_count {
            stage.delivery_is(&operation, "acknowledged").await
        } else {
            let over = async || {
                let delivery = stage.delivery(&operation).await;
                let state = delivery.text_at("/state");
                ["acknowledged", "retrying"].contains(&&*state).then_some(delivery)
            };
            crate::support::wait::until("an end of the attempt", over).await
        };
        assert!(told.at("/tries/0/tookMs").as_f64().unwrap() < 10_000.0, "{told}");
        stage.is(&operation, "InProgress", "silver").await;
        stage.app.always(Reply::Status(200));
        stage.decide(&operation, "Failure").await;
    }
}
