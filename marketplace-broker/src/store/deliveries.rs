//! Webhooks on their way. A broker takes them with a lease; what came of them is stored under the same lease
//! (docs/decisions/0008). Attempts are in `attempts`.

use jiff::Timestamp;
use shared::ids::{OperationId, PublisherId, SandboxId, SubscriptionId};
use sqlx::{AssertSqlSafe, Row, any::AnyRow, query};
use uuid::Uuid;

use super::{
    codec::{Reader, json},
    failure::Failure,
    gathered::{MANY, pages},
    operations::action,
    tx::Tx,
};
use crate::domain::delivery::{Delivery, DeliveryEnd, DeliveryState, Taken};

/// The webhooks of one publisher: they are sent side by side, and wait for nobody else's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// To whom.
    pub publisher: PublisherId,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT operation_id, subscription_id, publisher_id, number, action, notice, state, \
             ended, attempts, resends, created_at, first_attempt_at, next_attempt_at, last_outcome \
             FROM deliveries JOIN notices USING (sandbox_id, operation_id) WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

mod look;

pub use look::{
    deliveries_page, deliveries_tried, deliveries_under_way, find_delivery, lanes_with_work,
};

fn decode(row: &AnyRow) -> Result<Delivery, Failure> {
    let reader = Reader { table: "deliveries", row };
    let ended = match reader.maybe_text("ended")? {
        None => None,
        Some(name) => {
            let found = DeliveryEnd::ALL.into_iter().find(|end| end.name() == name);
            Some(found.ok_or_else(|| reader.odd("ended"))?)
        }
    };
    Ok(Delivery {
        operation_id: reader.parsed("operation_id")?,
        subscription_id: reader.parsed("subscription_id")?,
        publisher_id: reader.parsed("publisher_id")?,
        number: reader.int("number")?,
        action: action(&reader)?,
        notice: reader.json("notice")?,
        state: match (reader.text("state")?.as_str(), reader.maybe_at("next_attempt_at")?, ended) {
            ("ready", None, _) => DeliveryState::Ready,
            ("behind", None, None) => DeliveryState::Behind,
            ("waiting", Some(until), None) => DeliveryState::Waiting { until },
            ("done", None, Some(end)) => DeliveryState::Done(end),
            _ => return Err(reader.odd("state")),
        },
        ended,
        attempts: reader.int("attempts")?,
        resends: reader.int("resends")?,
        created_at: reader.at("created_at")?,
        first_attempt_at: reader.maybe_at("first_attempt_at")?,
        last_outcome: reader.maybe_text("last_outcome")?,
    })
}

fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Ready => "ready",
        DeliveryState::Behind => "behind",
        DeliveryState::Waiting { .. } => "waiting",
        DeliveryState::Done(_) => "done",
    }
}

impl Tx {
    /// Wakes whoever sends the webhooks of `lane`, after COMMIT.
    pub fn wake(&mut self, lane: Lane) {
        self.lanes.insert(lane);
    }
}

/// The number of the last webhook of a subscription, and whether one of them is not over. The subscription is locked.
pub async fn deliveries_before(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<(i64, bool), Failure> {
    let row = query(
        "SELECT COALESCE(MAX(number), 0), COUNT(CASE WHEN ended IS NULL THEN 1 END) \
         FROM deliveries WHERE sandbox_id = $1 AND subscription_id = $2",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_one(tx.read())
    .await?;
    Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? > 0))
}

/// Stores a new webhook.
pub async fn insert_delivery(
    tx: &mut Tx,
    sandbox: &SandboxId,
    new: &Delivery,
) -> Result<(), Failure> {
    if new.state == DeliveryState::Ready {
        tx.wake(Lane { sandbox: sandbox.clone(), publisher: new.publisher_id.clone() });
    }
    tx.write_one(
        query(
            "INSERT INTO deliveries (sandbox_id, operation_id, subscription_id, publisher_id, \
             number, action, state, attempts, resends, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
        )
        .bind(sandbox.as_str())
        .bind(new.operation_id.to_string())
        .bind(new.subscription_id.to_string())
        .bind(new.publisher_id.as_str())
        .bind(new.number)
        .bind(new.action.name())
        .bind(state_name(new.state))
        .bind(new.created_at.as_microsecond()),
    )
    .await?;
    tx.write_one(
        query("INSERT INTO notices (sandbox_id, operation_id, notice) VALUES ($1, $2, $3)")
            .bind(sandbox.as_str())
            .bind(new.operation_id.to_string())
            .bind(json(&new.notice)?),
    )
    .await
}

