//! A database that does not play along: BEGIN that fails, COMMIT that fails, connections that are cut, locks of
//! strangers. Callers are told, nothing is run again blindly, and the writers heal.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rstest::rstest;
use shared::ids::SandboxId;
use sqlx::{Executor, query};
use tokio::time::timeout;

use super::{
    super::{Command, Failure, Tx},
    bed::{Bed, Kind},
    scratch::{HASTE, Held, Note, SOON, Spoil, assert_journal, open, queue, stored},
};

/// Another program holds SQLite's write lock: the batch at BEGIN is told that, and nothing of it has run.
#[tokio::test]
async fn a_begin_that_fails_is_told_to_its_batch_and_nothing_has_run() {
    let bed = Bed::new(Kind::Sqlite);
    let broker = open(&bed).await;
    // The pool has one connection; five seconds of patience would be five seconds of test.
    broker.writes().execute("PRAGMA busy_timeout = 50").await.unwrap();
    let mut stranger = bed.stranger().await;
    stranger.execute("BEGIN IMMEDIATE").await.unwrap();
    // Nothing is awaited in between, so the writer finds all of them at once.
    let notes: Vec<_> = (0..40).map(|number| Note::new(format!("{number:02}"))).collect();
    let waiting: Vec<_> = notes.iter().map(|note| queue(&broker, note.clone())).collect();
    let began = Instant::now();
    for end in timeout(SOON, join_all(waiting)).await.unwrap() {
        let failure = end.unwrap_err();
        assert!(failure.is_unavailable(), "{failure:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(1), "one wait for the batch, not 40");
    assert!(notes.iter().all(|note| note.runs.load(Ordering::Relaxed) == 0));
    stranger.execute("ROLLBACK").await.unwrap();
    assert_eq!(broker.execute(Note::new("healed")).await.unwrap(), "healed");
    assert_eq!(stored(&broker).await, ["healed"]);
}

/// After a COMMIT that failed nobody knows what was stored: all are told, and nobody is run a second time.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_commit_that_fails_is_told_and_never_run_again(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let held = Held::all(&broker, kind.writers()).await;
    let spoiler = Note::spoiled("spoiler", Spoil::FailAtCommit);
    let neighbor = Note::new("neighbor");
    let waiting = [queue(&broker, spoiler.clone()), queue(&broker, neighbor.clone())];
    held.release().await;
    let ends = timeout(SOON, join_all(waiting)).await.unwrap();
    assert!(matches!(ends[0], Err(Failure::Database(_))), "{:?}", ends[0]);
    assert_eq!(ends[1].is_err(), kind == Kind::Sqlite, "only on SQLite they share a transaction");
    for note in [&spoiler, &neighbor] {
        assert_eq!(note.runs.load(Ordering::Relaxed), 1, "{} was run again", note.id);
    }
    assert_eq!(broker.execute(Note::new("healed")).await.unwrap(), "healed");
    let expected: &[_] = if kind == Kind::Sqlite { &["healed"] } else { &["healed", "neighbor"] };
    assert_eq!(stored(&broker).await, expected);
    assert_journal(&broker, expected.len()).await;
}

/// PostgreSQL drops every connection, as at its restart: some callers are told to come back, and then it heals.
#[tokio::test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn connections_that_are_cut_heal() {
    let bed = Bed::new(Kind::Postgres);
    let broker = open(&bed).await;
    let mut stranger = bed.stranger().await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let notes: Vec<_> = (0..60)
            .map(|number| queue(&broker, Note::new(format!("{round}-{number:02}"))))
            .collect();
        let cut = stranger.execute(
            "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        let (ends, cut) = tokio::join!(timeout(SOON, join_all(notes)), cut);
        cut.unwrap();
        for end in ends.unwrap() {
            match end {
                Ok(id) => acknowledged.push(id),
                Err(failure) => assert!(failure.is_unavailable(), "{failure:?}"),
            }
        }
    }
    let mut failed = 0;
    while let Err(failure) = broker.execute(Note::new(format!("healed-{failed}"))).await {
        assert!(failure.is_unavailable(), "{failure:?}");
        failed += 1;
        assert!(failed < 30, "it does not heal");
    }
    let stored = stored(&broker).await;
    assert!(acknowledged.iter().all(|id| stored.contains(id)), "acknowledged and lost");
    assert_journal(&broker, stored.len()).await;
}

/// Waits for the row lock that a stranger has.
struct Touch;

impl Command for Touch {
    type Output = String;
    const NAME: &'static str = "touch";
    const TIME_LIMIT: Duration = HASTE;

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, _at: jiff::Timestamp) -> Result<String, Failure> {
        let touch = query("UPDATE scratch SET version = version + 1 WHERE id = 'row'");
        tx.write_one(touch).await?;
        Ok("touched".to_owned())
    }
}

/// A stranger keeps a row locked: whoever waits for it is told to come back, and no writer stays behind.
#[tokio::test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn a_row_that_stays_locked_takes_no_writer_with_it() {
    let bed = Bed::new(Kind::Postgres);
    let broker = open(&bed).await;
    broker.execute(Note::new("row")).await.unwrap();
    let mut stranger = bed.stranger().await;
    stranger.execute("BEGIN").await.unwrap();
    stranger.execute("UPDATE scratch SET version = 7 WHERE id = 'row'").await.unwrap();
    let waiting: Vec<_> = (0..Kind::Postgres.writers()).map(|_| queue(&broker, Touch)).collect();
    let ends = timeout(Duration::from_secs(12), join_all(waiting)).await;
    let ends = ends.expect("callers wait for as long as the stranger likes");
    for end in ends {
        let failure = end.unwrap_err();
        assert!(failure.is_unavailable(), "{failure:?}");
    }
    let other = timeout(Duration::from_secs(2), broker.execute(Note::new("other"))).await;
    assert_eq!(other.expect("every writer still waits for the stranger").unwrap(), "other");
    stranger.execute("ROLLBACK").await.unwrap();
    assert_eq!(broker.execute(Touch).await.unwrap(), "touched");
}
