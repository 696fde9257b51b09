//! What is no answer and is tried again (C53): 5xx, a redirect, no connection, a reset, silence, nonsense.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Db,
    foreign_app::{ForeignApp, Reply, Stage, raw},
};

const TIME_LIMIT: Duration = Duration::from_millis(300);

/// Holds the first attempt, which failed, and what follows: a second one after 57.6 s, which is answered.
async fn is_tried_again(stage: &Stage, operation: &str, failed: &Answer) {
    let what = failed.to_string();
    assert_eq!(failed.at("/attempts"), 1, "{what}");
    assert_eq!(failed.at("/tries/0/verdict"), "retry", "{what}");
    let at: jiff::Timestamp = failed.text_at("/tries/0/at").parse().unwrap();
    let next: jiff::Timestamp = failed.text_at("/nextAttemptAt").parse().unwrap();
    assert_eq!((next - at).total(jiff::Unit::Millisecond).unwrap(), 57_600.0, "{what}");
    assert!(!failed.text_at("/lastOutcome").is_empty(), "{what}");
    stage.app.always(Reply::Status(200));
    let before = stage.app.hooks_of(operation).len();
    stage.move_on("PT57.599999S").await;
    assert_eq!(stage.app.hooks_of(operation).len(), before, "not before its time: {what}");
    stage.move_on("PT0.000001S").await;
    let delivered = stage.delivery_is(operation, "acknowledged").await;
    assert_eq!(delivered.at("/attempts"), 2, "{delivered}");
    let hooks = stage.app.hooks_of(operation);
    assert_eq!(hooks.len(), before + 1, "{what}");
    assert!(hooks.iter().all(|hook| hook.body == hooks[0].body), "the same each time");
    let status = stage.operation(operation).await.at("/status");
    assert_eq!(status, "InProgress", "neither refused nor decided: {what}");
    stage.decide(operation, "Failure").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_an_error_of_the_server_and_a_redirect_are_tried_again(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let elsewhere = ForeignApp::start().await;
    let moved = |status: u16| {
        let location = elsewhere.url();
        let line = format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0");
        raw(&format!("{line}\r\n\r\n"))
    };
    let errors = [500, 501, 502, 503, 504, 599].map(|status| (status, Reply::Status(status)));
    let redirects = [301, 302, 303, 307, 308].map(|status| (status, moved(status)));
    for (status, reply) in errors.into_iter().chain(redirects) {
        stage.app.always(reply);
        let operation = stage.change_plan("gold").await;
        let failed = stage.delivery_is(&operation, "retrying").await;
        assert_eq!(failed.at("/tries/0/answer/status"), status, "{failed}");
        assert!(failed.text_at("/lastOutcome").contains(&status.to_string()), "{failed}");
        is_tried_again(&stage, &operation, &failed).await;
    }
    assert_eq!(elsewhere.hooks().len(), 0, "a redirect is not followed");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_a_connection_that_breaks_hangs_or_talks_nonsense_is_tried_again(#[case] db: Db) {
    let stage = Stage::with(db, |config| config.webhook_time_limit = TIME_LIMIT).await;
    for reply in [
        Reply::Reset,
        Reply::Never,
        Reply::Raw(Vec::new()),
        raw("HTTP/1.1"),
        raw("HTTP/1.1 200"),
        raw("220 mail.contoso.example ESMTP\r\n"),
        raw("HTTP/1.1 abc OK\r\n\r\n"),
        Reply::Raw(vec![0; 100_000]),
        raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1_000_000))),
    ] {
        stage.app.always(reply);
        let operation = stage.change_plan("gold").await;
        let failed = stage.delivery_is(&operation, "retrying").await;
        assert!(failed.at("/tries/0/answer").is_null(), "{failed}");
        assert!(!failed.text_at("/tries/0/error").is_empty(), "the reason: {failed}");
        is_tried_again(&stage, &operation, &failed).await;
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_a_refused_connection_is_tried_again_until_somebody_listens(#[case] db: Db) {
    let mut stage = Stage::new(db).await;
    let nobody = ForeignApp::nobody().await;
    let url = format!("http://{nobody}/webhook");
    stage.world.operator.configure(&json!({"webhookUrl": url})).await.is(200);
    let operation = stage.change_plan("gold").await;
    let failed = stage.delivery_is(&operation, "retrying").await;
    assert_eq!(failed.at("/tries/0/url"), url, "{failed}");
    assert!(!failed.text_at("/tries/0/error").is_empty(), "{failed}");
    stage.app = ForeignApp::at(nobody).await;
    is_tried_again(&stage, &operation, &failed).await;

    let name = "http://no-such-host.invalid/webhook";
    stage.world.operator.configure(&json!({"webhookUrl": name})).await.is(200);
    let operation = stage.change_plan("gold").await;
    let failed = stage.delivery_is(&operation, "retrying").await;
    assert_eq!(failed.at("/tries/0/url"), name, "{failed}");
    assert!(!failed.text_at("/tries/0/error").is_empty(), "{failed}");
    assert_eq!(stage.operation(&operation).await.at("/status"), Value::from("InProgress"));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_an_answer_that_comes_after_the_time_limit_is_none(#[case] db: Db) {
    let stage = Stage::with(db, |config| config.webhook_time_limit = TIME_LIMIT).await;
    let gate = stage.app.hold();
    let operation = stage.change_plan("gold").await;
    let failed = stage.delivery_is(&operation, "retrying").await;
    gate.open();
    let took = failed.at("/tries/0/tookMs").as_f64().unwrap();
    assert!((300.0..5_000.0).contains(&took), "{failed}");
    stage.move_on("PT11S").await;
    stage.is(&operation, "InProgress", "silver").await;
    is_due_later(&stage, &operation).await;
}

/// The late 200 opened no window: the webhook still waits for its second attempt.
async fn is_due_later(stage: &Stage, operation: &str) {
    let delivery = stage.delivery(operation).await;
    assert_eq!(delivery.at("/state"), "retrying", "{delivery}");
    assert_eq!(delivery.at("/attempts"), 1, "{delivery}");
}
