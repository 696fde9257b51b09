//! The tables `publisher_steps` and `setups`: what commands write and the outbox tells the marketplace.

use jiff::Timestamp;
use shared::fulfillment::BlockedChange;
use sqlx::{AnyConnection, query};

use super::{
    Error, Store, Tx,
    codec::{instant_or_null, micros},
};
use crate::domain::{AccountKey, PublisherStep, Setup, UserId};

const TABLE: &str = "publisher_steps";

type Row = (String, String, String, String, Option<i64>);

impl Tx {
    /// The steps of an account, in their order.
    pub async fn publisher_steps(&mut self, key: &AccountKey) -> Result<Vec<PublisherStep>, Error> {
        load(self.connection(), key).await
    }

    /// Adds a step at the end.
    pub async fn add_publisher_step(
        &mut self,
        key: &AccountKey,
        step: &PublisherStep,
    ) -> Result<(), Error> {
        let blocks: Vec<_> = step.blocks.iter().map(|blocked| blocked.name()).collect();
        let insert = query(
            "INSERT INTO publisher_steps (sandbox_id, subscription_id, id, position, title, url, \
             blocks, done_at) SELECT $1, $2, $3, COALESCE(MAX(position), -1) + 1, $4, $5, $6, $7 \
             FROM publisher_steps WHERE sandbox_id = $1 AND subscription_id = $2",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(step.id.as_str())
        .bind(&step.title)
        .bind(&step.url)
        .bind(blocks.join("\n"))
        .bind(step.done_at.map(micros));
        self.write_one(insert).await
    }

    /// A step that was open is done.
    pub async fn finish_publisher_step(
        &mut self,
        key: &AccountKey,
        step: &PublisherStep,
        at: Timestamp,
    ) -> Result<(), Error> {
        let update = query(
            "UPDATE publisher_steps SET done_at = $1 \
             WHERE sandbox_id = $2 AND subscription_id = $3 AND id = $4 AND done_at IS NULL",
        )
        .bind(micros(at))
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(step.id.as_str());
        self.write_one(update).await
    }

    /// Takes a step off the list.
    pub async fn remove_publisher_step(
        &mut self,
        key: &AccountKey,
        step: &PublisherStep,
    ) -> Result<(), Error> {
        let delete = query(
            "DELETE FROM publisher_steps \
             WHERE sandbox_id = $1 AND subscription_id = $2 AND id = $3",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(step.id.as_str());
        self.write_one(delete).await
    }

    /// Keeps what is reported of a setup; false if something is already.
    pub async fn keep_setup(&mut self, key: &AccountKey, setup: &Setup) -> Result<bool, Error> {
        let insert = query(
            "INSERT INTO setups (sandbox_id, subscription_id, by_tenant, by_object, by_username, \
             sign_in_url) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(&setup.by.tenant)
        .bind(&setup.by.object)
        .bind(&setup.username)
        .bind(&setup.sign_in_url);
        Ok(insert.execute(self.connection()).await?.rows_affected() == 1)
    }
}

impl Store {
    /// The steps of an account, in their order.
    pub async fn publisher_steps(&self, key: &AccountKey) -> Result<Vec<PublisherStep>, Error> {
        load(&mut *self.reads.acquire().await?, key).await
    }

    /// What is reported of an account's setup, if its form has arrived.
    pub async fn setup(&self, key: &AccountKey) -> Result<Option<Setup>, Error> {
        let row: Option<(String, String, String, String)> = sqlx::query_as(
            "SELECT by_tenant, by_object, by_username, sign_in_url FROM setups \
             WHERE sandbox_id = $1 AND subscription_id = $2",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .fetch_optional(&self.reads)
        .await?;
        Ok(row.map(|(tenant, object, username, sign_in_url)| Setup {
            by: UserId { tenant, object },
            username,
            sign_in_url,
        }))
    }
}

async fn load(
    connection: &mut AnyConnection,
    key: &AccountKey,
) -> Result<Vec<PublisherStep>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, title, url, blocks, done_at FROM publisher_steps \
         WHERE sandbox_id = $1 AND subscription_id = $2 ORDER BY position",
    )
    .bind(key.sandbox.as_str())
    .bind(key.subscription.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(step).collect()
}

fn step((id, title, url, listed, done_at): Row) -> Result<PublisherStep, Error> {
    let blocks: Option<_> = listed.lines().map(BlockedChange::named).collect();
    Ok(PublisherStep {
        id: id.parse().map_err(|error| Error::corrupt(TABLE, &error))?,
        title,
        url,
        blocks: blocks.ok_or_else(|| Error::corrupt(TABLE, &format_args!("blocks {listed:?}")))?,
        done_at: instant_or_null(TABLE, done_at)?,
    })
}
