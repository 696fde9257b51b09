//! Sandboxes, their clocks and their policies.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::ids::SandboxId;
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::{Tx, for_update},
};
use crate::domain::{
    policy::{self, Policy, Profile},
    refusal::Refusal,
    sandbox::SandboxClock,
};

/// A sandbox as stored.
#[derive(Debug, Clone)]
pub struct SandboxRow {
    /// Its id.
    pub id: SandboxId,
    /// Its clock.
    pub clock: SandboxClock,
    /// How it behaves where sources are silent or disagree.
    pub policy: Policy,
}

/// The columns of [`SandboxRow`].
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, clock_offset_us, frozen_at, profile, quirks FROM sandboxes ", $rest)
    };
}

/// The clock from its two columns; exactly one of them is set.
pub(super) fn clock(reader: &Reader<'_>) -> Result<SandboxClock, Failure> {
    match (reader.maybe_int("clock_offset_us")?, reader.maybe_at("frozen_at")?) {
        (Some(offset), None) => {
            Ok(SandboxClock::Running { offset: SignedDuration::from_micros(offset) })
        }
        (None, Some(at)) => Ok(SandboxClock::Frozen { at }),
        _ => Err(reader.odd("clock_offset_us")),
    }
}

/// The policy from its two columns.
pub(super) fn policy(reader: &Reader<'_>) -> Result<Policy, Failure> {
    let profile = Profile::named(&reader.text("profile")?).map_err(|_| reader.odd("profile"))?;
    let mut found = Policy::of(profile);
    let set: BTreeMap<String, String> = reader.json("quirks")?;
    for (id, value) in set {
        let row = policy::find(&id).ok_or_else(|| reader.odd("quirks"))?;
        found = found.with(row, Some(&value)).map_err(|_| reader.odd("quirks"))?;
    }
    Ok(found)
}

fn columns(clock: SandboxClock) -> (Option<i64>, Option<i64>) {
    match clock {
        SandboxClock::Running { offset } => {
            (Some(i64::try_from(offset.as_micros()).unwrap_or(i64::MAX)), None)
        }
        SandboxClock::Frozen { at } => (None, Some(at.as_microsecond())),
    }
}

fn decode(row: &AnyRow) -> Result<SandboxRow, Failure> {
    let reader = Reader { table: "sandboxes", row };
    Ok(SandboxRow { id: reader.parsed("id")?, clock: clock(&reader)?, policy: policy(&reader)? })
}

/// Makes a sandbox.
pub async fn insert_sandbox(
    tx: &mut Tx,
    id: &SandboxId,
    (clock, policy): (SandboxClock, Policy),
    created_at: Timestamp,
) -> Result<(), Failure> {
    let (offset, frozen_at) = columns(clock);
    tx.write_one(
        query(
            "INSERT INTO sandboxes (id, created_at, clock_offset_us, frozen_at, profile, quirks) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(created_at.as_microsecond())
        .bind(offset)
        .bind(frozen_at)
        .bind(policy.profile().name())
        .bind(quirks(&policy)?),
    )
    .await?;
    tx.sandbox_saved(SandboxRow { id: id.clone(), clock, policy });
    Ok(())
}

/// A sandbox, if it exists.
pub async fn sandbox(
    conn: &mut AnyConnection,
    id: &SandboxId,
) -> Result<Option<SandboxRow>, Failure> {
    let row = query(select!("WHERE id = $1")).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(decode).transpose()
}

/// The clock of a sandbox, if it exists.
pub async fn sandbox_clock(
    conn: &mut AnyConnection,
    id: &SandboxId,
) -> Result<Option<SandboxClock>, Failure> {
    Ok(sandbox(conn, id).await?.map(|row| row.clock))
}

/// All sandboxes, in order of their ids.
pub async fn all_sandboxes(conn: &mut AnyConnection) -> Result<Vec<SandboxRow>, Failure> {
    let rows = query(select!("ORDER BY id")).fetch_all(conn).await?;
    rows.iter().map(decode).collect()
}

/// How many sandboxes there are.
pub async fn count_sandboxes(conn: &mut AnyConnection) -> Result<i64, Failure> {
    Ok(query("SELECT COUNT(id) FROM sandboxes").fetch_one(conn).await?.try_get(0)?)
}

/// A sandbox that exists, locked for this transaction: whoever changes it starts from here.
async fn lock(tx: &mut Tx, id: &SandboxId) -> Result<SandboxRow, Failure> {
    let row = for_update!(tx, select!("WHERE id = $1"))
        .bind(id.as_str())
        .fetch_optional(tx.read())
        .await?;
    decode(&row.ok_or_else(|| Refusal::unknown("Sandbox", id))?)
}

/// The clock of a sandbox that exists, locked for this transaction.
pub async fn lock_clock(tx: &mut Tx, id: &SandboxId) -> Result<SandboxClock, Failure> {
    Ok(lock(tx, id).await?.clock)
}

/// The policy of a sandbox that exists, locked for this transaction.
pub async fn lock_policy(tx: &mut Tx, id: &SandboxId) -> Result<Policy, Failure> {
    Ok(lock(tx, id).await?.policy)
}

/// What was set beside the profile, as it is stored.
fn quirks(policy: &Policy) -> Result<String, Failure> {
    json(&policy.set().collect::<BTreeMap<_, _>>())
}

/// Keeps a policy that was changed.
pub async fn save_policy(tx: &mut Tx, id: &SandboxId, policy: Policy) -> Result<(), Failure> {
    tx.write_one(
        query("UPDATE sandboxes SET profile = $1, quirks = $2 WHERE id = $3")
            .bind(policy.profile().name())
            .bind(quirks(&policy)?)
            .bind(id.as_str()),
    )
    .await?;
    let clock = tx.clock(id).await?;
    tx.sandbox_saved(SandboxRow { id: id.clone(), clock, policy });
    Ok(())
}

/// Keeps a clock that was moved.
pub async fn save_clock(tx: &mut Tx, id: &SandboxId, clock: SandboxClock) -> Result<(), Failure> {
    let (offset, frozen_at) = columns(clock);
    tx.write_one(
        query("UPDATE sandboxes SET clock_offset_us = $1, frozen_at = $2 WHERE id = $3")
            .bind(offset)
            .bind(frozen_at)
            .bind(id.as_str()),
    )
    .await?;
    let policy = tx.policy(id).await?;
    tx.sandbox_saved(SandboxRow { id: id.clone(), clock, policy });
    Ok(())
}

/// Holds the webhooks of a sandbox back, or lets them go.
pub async fn hold_deliveries(
    tx: &mut Tx,
    id: &SandboxId,
    since: Option<Timestamp>,
) -> Result<(), Failure> {
    tx.write_one(
        query("UPDATE sandboxes SET deliveries_held_at = $1 WHERE id = $2")
            .bind(since.map(Timestamp::as_microsecond))
            .bind(id.as_str()),
    )
    .await
}
