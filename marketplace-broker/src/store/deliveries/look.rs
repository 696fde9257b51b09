//! Webhooks that are looked for and not changed: by the operator, by an advance that waits, by the worker.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, query};

use super::{Lane, decode};
use crate::{
    domain::delivery::Delivery,
    store::{codec::Reader, failure::Failure},
};

/// One webhook.
pub async fn find_delivery(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: OperationId,
) -> Result<Option<Delivery>, Failure> {
    let row = query(select!("AND operation_id = $2"))
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// A page of the webhooks of a sandbox, or of one of its subscriptions: of one subscription in the order they were made, of
/// a sandbox in the order of their ids. Ids grow with the real time at which somebody asked, which is neither the order of
/// commits nor sure to grow: a machine's clock may be set back.
pub async fn deliveries_page(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: Option<SubscriptionId>,
    after: Option<OperationId>,
    limit: i64,
) -> Result<Vec<Delivery>, Failure> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = match subscription {
        None => {
            query(select!(
                "AND operation_id > $2 \
                 ORDER BY operation_id LIMIT $3"
            ))
            .bind(sandbox.as_str())
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }
        // A page may begin after a webhook of another subscription: then ids are all there is to compare.
        Some(subscription) => {
            query(select!(
                "AND subscription_id = $4 AND CASE WHEN EXISTS (SELECT 1 FROM deliveries d \
                 WHERE d.sandbox_id = $1 AND d.operation_id = $2 AND d.subscription_id = $4) \
                 THEN number > (SELECT d.number FROM deliveries d \
                 WHERE d.sandbox_id = $1 AND d.operation_id = $2) \
                 ELSE operation_id > $2 END ORDER BY number LIMIT $3"
            ))
            .bind(sandbox.as_str())
            .bind(after)
            .bind(limit)
            .bind(subscription.to_string())
            .fetch_all(conn)
            .await?
        }
    };
    rows.iter().map(decode).collect()
}

/// The webhooks that were tried since `since`, sandbox time; the newest last.
pub async fn deliveries_tried(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Delivery>, Failure> {
    let rows = query(select!(
        "AND last_attempt_at > $2 \
         ORDER BY last_attempt_at, operation_id LIMIT $3"
    ))
    .bind(sandbox.as_str())
    .bind(since.as_microsecond())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}

/// Whether a webhook of a sandbox is on its way or about to be; none while they are held back. Asked after each commit
/// by an advance that waits: in the order of `deliveries_ready`, so that SQLite takes that index and looks at one row,
/// and not at every webhook the sandbox ever had.
pub async fn deliveries_under_way(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<bool, Failure> {
    let row = query(
        "SELECT operation_id FROM deliveries WHERE sandbox_id = $1 AND state = 'ready' \
         AND (SELECT deliveries_held_at FROM sandboxes WHERE id = $1) IS NULL \
         ORDER BY publisher_id, operation_id LIMIT 1",
    )
    .bind(sandbox.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// The lanes with something to send that nobody is sending, and the first real instant at which a lease ends.
pub async fn lanes_with_work(
    conn: &mut AnyConnection,
    real_now: Timestamp,
) -> Result<(Vec<Lane>, Option<Timestamp>), Failure> {
    let rows = query(
        "SELECT sandbox_id, publisher_id, MIN(COALESCE(leased_until, 0)) AS leased_until \
         FROM deliveries WHERE state = 'ready' GROUP BY sandbox_id, publisher_id",
    )
    .fetch_all(conn)
    .await?;
    let (mut lanes, mut next): (_, Option<Timestamp>) = (Vec::new(), None);
    for row in &rows {
        let reader = Reader { table: "deliveries", row };
        let free_at = reader.at("leased_until")?;
        if free_at < real_now {
            let (sandbox, publisher) =
                (reader.parsed("sandbox_id")?, reader.parsed("publisher_id")?);
            lanes.push(Lane { sandbox, publisher });
        } else {
            next = Some(next.map_or(free_at, |next| next.min(free_at)));
        }
    }
    Ok((lanes, next))
}
