//! The writer: what queued up while the last batch committed is the next batch (docs/decisions/0003).
//!
//! SQLite has one writer that commits up to 256 commands in one transaction; PostgreSQL has sixteen that commit one
//! each. A refusal that has written nothing spares its batch. Anything else that goes wrong rolls the batch back and
//! its members run again one by one. After a COMMIT or BEGIN that failed nobody knows more, so nothing is run again.

use std::{panic::AssertUnwindSafe, slice, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use shared::clock::Clock;
use sqlx::AnyPool;
use tokio::{
    sync::{Mutex, Notify, mpsc, oneshot},
    task::JoinHandle,
};

use super::{Command, Store, callers::Callers, failure::Failure, gathered, outbox::Outbox, tx::Tx};

/// Commands that may wait before `execute` answers `Busy`.
pub const QUEUE: usize = 256;
/// How often a stale or deadlocked command is run before the caller is told.
const TRIES: usize = 8;
/// How long a command may run unless it says otherwise; longer spoils its batch.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(5);

type End = Result<(), Failure>;

/// A command and the caller waiting for it. Here, and only here, the type of its output is forgotten.
pub(super) trait Job: Send {
    fn name(&self) -> &'static str;
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, End>;
    fn answer(self: Box<Self>, end: End);
}

pub(super) struct Asked<C: Command> {
    command: C,
    caller: oneshot::Sender<Result<C::Output, Failure>>,
    output: Option<C::Output>,
}

impl<C: Command> Asked<C> {
    pub(super) fn new(command: C, caller: oneshot::Sender<Result<C::Output, Failure>>) -> Self {
        Self { command, caller, output: None }
    }
}

/// Runs a command at its sandbox's time.
async fn attempt<C: Command>(command: &C, tx: &mut Tx) -> Result<C::Output, Failure> {
    let at = match command.sandbox() {
        Some(sandbox) => tx.clock(sandbox).await?.at(tx.real_now()),
        None => tx.real_now(),
    };
    command.run(tx, at).await
}

impl<C: Command> Job for Asked<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, End> {
        Box::pin(async move {
            let attempt = AssertUnwindSafe(attempt(&self.command, tx)).catch_unwind();
            let ended = tokio::time::timeout(C::TIME_LIMIT, attempt).await;
            let caught = ended.map_err(|_| Failure::TimedOut)?;
            self.output = Some(caught.unwrap_or(Err(Failure::Panicked))?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, end: End) {
        let Self { caller, output, .. } = *self;
        // The caller may be gone; the change stands.
        let _ = caller.send(end.and_then(|()| output.ok_or(Failure::Panicked)));
    }
}

/// How a database is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) postgres: bool,
    /// Commands in one transaction.
    pub(super) batch: usize,
    /// Transactions at a time.
    pub(super) writers: usize,
}

#[derive(Clone)]
struct Writer {
    pool: AnyPool,
    shape: Shape,
    clock: Arc<dyn Clock>,
    timers_changed: Arc<Notify>,
    outbox: Arc<Outbox>,
    callers: Option<Arc<Callers>>,
    queue: Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>,
}

/// Starts the writers. They end when every [`Store`] is dropped and the queue is drained.
#[expect(clippy::disallowed_methods, reason = "the writers are awaited when the broker stops")]
pub(super) fn start(
    writes: AnyPool,
    reads: AnyPool,
    shape: Shape,
    clock: Arc<dyn Clock>,
) -> (Store, Vec<JoinHandle<()>>) {
    let (queue, jobs) = mpsc::channel(QUEUE);
    let timers_changed = Arc::new(Notify::new());
    let outbox = Arc::new(Outbox::default());
    let callers = (!shape.postgres).then(Arc::default);
    let writer = Writer {
        pool: writes,
        shape,
        clock: clock.clone(),
        timers_changed: timers_changed.clone(),
        outbox: outbox.clone(),
        callers: callers.clone(),
        queue: Arc::new(Mutex::new(jobs)),
    };
    let writers = (0..shape.writers).map(|_| tokio::spawn(writer.clone().work())).collect();
    (Store { queue, reads, clock, timers_changed, outbox, callers }, writers)
}

impl Writer {
    async fn work(self) {
        let mut jobs = Vec::with_capacity(self.shape.batch);
        while self.queue.lock().await.recv_many(&mut jobs, self.shape.batch).await > 0 {
            if jobs.len() > 1
                && let Ok(ends) = self.commit(&mut jobs).await
            {
                jobs.drain(..).zip(ends).for_each(|(job, end)| answer(job, end));
            }
            for job in jobs.drain(..) {
                self.commit_alone(job).await; // there is one only, or one spoiled the batch for all
            }
        }
    }

    /// Runs the jobs in one transaction. `Ok` holds their ends, and they are final: after a COMMIT that failed nobody
    /// knows what was stored, so nothing is run again. `Err`: this job spoiled it, and all is rolled back.
    async fn commit(&self, jobs: &mut [Box<dyn Job>]) -> Result<Vec<End>, Failure> {
        let count = jobs.len();
        metrics::histogram!("broker_batch_commands")
            .record(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        let begin = if self.shape.postgres { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let inner = match self.pool.begin_with(begin).await {
            Ok(inner) => inner,
            Err(error) => return Ok(vec![Err(error.into()); count]),
        };
        let mut tx = Tx::new(inner, self.shape.postgres, self.clock.now());
        let mut ends = Vec::with_capacity(count);
        for job in jobs {
            tx.written = false;
            tx.real_now = self.clock.now();
            let end = job.run(&mut tx).await;
            if let Err(failure) = &end
                && (tx.written || !failure.is_domain())
            {
                let _ = tx.inner.rollback().await; // dropping it would roll back as well
                return Err(failure.clone());
            }
            ends.push(end);
        }
        gathered::flush(&mut tx).await?;
        let (timers_changed, callers_changed) = (tx.timers_changed, tx.callers_changed);
        let lanes = std::mem::take(&mut tx.lanes);
        let committed = tx.inner.commit().await;
        if let (true, Some(callers)) = (callers_changed, &self.callers) {
            callers.forget(); // after a COMMIT that failed too: nobody knows what it stored
        }
        match committed {
            Ok(()) => {
                if timers_changed {
                    self.timers_changed.notify_one();
                }
                self.outbox.committed(lanes);
                Ok(ends)
            }
            Err(error) => Ok(vec![Err(error.into()); count]),
        }
    }

    async fn commit_alone(&self, mut job: Box<dyn Job>) {
        let mut end = Err(Failure::Busy);
        for _ in 0..TRIES {
            end = self.commit(slice::from_mut(&mut job)).await.and_then(|mut ends| ends.remove(0));
            if !matches!(&end, Err(failure) if failure.is_transient()) {
                break;
            }
        }
        answer(job, end);
    }
}

fn answer(job: Box<dyn Job>, end: End) {
    let outcome = match &end {
        Ok(()) => "done",
        Err(Failure::Refused(_)) => "refused",
        Err(_) => "failed",
    };
    metrics::counter!("broker_commands_total", "command" => job.name(), "outcome" => outcome)
        .increment(1);
    if let Err(
        failure @ (Failure::Database(_)
        | Failure::Panicked
        | Failure::Inconsistent(_)
        | Failure::TimedOut),
    ) = &end
    {
        tracing::error!(command = job.name(), error = %chain(failure), "a command failed");
    }
    job.answer(end);
}

/// A failure with its causes, for the log.
fn chain(failure: &dyn std::error::Error) -> String {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