/// A lease on webhooks that are being sent.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Who holds it.
    pub by: Uuid,
    /// Until when, real time.
    pub until: Timestamp,
}

/// Takes up to `limit` webhooks of a lane that are ready and that nobody is sending. Nothing while the sandbox holds
/// them back.
pub async fn take_deliveries(
    tx: &mut Tx,
    lane: &Lane,
    lease: Lease,
    limit: i64,
) -> Result<Vec<Taken>, Failure> {
    let mut taken: Vec<Taken> = Vec::new();
    let mut left = usize::try_from(limit).unwrap_or(0);
    while left > 0 {
        let page = left.min(MANY);
        let found = take_page(tx, lane, lease, (taken.last(), page)).await?;
        left = if found.len() < page { 0 } else { left - page };
        taken.extend(found);
    }
    Ok(taken)
}

/// Some of them, in order, after one that was taken just before: what was leased is passed by once.
async fn take_page(
    tx: &mut Tx,
    lane: &Lane,
    lease: Lease,
    (after, limit): (Option<&Taken>, usize),
) -> Result<Vec<Taken>, Failure> {
    let after = after.map(|taken| taken.operation_id.to_string()).unwrap_or_default();
    // The lease test stands in the outer WHERE too: without it two brokers take the same row (store.md).
    let rows = query(
        "UPDATE deliveries SET leased_by = $1, leased_until = $2 WHERE sandbox_id = $3 \
         AND state = 'ready' AND (leased_until IS NULL OR leased_until < $4) AND operation_id IN \
         (SELECT operation_id FROM deliveries WHERE sandbox_id = $3 AND publisher_id = $5 \
         AND state = 'ready' AND (leased_until IS NULL OR leased_until < $4) \
         AND operation_id > $7 AND (SELECT deliveries_held_at FROM sandboxes WHERE id = $3) IS NULL \
         ORDER BY operation_id LIMIT $6) \
         RETURNING operation_id, subscription_id, action, ended, attempts, resends, \
         (SELECT notice FROM notices WHERE notices.sandbox_id = deliveries.sandbox_id \
         AND notices.operation_id = deliveries.operation_id) AS notice",
    )
    .bind(lease.by.to_string())
    .bind(lease.until.as_microsecond())
    .bind(lane.sandbox.as_str())
    .bind(tx.real_now().as_microsecond())
    .bind(lane.publisher.as_str())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(after)
    .fetch_all(tx.write())
    .await?;
    let mut taken: Vec<_> = rows.iter().map(decode_taken).collect::<Result<_, _>>()?;
    taken.sort_by_key(|delivery| delivery.operation_id);
    Ok(taken)
}

fn decode_taken(row: &AnyRow) -> Result<Taken, Failure> {
    let reader = Reader { table: "deliveries", row };
    Ok(Taken {
        operation_id: reader.parsed("operation_id")?,
        subscription_id: reader.parsed("subscription_id")?,
        action: action(&reader)?,
        notice: reader.json("notice")?,
        is_over: reader.maybe_text("ended")?.is_some(),
        attempts: reader.int("attempts")?,
        resends: reader.int("resends")?,
    })
}

