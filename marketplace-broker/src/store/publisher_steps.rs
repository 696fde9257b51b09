//! Steps that publishers, or the operator beside them, have declared. Read and replaced as a whole, under the lock of their subscription.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::{
    fulfillment::BlockedChange,
    ids::{SandboxId, SubscriptionId},
};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    gathered::{pages, places},
    tx::Tx,
};
use crate::domain::publisher_step::{Declarer, PublisherStep, Steps};

fn decode(row: &AnyRow) -> Result<PublisherStep, Failure> {
    let reader = Reader { table: "publisher_steps", row };
    let mut blocks = BTreeSet::new();
    for name in reader.json::<Vec<String>>("blocks")? {
        let known = BlockedChange::named(&name);
        blocks.insert(known.ok_or_else(|| reader.odd("blocks"))?);
    }
    let name = reader.text("declared_by")?;
    let declared_by = Declarer::ALL.into_iter().find(|declarer| declarer.name() == name);
    Ok(PublisherStep {
        id: reader.parsed("id")?,
        title: reader.text("title")?,
        url: reader.text("url")?,
        blocks,
        declared_by: declared_by.ok_or_else(|| reader.odd("declared_by"))?,
        done_at: reader.maybe_at("done_at")?,
    })
}

/// The steps of a subscription, in their order.
pub async fn steps_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Steps, Failure> {
    let rows = query(
        "SELECT id, title, url, blocks, declared_by, done_at FROM publisher_steps \
         WHERE sandbox_id = $1 AND subscription_id = $2 ORDER BY position",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_all(conn)
    .await?;
    Ok(Steps::stored(rows.iter().map(decode).collect::<Result<_, _>>()?))
}

/// Puts these steps in place of what there is. The caller holds the subscription's lock.
pub async fn replace_steps(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    steps: &Steps,
) -> Result<(), Failure> {
    query("DELETE FROM publisher_steps WHERE sandbox_id = $1 AND subscription_id = $2")
        .bind(sandbox.as_str())
        .bind(subscription.to_string())
        .execute(tx.write())
        .await?;
    let steps: Vec<_> = (0_i64..).zip(steps.iter()).collect();
    for page in pages(&steps) {
        let text = format!(
            "INSERT INTO publisher_steps (sandbox_id, subscription_id, id, position, title, url, \
             blocks, declared_by, done_at) VALUES {}",
            places(tx, page.len(), 9)
        );
        let mut statement = query(AssertSqlSafe(text)); // made of numbers only
        for (position, step) in page {
            let blocks: Vec<_> = step.blocks.iter().map(|blocked| blocked.name()).collect();
            statement = statement
                .bind(sandbox.as_str())
                .bind(subscription.to_string())
                .bind(step.id.as_str())
                .bind(position)
                .bind(step.title.as_str())
                .bind(step.url.as_str())
                .bind(json(&blocks)?)
                .bind(step.declared_by.name())
                .bind(step.done_at.map(Timestamp::as_microsecond));
        }
        statement.execute(tx.write()).await?;
    }
    Ok(())
}
