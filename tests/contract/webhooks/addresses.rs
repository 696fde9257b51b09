//! Where webhooks never go, and where they go only if somebody says so (architecture.md, outgoing calls).

use marketplace_broker::config::Outgoing;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, Db, Operator,
    foreign_app::{ForeignApp, Stage, active, delivery_is},
    processes::{Process, control_token},
    world::{flat, own},
};

/// Sends a webhook to `url`; answers it once an attempt failed.
async fn refused(stage: &Stage, url: &str) -> Answer {
    let operator = &stage.world.operator;
    operator.configure(&json!({"webhookUrl": url})).await.is(200);
    let operation = stage.change_plan("gold").await;
    let failed = stage.delivery_is(&operation, "retrying").await;
    assert!(failed.at("/tries/0/answer").is_null(), "{failed}");
    let reason = failed.text_at("/tries/0/error");
    assert!(reason.contains("is not called"), "{url}: {reason}");
    let took = failed.at("/tries/0/tookMs").as_f64().unwrap();
    assert!(took < 2_000.0, "nobody was called: {failed}");
    stage.decide(&operation, "Failure").await;
    failed
}

/// Sends a webhook to `url`, which must arrive.
async fn arrives(stage: &Stage, url: &str) {
    stage.world.operator.configure(&json!({"webhookUrl": url})).await.is(200);
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "acknowledged").await;
    assert_eq!(stage.app.hooks_of(&operation).len(), 1, "{url}");
    stage.decide(&operation, "Failure").await;
}

/// Addresses of machines' own services, of everybody and of nobody, in every spelling. Some would reach a server that
/// listens on every address, as the one of the test.
fn never(port: u16) -> Vec<String> {
    let hosts = [
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "[::ffff:224.0.0.1]",
        "0.0.0.0",
        "0",
        "0x0",
        "[::]",
        "[::ffff:0.0.0.0]",
        "[0:0:0:0:0:ffff:0:0]",
    ];
    hosts.iter().map(|host| format!("http://{host}:{port}/webhook")).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn metadata_link_local_multicast_and_unspecified_addresses_are_never_called(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for url in never(stage.app.port()) {
        refused(&stage, &url).await;
    }
    assert_eq!(stage.app.hooks().len(), 0);
    // It is tried again, and refused again, until the webhook is somewhere else.
    let failed = refused(&stage, "http://169.254.169.254/latest/meta-data").await;
    assert!(failed.text_at("/tries/0/error").contains("169.254.169.254"), "{failed}");
    arrives(&stage, &stage.app.url()).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn where_others_share_the_broker_loopback_and_private_addresses_are_refused(#[case] db: Db) {
    let stage = Stage::with(db, |config| config.outgoing = Some(Outgoing::Shared)).await;
    let port = stage.app.port();
    for host in [
        "127.0.0.1",
        "127.1.2.3",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "[fd00::1]",
        "169.254.169.254",
        "0.0.0.0",
    ] {
        refused(&stage, &format!("http://{host}:{port}/webhook")).await;
    }
    assert_eq!(stage.app.hooks().len(), 0);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_host_that_was_named_is_called_unless_it_is_one_that_never_is(#[case] db: Db) {
    let stage = Stage::with(db, |config| {
        config.outgoing = Some(Outgoing::Shared);
        config.allow_host = ["localhost", "0.0.0.0", "169.254.169.254"].map(str::to_owned).into();
    })
    .await;
    let port = stage.app.port();
    arrives(&stage, &format!("http://localhost:{port}/webhook")).await;
    let hooks = stage.app.hooks().len();
    for host in ["127.0.0.1", "0.0.0.0", "169.254.169.254"] {
        refused(&stage, &format!("http://{host}:{port}/webhook")).await;
    }
    assert_eq!(stage.app.hooks().len(), hooks);
}

/// The broker's environment may name a proxy for those who browse; webhooks take none.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked(#[case] db: Db) {
    let dir = tempfile::tempdir().unwrap();
    let (app, proxy) = (ForeignApp::start().await, ForeignApp::start().await);
    let at = format!("http://127.0.0.1:{}", proxy.port());
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"];
    let env = names.map(|name| (name, &*at));
    let database = db.fresh().await;
    let args: Vec<&str> = database.iter().flat_map(|url| ["--database", url.as_str()]).collect();
    let broker = Process::broker(dir.path(), &args, &env);
    let base = broker.broker_url().await;
    let operator = Operator::new(&base, &control_token(dir.path()), "default");
    let sandbox = operator.get("").await.is(200);
    let publisher = serde_json::from_value(sandbox.at("/publisher")).unwrap();
    let publisher = crate::support::PublisherApp::sign_in(&base, &publisher).await;
    operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
    let id = active(&operator, &publisher, &own(flat())).await;
    let operation = operator.acted(&id, &json!({"action": "suspend"})).await;
    delivery_is(&operator, &operation, "acknowledged").await;
    assert_eq!((app.hooks().len(), proxy.hooks().len()), (1, 0));
}