/// Those of `ids` that `by` still holds.
pub async fn held_deliveries(
    tx: &mut Tx,
    sandbox: &SandboxId,
    by: Uuid,
    ids: &[OperationId],
) -> Result<Vec<Delivery>, Failure> {
    let mut held = Vec::with_capacity(ids.len());
    for page in pages(ids) {
        let text =
            format!(select!("AND leased_by = $2 AND operation_id IN ({})"), list(page.len(), 3));
        let mut statement = query(AssertSqlSafe(text)).bind(sandbox.as_str()).bind(by.to_string());
        for id in page {
            statement = statement.bind(id.to_string());
        }
        for row in statement.fetch_all(tx.read()).await? {
            held.push(decode(&row)?);
        }
    }
    Ok(held)
}

/// `$3, $4, $5`: the places of a list.
fn list(count: usize, first: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// What an attempt leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tried<'a> {
    /// When it began, sandbox time.
    pub at: Timestamp,
    /// In short.
    pub outcome: &'a str,
}

/// Ends webhooks that were tried in the same way, a statement for many: those that `by` still holds, that are not over,
/// and that nobody has asked to send again. Tells which they are.
pub async fn finish_deliveries(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (by, end, tried): (Uuid, DeliveryEnd, Tried<'_>),
    ids: &[OperationId],
) -> Result<Vec<OperationId>, Failure> {
    let mut finished = Vec::with_capacity(ids.len());
    for page in pages(ids) {
        let text = format!(
            "UPDATE deliveries SET state = 'done', ended = $1, attempts = attempts + 1, \
             first_attempt_at = COALESCE(first_attempt_at, $2), last_attempt_at = $2, \
             last_outcome = $3, leased_by = NULL, leased_until = NULL WHERE sandbox_id = $4 \
             AND leased_by = $5 AND resends = 0 AND ended IS NULL AND operation_id IN ({}) \
             RETURNING operation_id",
            list(page.len(), 6)
        );
        let mut statement = query(AssertSqlSafe(text))
            .bind(end.name())
            .bind(tried.at.as_microsecond())
            .bind(tried.outcome)
            .bind(sandbox.as_str())
            .bind(by.to_string());
        for id in page {
            statement = statement.bind(id.to_string());
        }
        for row in statement.fetch_all(tx.write()).await? {
            finished.push(Reader { table: "deliveries", row: &row }.parsed("operation_id")?);
        }
    }
    Ok(finished)
}

/// A webhook was tried and is not over, or was sent again by hand. It must still be held by `by`.
pub async fn save_tried(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (by, tried): (Uuid, Tried<'_>),
    delivery: &Delivery,
) -> Result<(), Failure> {
    let next = match delivery.state {
        DeliveryState::Waiting { until } => Some(until.as_microsecond()),
        _ => None,
    };
    tx.write_one(
        query(
            "UPDATE deliveries SET state = $1, next_attempt_at = $2, resends = $3, \
             attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, $4), \
             last_attempt_at = $4, last_outcome = $5, leased_by = NULL, leased_until = NULL, \
             ended = $9 WHERE sandbox_id = $6 AND leased_by = $7 AND operation_id = $8",
        )
        .bind(state_name(delivery.state))
        .bind(next)
        .bind(delivery.resends)
        .bind(tried.at.as_microsecond())
        .bind(tried.outcome)
        .bind(sandbox.as_str())
        .bind(by.to_string())
        .bind(delivery.operation_id.to_string())
        .bind(delivery.ended.map(DeliveryEnd::name)),
    )
    .await
}

/// After webhooks of these subscriptions are over: the next of each may leave. The subscriptions are locked.
pub async fn promote_deliveries(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscriptions: &[SubscriptionId],
) -> Result<(), Failure> {
    if subscriptions.is_empty() || !any_behind(tx, sandbox).await? {
        return Ok(()); // as it is nearly always: one look instead of one at each subscription
    }
    for page in pages(subscriptions) {
        let text = format!(
            "UPDATE deliveries SET state = 'ready' WHERE sandbox_id = $1 AND state = 'behind' \
             AND subscription_id IN ({}) AND number = (SELECT MIN(d.number) FROM deliveries d \
             WHERE d.sandbox_id = $1 AND d.subscription_id = deliveries.subscription_id \
             AND d.ended IS NULL) RETURNING publisher_id",
            list(page.len(), 2)
        );
        let mut statement = query(AssertSqlSafe(text)).bind(sandbox.as_str());
        for id in page {
            statement = statement.bind(id.to_string());
        }
        for row in statement.fetch_all(tx.write()).await? {
            let publisher = Reader { table: "deliveries", row: &row }.parsed("publisher_id")?;
            tx.wake(Lane { sandbox: sandbox.clone(), publisher });
        }
    }
    Ok(())
}

/// Whether a webhook of the sandbox waits for an earlier one of its subscription. In the order of `deliveries_behind`, so
/// that SQLite takes that index.
async fn any_behind(tx: &mut Tx, sandbox: &SandboxId) -> Result<bool, Failure> {
    let row = query(
        "SELECT operation_id FROM deliveries WHERE sandbox_id = $1 AND state = 'behind' \
         ORDER BY subscription_id LIMIT 1",
    )
    .bind(sandbox.as_str())
    .fetch_optional(tx.read())
    .await?;
    Ok(row.is_some())
}

/// What became of a webhook whose operation has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superseded {
    /// There was none to end: it is over, or somebody is sending it right now.
    No,
    /// It was ended.
    Yes,
    /// It was ended, and so is the wait for its retry.
    WhileWaiting,
}

/// The webhook of an operation that has ended is not needed any more, unless somebody is sending it right now.
pub async fn supersede_delivery(
    tx: &mut Tx,
    sandbox: &SandboxId,
    operation: OperationId,
) -> Result<Superseded, Failure> {
    for (state, superseded) in [
        ("waiting", Superseded::WhileWaiting),
        ("behind", Superseded::Yes),
        ("ready", Superseded::Yes),
    ] {
        let hit = query(
            "UPDATE deliveries SET state = 'done', ended = 'superseded', next_attempt_at = NULL \
             WHERE sandbox_id = $1 AND operation_id = $2 AND state = $3 AND ended IS NULL \
             AND leased_by IS NULL",
        )
        .bind(sandbox.as_str())
        .bind(operation.to_string())
        .bind(state)
        .execute(tx.write())
        .await?
        .rows_affected();
        if hit > 0 {
            return Ok(superseded);
        }
    }
    Ok(Superseded::No)
}

/// The webhook of a subscription whose retry is due may leave.
pub async fn ready_again(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<bool, Failure> {
    let rows = query(
        "UPDATE deliveries SET state = 'ready', next_attempt_at = NULL WHERE sandbox_id = $1 \
         AND subscription_id = $2 AND state = 'waiting' RETURNING publisher_id",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_all(tx.write())
    .await?;
    for row in &rows {
        let publisher = Reader { table: "deliveries", row }.parsed("publisher_id")?;
        tx.wake(Lane { sandbox: sandbox.clone(), publisher });
    }
    Ok(!rows.is_empty())
}

/// Sends a webhook that is over, or waits for its retry, `times` more times from now on.
pub async fn resend_delivery(
    tx: &mut Tx,
    sandbox: &SandboxId,
    delivery: &Delivery,
    times: i64,
) -> Result<(), Failure> {
    tx.wake(Lane { sandbox: sandbox.clone(), publisher: delivery.publisher_id.clone() });
    tx.write_one(
        query(
            "UPDATE deliveries SET state = 'ready', next_attempt_at = NULL, resends = resends + $1 \
             WHERE sandbox_id = $2 AND operation_id = $3 AND state = $4 AND resends = $5",
        )
        .bind(times)
        .bind(sandbox.as_str())
        .bind(delivery.operation_id.to_string())
        .bind(state_name(delivery.state))
        .bind(delivery.resends),
    )
    .await
}

/// Leases of a broker that is gone: where only one broker can be (SQLite), all that are there at its start.
pub async fn forget_leases(tx: &mut Tx) -> Result<(), Failure> {
    query("UPDATE deliveries SET leased_by = NULL, leased_until = NULL WHERE state = 'ready' AND leased_by IS NOT NULL")
        .execute(tx.write())
        .await?;
    Ok(())
}
