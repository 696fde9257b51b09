//! One open transaction, as a command sees it. Made by the writer only.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use shared::ids::SandboxId;
use sqlx::{Any, AnyConnection, Transaction, any::AnyArguments, query::Query};

use super::{
    deliveries::Lane,
    failure::Failure,
    gathered::Gathered,
    sandboxes::{self, SandboxRow},
};
use crate::domain::{policy::Policy, refusal::Refusal, sandbox::SandboxClock};

/// One open transaction; dropped without COMMIT, it rolls back. It remembers whether the command has written.
pub struct Tx {
    pub(super) inner: Transaction<'static, Any>,
    pub(super) written: bool,
    pub(super) postgres: bool,
    /// Whether a timer or a clock was touched, so that the timer worker is woken after COMMIT.
    pub(super) timers_changed: bool,
    /// Whether a clock, a policy or a publisher was touched, so that remembered callers are forgotten after COMMIT.
    pub(super) callers_changed: bool,
    /// Whose webhooks became ready, so that they are sent after COMMIT.
    pub(super) lanes: BTreeSet<Lane>,
    /// Real time as the command began.
    pub(super) real_now: Timestamp,
    /// Clocks and policies read in this transaction. SQLite has one writer, so they hold for the batch; whoever saves
    /// one updates them.
    sandboxes: HashMap<SandboxId, (SandboxClock, Policy)>,
    /// Written once, before COMMIT.
    pub(super) gathered: Gathered,
}

impl Tx {
    pub(super) fn new(
        inner: Transaction<'static, Any>,
        postgres: bool,
        real_now: Timestamp,
    ) -> Self {
        Self {
            inner,
            written: false,
            postgres,
            timers_changed: false,
            callers_changed: false,
            lanes: BTreeSet::new(),
            real_now,
            sandboxes: HashMap::new(),
            gathered: Gathered::default(),
        }
    }

    /// For SELECT.
    pub fn read(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// For everything else.
    pub fn write(&mut self) -> &mut AnyConnection {
        self.written = true;
        &mut self.inner
    }

    /// A write that names what it expects to find: it must hit exactly one row, else [`Failure::Stale`].
    pub async fn write_one(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<(), Failure> {
        let hit = query.execute(self.write()).await?.rows_affected();
        if hit == 1 { Ok(()) } else { Err(Failure::Stale) }
    }

    /// Real time as the command began. For clocks only; everything else uses `at`.
    pub fn real_now(&self) -> Timestamp {
        self.real_now
    }

    /// The clock of a sandbox; an unknown sandbox is a refusal.
    pub async fn clock(&mut self, sandbox: &SandboxId) -> Result<SandboxClock, Failure> {
        Ok(self.sandbox(sandbox).await?.0)
    }

    /// How a sandbox behaves where sources are silent or disagree; an unknown sandbox is a refusal.
    pub async fn policy(&mut self, sandbox: &SandboxId) -> Result<Policy, Failure> {
        Ok(self.sandbox(sandbox).await?.1)
    }

    async fn sandbox(&mut self, id: &SandboxId) -> Result<(SandboxClock, Policy), Failure> {
        if let Some(known) = self.sandboxes.get(id) {
            return Ok(*known);
        }
        let found = sandboxes::sandbox(self.read(), id).await?;
        let row = found.ok_or_else(|| Refusal::unknown("Sandbox", id))?;
        self.sandboxes.insert(row.id, (row.clock, row.policy));
        Ok((row.clock, row.policy))
    }

    /// Keeps what was just saved.
    pub(super) fn sandbox_saved(&mut self, row: SandboxRow) {
        self.timers_changed = true;
        self.callers_changed = true;
        self.sandboxes.insert(row.id, (row.clock, row.policy));
    }
}

/// `query` over a SELECT that locks its row where the database has row locks.
macro_rules! for_update {
    ($tx:expr, $sql:expr) => {
        sqlx::query(if $tx.postgres { concat!($sql, " FOR UPDATE") } else { $sql })
    };
}
pub(super) use for_update;
