//! What must happen later. Due timers are read, deleted and run in one transaction; each must still be there when it is
//! deleted, so no two brokers run one (docs/decisions/0006).

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::Reader,
    failure::Failure,
    gathered::{pages, places},
    sandboxes,
    tx::Tx,
};
use crate::domain::{
    sandbox::SandboxClock,
    timer::{Timer, TimerKind},
};

/// Timers that run in one transaction at most: a few hundred statements, well inside a command's time limit.
pub const PAGE: i64 = 32;

fn decode(row: &AnyRow) -> Result<Timer, Failure> {
    let reader = Reader { table: "timers", row };
    let name = reader.text("kind")?;
    let kind = TimerKind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| reader.odd("kind"))?;
    Ok(Timer {
        id: reader.parsed("id")?,
        due_at: reader.at("due_at")?,
        kind,
        subscription_id: reader.parsed("subscription_id")?,
    })
}

/// The timer that is due first.
pub async fn first_due(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<Option<Timer>, Failure> {
    let row = query(
        "SELECT id, due_at, kind, subscription_id FROM timers \
         WHERE sandbox_id = $1 ORDER BY due_at, id LIMIT 1",
    )
    .bind(sandbox.as_str())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(decode).transpose()
}

/// Timers due exactly at `due_at`, in order; a page of them. Not locked: `end_timers` finds out who was faster.
pub async fn due_timers(
    tx: &mut Tx,
    sandbox: &SandboxId,
    due_at: Timestamp,
) -> Result<Vec<Timer>, Failure> {
    let rows = query(
        "SELECT id, due_at, kind, subscription_id FROM timers \
         WHERE sandbox_id = $1 AND due_at = $2 ORDER BY id LIMIT $3",
    )
    .bind(sandbox.as_str())
    .bind(due_at.as_microsecond())
    .bind(PAGE)
    .fetch_all(tx.read())
    .await?;
    rows.iter().map(decode).collect()
}

/// Deletes timers and tells which of them were still there: the others were run by another broker, or are void. Their
/// subscriptions are locked, so what is told holds until COMMIT.
pub async fn end_timers(
    tx: &mut Tx,
    sandbox: &SandboxId,
    timers: Vec<Timer>,
) -> Result<Vec<Timer>, Failure> {
    tx.timers_changed = true;
    let mut ended = Vec::with_capacity(timers.len());
    for timer in timers {
        let statement = query("DELETE FROM timers WHERE sandbox_id = $1 AND id = $2")
            .bind(sandbox.as_str())
            .bind(timer.id.to_string());
        if statement.execute(tx.write()).await?.rows_affected() == 1 {
            ended.push(timer);
        }
    }
    Ok(ended)
}

/// Timers of a subscription that have become void.
#[derive(Debug, Clone)]
pub(super) struct VoidTimers {
    sandbox: SandboxId,
    subscription: SubscriptionId,
    kind: TimerKind,
}

impl Tx {
    /// Sets a timer, before COMMIT.
    pub fn set_timer(&mut self, sandbox: &SandboxId, timer: Timer) {
        self.written = true;
        self.timers_changed = true;
        self.gathered.timers.push((sandbox.clone(), timer));
    }

    /// Deletes, before COMMIT, the timers of a subscription that have become void.
    pub fn void_timers(
        &mut self,
        sandbox: &SandboxId,
        subscription: SubscriptionId,
        kind: TimerKind,
    ) {
        self.written = true;
        let is_void = |(other, timer): &(SandboxId, Timer)| {
            other == sandbox && timer.subscription_id == subscription && timer.kind == kind
        };
        self.gathered.timers.retain(|timer| !is_void(timer));
        self.gathered.void_timers.push(VoidTimers { sandbox: sandbox.clone(), subscription, kind });
    }
}

/// Deletes the void timers that were gathered, then sets the new ones: one that is set in the place of another of its
/// kind outlives it. Run before COMMIT, and before due timers are looked for.
pub(super) async fn flush(tx: &mut Tx) -> Result<(), Failure> {
    let void = std::mem::take(&mut tx.gathered.void_timers);
    let new = std::mem::take(&mut tx.gathered.timers);
    delete(tx, void).await?;
    insert(tx, &new).await
}

/// What was gathered so far is written now, so that it can be found.
pub async fn flush_timers(tx: &mut Tx) -> Result<(), Failure> {
    flush(tx).await
}

/// Whether a subscription has a timer of this kind; those that neighbours in this batch have set count.
pub async fn has_timer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    kind: TimerKind,
) -> Result<bool, Failure> {
    let is_it = |(other, timer): &(SandboxId, Timer)| {
        other == sandbox && timer.subscription_id == subscription && timer.kind == kind
    };
    if tx.gathered.timers.iter().any(is_it) {
        return Ok(true);
    }
    let found = query(
        "SELECT id FROM timers WHERE sandbox_id = $1 AND subscription_id = $2 AND kind = $3 LIMIT 1",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .bind(kind.name())
    .fetch_optional(tx.read())
    .await?;
    Ok(found.is_some())
}

async fn insert(tx: &mut Tx, rows: &[(SandboxId, Timer)]) -> Result<(), Failure> {
    for page in pages(rows) {
        let text = format!(
            "INSERT INTO timers (sandbox_id, id, due_at, kind, subscription_id) VALUES {}",
            places(tx, page.len(), 5)
        );
        let mut statement = query(AssertSqlSafe(text)); // made of numbers only
        for (sandbox, timer) in page {
            statement = statement
                .bind(sandbox.as_str())
                .bind(timer.id.to_string())
                .bind(timer.due_at.as_microsecond())
                .bind(timer.kind.name())
                .bind(timer.subscription_id.to_string());
        }
        statement.execute(tx.write()).await?;
    }
    Ok(())
}

/// There may be none any more: they run right now.
async fn delete(tx: &mut Tx, rows: Vec<VoidTimers>) -> Result<(), Failure> {
    let mut groups: BTreeMap<(SandboxId, &'static str), Vec<SubscriptionId>> = BTreeMap::new();
    for VoidTimers { sandbox, subscription, kind } in rows {
        groups.entry((sandbox, kind.name())).or_default().push(subscription);
    }
    for ((sandbox, kind), subscriptions) in groups {
        for page in pages(&subscriptions) {
            // A plain list, not a row value: SQLite finds that through the index.
            let list: Vec<_> = (0..page.len()).map(|at| format!("${}", at + 3)).collect();
            let text = format!(
                "DELETE FROM timers WHERE sandbox_id = $1 AND kind = $2 AND subscription_id IN ({})",
                list.join(", ")
            );
            let mut statement = query(AssertSqlSafe(text)).bind(sandbox.as_str()).bind(kind);
            for subscription in page {
                statement = statement.bind(subscription.to_string());
            }
            statement.execute(tx.write()).await?;
        }
    }
    Ok(())
}

/// The real instant at which the next timer of a running sandbox is due, and the sandboxes with one due by `real_now`.
pub async fn next_due_real(
    conn: &mut AnyConnection,
    real_now: Timestamp,
) -> Result<(Option<Timestamp>, Vec<SandboxId>), Failure> {
    let rows = query(
        "SELECT s.id AS id, s.clock_offset_us AS clock_offset_us, s.frozen_at AS frozen_at, \
         MIN(t.due_at) AS due_at FROM sandboxes s JOIN timers t ON t.sandbox_id = s.id \
         GROUP BY s.id, s.clock_offset_us, s.frozen_at",
    )
    .fetch_all(conn)
    .await?;
    let mut next: Option<Timestamp> = None;
    let mut due = Vec::new();
    for row in &rows {
        let reader = Reader { table: "timers", row };
        let due_at = reader.at("due_at")?;
        match sandboxes::clock(&reader)? {
            clock if due_at <= clock.at(real_now) => due.push(reader.parsed("id")?),
            SandboxClock::Frozen { .. } => {}
            SandboxClock::Running { offset } => {
                let at = due_at.saturating_sub(offset).unwrap_or(Timestamp::MAX);
                next = Some(next.map_or(at, |next| next.min(at)));
            }
        }
    }
    Ok((next, due))
}
