//! The store: the only place that says `sqlx`. A change is a value ([`Command`]) and runs in one durable transaction
//! of its own; nothing is batched, because one publisher has little to write. Called by `http` and the workers.

mod accounts;
mod codec;
mod connect;
mod error;
mod outbox;
mod refused_webhooks;
mod sessions;
mod steps;
#[cfg(test)]
mod steps_tests;
#[cfg(test)]
mod tests;
mod tx;
mod usage;
#[cfg(test)]
mod usage_tests;
#[cfg(test)]
mod visit_tests;
mod visits;
#[cfg(test)]
mod webhook_tests;
mod webhooks;

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::watch;

pub use error::Error;
pub use outbox::{Claimed, NewMessage, Outcome};
pub use sessions::CookieHash;
pub use tx::Tx;
pub use usage::{MeteredAccount, Report, ReportState};
pub use visits::{Landing, TokenFailure, Visit};

/// A change asked of the publisher. It touches nothing but `tx`; ids and instants are its fields.
pub trait Command: Send + Sync {
    /// What it answers.
    type Output: Send;
    /// Its name in spans.
    const NAME: &'static str;
    /// Decides first, writes last.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

/// The publisher's database. Clones share it.
#[derive(Clone)]
pub struct Store {
    /// Holds one connection, so that it is the lock round the one writer.
    writes: AnyPool,
    reads: AnyPool,
    changes: Arc<watch::Sender<u64>>,
}

impl Store {
    /// Runs a command in one transaction, answers after COMMIT, and wakes whoever waits for a change.
    #[tracing::instrument(name = "store.command.execute", skip_all, fields(command = C::NAME))]
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        let mut tx = self.begin().await?;
        let output = command.run(&mut tx).await?;
        tx.commit().await?;
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
        Ok(output)
    }

    /// Tells of every command from now on. Take it before looking, so that no change is missed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        let _: (i64,) = sqlx::query_as("SELECT 1").fetch_one(&self.reads).await?;
        Ok(())
    }

    /// Closes the connections; the last one folds the log into the file.
    pub async fn close(&self) {
        self.reads.close().await;
        self.writes.close().await;
    }

    async fn begin(&self) -> Result<Tx, Error> {
        Ok(Tx::new(self.writes.begin_with("BEGIN IMMEDIATE").await?))
    }
}
