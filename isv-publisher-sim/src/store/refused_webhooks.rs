//! The table `refused_webhooks`: what came to a webhook's address and was not taken. Called by the command that notes
//! it and by the console.

use jiff::Timestamp;
use shared::ids::SandboxId;
use sqlx::{Row, any::AnyRow, query};

use super::{
    Error, Store, Tx,
    codec::{instant, instant_or_null, micros},
    webhooks::LIST_MAX,
};
use crate::domain::{Action, RefusedWebhook, Told};

const TABLE: &str = "refused_webhooks";

impl Tx {
    /// Notes a refusal, or counts one more of the same; forgets what is older than the newest 200 of the sandbox.
    pub async fn note_refused_webhook(
        &mut self,
        id: &str,
        refused: &RefusedWebhook,
    ) -> Result<(), Error> {
        let told = refused.told.as_ref();
        let note = query(
            "INSERT INTO refused_webhooks (id, sandbox_id, publisher_id, operation_id, \
             subscription_id, action, answer, reason, deliveries, at, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) \
             ON CONFLICT (sandbox_id, publisher_id, operation_id, subscription_id, action, answer, \
             reason) DO UPDATE SET deliveries = refused_webhooks.deliveries + 1, at = $9, \
             received_at = $10",
        )
        .bind(id)
        .bind(refused.sandbox.as_str())
        .bind(refused.publisher.as_str())
        .bind(told.map_or_else(String::new, |told| told.operation.to_string()))
        .bind(told.map_or_else(String::new, |told| told.subscription.to_string()))
        .bind(told.map_or("", |told| told.action.name()))
        .bind(i64::from(refused.answer))
        .bind(&refused.reason)
        .bind(refused.at.map(micros))
        .bind(micros(refused.received_at));
        self.write_one(note).await?;
        query(
            "DELETE FROM refused_webhooks WHERE sandbox_id = $1 AND id NOT IN (\
             SELECT id FROM refused_webhooks WHERE sandbox_id = $1 \
             ORDER BY received_at DESC, id DESC LIMIT $2)",
        )
        .bind(refused.sandbox.as_str())
        .bind(LIST_MAX)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// What was refused in a sandbox, the newest arrival first, at most 200.
    pub async fn refused_webhooks(
        &self,
        sandbox: &SandboxId,
    ) -> Result<Vec<RefusedWebhook>, Error> {
        sqlx::query(
            "SELECT publisher_id, operation_id, subscription_id, action, answer, reason, deliveries, \
             at, received_at FROM refused_webhooks WHERE sandbox_id = $1 \
             ORDER BY received_at DESC, id DESC LIMIT $2",
        )
        .bind(sandbox.as_str())
        .bind(LIST_MAX)
        .fetch_all(&self.reads)
        .await?
        .iter()
        .map(|row| refused(sandbox, row))
        .collect()
    }
}

fn refused(sandbox: &SandboxId, row: &AnyRow) -> Result<RefusedWebhook, Error> {
    let corrupt = |error: &dyn std::fmt::Display| Error::corrupt(TABLE, error);
    let (publisher, operation): (String, String) =
        (row.try_get("publisher_id")?, row.try_get("operation_id")?);
    let told = if operation.is_empty() { None } else { Some(told(&operation, row)?) };
    let answer: i64 = row.try_get("answer")?;
    let at: Option<Timestamp> = instant_or_null(TABLE, row.try_get("at")?)?;
    Ok(RefusedWebhook {
        sandbox: sandbox.clone(),
        publisher: publisher.parse().map_err(|error| corrupt(&error))?,
        told,
        answer: u16::try_from(answer).map_err(|error| corrupt(&error))?,
        reason: row.try_get("reason")?,
        deliveries: row.try_get("deliveries")?,
        at,
        received_at: instant(TABLE, row.try_get("received_at")?)?,
    })
}

fn told(operation: &str, row: &AnyRow) -> Result<Told, Error> {
    let corrupt = |error: &dyn std::fmt::Display| Error::corrupt(TABLE, error);
    let (subscription, action): (String, String) =
        (row.try_get("subscription_id")?, row.try_get("action")?);
    Ok(Told {
        operation: operation.parse().map_err(|error| corrupt(&error))?,
        subscription: subscription.parse().map_err(|error| corrupt(&error))?,
        action: Action::read(&action),
    })
}
