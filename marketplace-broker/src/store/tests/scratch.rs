//! A table that only these tests have, and commands on it that behave well, badly, or slowly.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use jiff::Timestamp;
use shared::ids::SandboxId;
use sqlx::{Executor, Row, query};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::timeout,
};

use super::{
    super::{Command, Failure, JournalRow, Store, Tx, journal_after},
    bed::{Bed, Broker, make_sandbox},
};
use crate::domain::{event::Event, refusal::Refusal};

/// Everything in a test happens within this, or it hangs.
pub(super) const SOON: Duration = Duration::from_secs(20);
/// The time limit of commands that hang; the product's would be five seconds of test each.
pub(super) const HASTE: Duration = Duration::from_millis(400);

/// The sandbox whose journal the commands write to.
pub(super) fn sandbox() -> SandboxId {
    "scratch".parse().unwrap()
}

/// A bed with the scratch table, and a store open on it.
pub(super) async fn open(bed: &Bed) -> Broker {
    let broker = bed.open().await;
    make_sandbox(&broker, &sandbox()).await;
    let pool = broker.writes();
    pool.execute("CREATE TABLE scratch (id TEXT PRIMARY KEY, version BIGINT NOT NULL)")
        .await
        .unwrap();
    pool.execute(
        "CREATE TABLE late (parent TEXT REFERENCES scratch (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .await
    .unwrap();
    broker
}

/// Ids in the scratch table, in order.
pub(super) async fn stored(store: &Store) -> Vec<String> {
    let mut conn = store.read().await.unwrap();
    let rows = query("SELECT id FROM scratch ORDER BY id").fetch_all(&mut *conn).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Holds that the journal has one row for each id stored, besides the sandbox's own, and no gaps.
pub(super) async fn assert_journal(store: &Store, notes: usize) {
    let mut conn = store.read().await.unwrap();
    let rows = journal_after(&mut conn, &sandbox(), 0, 10_000).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.name == "publisherConfigured").count(), notes);
    let numbers: Vec<_> = rows.iter().map(|row| row.sequence).collect();
    assert_eq!(numbers, (1..).take(rows.len()).collect::<Vec<_>>(), "the journal has gaps");
}

/// What a command does instead of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoil {
    RefuseBefore,
    RefuseAfter,
    PanicBefore,
    PanicAfter,
    BadSql,
    BrokenKey,
    FailAtCommit,
    HangBefore,
    HangAfter,
}

/// Stores an id and tells the journal.
#[derive(Clone)]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) spoil: Option<Spoil>,
    /// How often it was run.
    pub(super) runs: Arc<AtomicUsize>,
}

impl Note {
    pub(super) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), spoil: None, runs: Arc::default() }
    }

    pub(super) fn spoiled(id: impl Into<String>, spoil: Spoil) -> Self {
        Self { spoil: Some(spoil), ..Self::new(id) }
    }

    async fn store(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        tx.write_one(
            query("INSERT INTO scratch (id, version) VALUES ($1, 1)").bind(self.id.as_str()),
        )
        .await?;
        tx.record(JournalRow::event(&sandbox(), at, None, &Event::PublisherConfigured));
        Ok(())
    }
}

impl Command for Note {
    type Output = String;
    const NAME: &'static str = "note";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<String, Failure> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let refusal = || Refusal::NotReady("spoiled".to_owned());
        match self.spoil {
            Some(Spoil::RefuseBefore) => return Err(refusal().into()),
            // Unlike panic!, this tells nobody but the one who catches it.
            Some(Spoil::PanicBefore) => resume_unwind(Box::new("spoiled")),
            Some(Spoil::HangBefore) => std::future::pending().await,
            _ => self.store(tx, at).await?,
        }
        match self.spoil {
            Some(Spoil::RefuseAfter) => return Err(refusal().into()),
            Some(Spoil::PanicAfter) => resume_unwind(Box::new("spoiled")),
            Some(Spoil::HangAfter) => std::future::pending().await,
            Some(Spoil::BadSql) => {
                query("SELEKT nothing FROM nowhere").execute(tx.read()).await?;
            }
            Some(Spoil::BrokenKey) => self.store(tx, at).await?,
            Some(Spoil::FailAtCommit) => {
                query("INSERT INTO late (parent) VALUES ('nobody')").execute(tx.write()).await?;
            }
            _ => {}
        }
        Ok(self.id.clone())
    }
}

/// A note whose time is soon over.
pub(super) struct Hasty(pub(super) Note);

impl Command for Hasty {
    type Output = String;
    const NAME: &'static str = "hasty";
    const TIME_LIMIT: Duration = HASTE;

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<String, Failure> {
        self.0.run(tx, at).await
    }
}

/// Keeps a writer busy until it is let go.
struct Hold {
    entered: Arc<Semaphore>,
    release: Arc<Notify>,
}

impl Command for Hold {
    type Output = ();
    const NAME: &'static str = "hold";
    const TIME_LIMIT: Duration = SOON;

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, _tx: &mut Tx, _at: Timestamp) -> Result<(), Failure> {
        let released = self.release.notified();
        self.entered.add_permits(1);
        released.await;
        Ok(())
    }
}

/// All writers, kept busy. Nothing is taken from the queue until they are let go.
pub(super) struct Held {
    release: Arc<Notify>,
    holds: JoinSet<Result<(), Failure>>,
}

impl Held {
    pub(super) async fn all(store: &Store, writers: usize) -> Self {
        let mut held = Self { release: Arc::default(), holds: JoinSet::new() };
        for _ in 0..writers {
            held.one_more(store).await;
        }
        held
    }

    /// One more command of this kind; returns when a writer has it.
    pub(super) async fn one_more(&mut self, store: &Store) {
        let entered = Arc::new(Semaphore::new(0));
        let hold = Hold { entered: entered.clone(), release: self.release.clone() };
        let store = store.clone();
        self.holds.spawn(async move { store.execute(hold).await });
        let _ = timeout(SOON, entered.acquire()).await.unwrap().unwrap();
    }

    pub(super) async fn release(self) {
        self.release.notify_waiters();
        assert!(self.holds.join_all().await.iter().all(Result::is_ok));
    }
}

/// A command that was asked for and waits in the queue.
pub(super) type Waiting = std::pin::Pin<Box<dyn Future<Output = Result<String, Failure>> + Send>>;

/// Puts a command into the queue, now and not when somebody waits for it.
pub(super) fn queue<C: Command<Output = String>>(store: &Store, command: C) -> Waiting {
    let store = store.clone();
    let mut waiting: Waiting = Box::pin(async move { store.execute(command).await });
    match (&mut waiting).now_or_never() {
        Some(end) => Box::pin(std::future::ready(end)),
        None => waiting,
    }
}
