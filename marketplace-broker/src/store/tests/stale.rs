//! A stale version is refused, run again, and told when it stays stale; it is never lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use rstest::rstest;
use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{Row, query};
use tokio::time::timeout;

use super::{
    super::{
        Command, Failure, Tx, find_subscription, publisher_for_update, save_publisher,
        save_subscription, tx::for_update,
    },
    bed::{Bed, Kind, buy, make_sandbox},
    scratch::{Note, SOON, open, queue},
};

const CALLERS: i64 = 64;

/// Raises the version of one row by one, reading it first.
struct Increment {
    locked: bool,
}

impl Command for Increment {
    type Output = String;
    const NAME: &'static str = "increment";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, _at: jiff::Timestamp) -> Result<String, Failure> {
        let select = if self.locked {
            for_update!(tx, "SELECT version FROM scratch WHERE id = 'row'")
        } else {
            query("SELECT version FROM scratch WHERE id = 'row'")
        };
        let version: i64 = select.fetch_one(tx.read()).await?.try_get(0)?;
        tokio::task::yield_now().await;
        let raise = query("UPDATE scratch SET version = $1 WHERE id = 'row' AND version = $2");
        tx.write_one(raise.bind(version + 1).bind(version)).await?;
        Ok((version + 1).to_string())
    }
}

/// The versions that callers were told, and how many were told `Stale`.
async fn increment(kind: Kind, locked: bool) -> (Vec<i64>, i64, i64) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    broker.execute(Note::new("row")).await.unwrap();
    let waiting: Vec<_> = (0..CALLERS).map(|_| queue(&broker, Increment { locked })).collect();
    let (mut versions, mut stale) = (Vec::new(), 0);
    for end in timeout(SOON, join_all(waiting)).await.unwrap() {
        match end {
            Ok(version) => versions.push(version.parse().unwrap()),
            Err(Failure::Stale) => stale += 1,
            Err(failure) => panic!("{failure:?}"),
        }
    }
    versions.sort_unstable();
    let mut conn = broker.read().await.unwrap();
    let row = query("SELECT version FROM scratch").fetch_one(&mut *conn).await.unwrap();
    (versions, stale, row.get(0))
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn increments_of_a_locked_row_all_happen(#[case] kind: Kind) {
    let (versions, stale, last) = increment(kind, true).await;
    assert_eq!(versions, (2..=CALLERS + 1).collect::<Vec<_>>(), "64 callers, 64 versions");
    assert_eq!((stale, last), (0, CALLERS + 1));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn increments_of_an_unlocked_row_happen_or_are_told_stale(#[case] kind: Kind) {
    let (versions, stale, last) = increment(kind, false).await;
    let happened = i64::try_from(versions.len()).unwrap();
    assert_eq!(versions, (2..=happened + 1).collect::<Vec<_>>(), "each version was told once");
    assert_eq!((happened + stale, last), (CALLERS, happened + 1), "told, and never lost");
    assert!(kind == Kind::Postgres || stale == 0, "one writer is never stale");
}

/// Is always too late.
struct Late {
    runs: Arc<AtomicUsize>,
}

impl Command for Late {
    type Output = String;
    const NAME: &'static str = "late";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, _at: jiff::Timestamp) -> Result<String, Failure> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        tx.write_one(query("UPDATE scratch SET version = 9 WHERE id = 'nobody'")).await?;
        Ok("hit".to_owned())
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_stays_stale_is_run_a_few_times_and_told(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let end = broker.execute(Late { runs: runs.clone() }).await;
    assert!(matches!(end, Err(Failure::Stale)), "{end:?}");
    assert!((2..=20).contains(&runs.load(Ordering::Relaxed)), "{runs:?} runs");
}

/// Saves a subscription and a publisher twice with the version they were read with; tells how the second times ended.
struct SaveTwice {
    sandbox: SandboxId,
    subscription: SubscriptionId,
}

impl Command for SaveTwice {
    type Output = [Result<(), Failure>; 2];
    const NAME: &'static str = "saveTwice";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, _at: jiff::Timestamp) -> Result<Self::Output, Failure> {
        let found = find_subscription(tx.read(), &self.sandbox, self.subscription).await?;
        let subscription = found.expect("it was bought");
        let (publisher, version) =
            publisher_for_update(tx, &self.sandbox, None).await?.expect("there is a first one");
        save_subscription(tx, &self.sandbox, &subscription).await?;
        save_publisher(tx, &self.sandbox, &publisher, version).await?;
        Ok([
            save_subscription(tx, &self.sandbox, &subscription).await,
            save_publisher(tx, &self.sandbox, &publisher, version).await,
        ])
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_saved_only_at_the_version_it_was_read_with(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = bed.open().await;
    let sandbox: SandboxId = "versions".parse().unwrap();
    make_sandbox(&broker, &sandbox).await;
    let subscription = broker.execute(buy(&sandbox)).await.unwrap().subscription.id;
    for end in broker.execute(SaveTwice { sandbox, subscription }).await.unwrap() {
        assert!(matches!(end, Err(Failure::Stale)), "{end:?}");
    }
}
