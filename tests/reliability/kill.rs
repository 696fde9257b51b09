//! The broker is killed at random instants under load, starts again on the same data, and is held against what it had
//! acknowledged.

use std::hash::{BuildHasher, RandomState};

use reqwest::Method;
use rstest::rstest;
use shared::rehearsal::Sandbox;

use super::{
    crowd::{Dice, Doors, storm},
    ledger::Ledger,
};
use crate::support::{
    Anonymous, Ask, Db, Operator, PublisherApp,
    callers::credentials,
    processes::{Process, control_token},
    wait,
};

/// Environment variable: how often the broker is killed.
const ROUNDS: &str = "REHEARSE_KILL_ROUNDS";
/// Environment variable: the seed of a run that shall be repeated.
const SEED: &str = "REHEARSE_KILL_SEED";
/// Acknowledged requests before a kill, at most.
const REQUESTS: u64 = 400;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// The doors of a broker that just started. Its signing key may not be ready yet.
async fn doors(url: &str, token: &str) -> Doors {
    let operator = Operator::new(url, token, "default");
    let sandbox = operator.get("").await.is(200);
    let sandbox: Sandbox = serde_json::from_value(sandbox.json()).expect("a sandbox");
    let app = &sandbox.publisher;
    wait::until("the signing key", async || {
        let path = format!("/{}/oauth2/token", app.tenant_id);
        let call = Anonymous::new(url).call(Method::POST, &path).form(&credentials(app));
        (call.ask().await.status == 200).then_some(())
    })
    .await;
    Doors { publisher: PublisherApp::sign_in(url, app).await, operator }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_nothing_acknowledged_and_doubles_nothing(#[case] db: Db) {
    let seed = number(SEED).unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    eprintln!("{SEED}={seed} repeats this run on {db:?}");
    let mut dice = Dice(seed);
    let dir = tempfile::tempdir().expect("a folder");
    let database = db.fresh().await;
    let args: Vec<_> = database.iter().flat_map(|url| ["--database", url.as_str()]).collect();
    let mut ledger = Ledger::default();
    for round in 0..number(ROUNDS).unwrap_or(3) {
        let broker = Process::broker(dir.path(), &args, &[]);
        let doors = doors(&broker.broker_url().await, &control_token(dir.path())).await;
        ledger.check(&doors.operator).await;
        let count = 1 + dice.roll(REQUESTS);
        eprintln!("round {round}: killed behind {count} acknowledged requests");
        ledger.enter(storm(&doors, &mut dice, count, broker.kill()).await);
    }
    let broker = Process::broker(dir.path(), &args, &[]);
    let operator = Operator::new(&broker.broker_url().await, &control_token(dir.path()), "default");
    ledger.check_all(&operator).await;
    let ended = broker.terminate().await;
    assert_eq!(ended.code, Some(0), "a clean stop after all those kills: {ended:?}");
}
