//! The tables `webhooks` and `behaviors`: what the marketplace told, what became of it, and how a publisher answers.
//! Called by the commands of webhooks, the receiver and the console.

use shared::ids::{PublisherId, SandboxId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    Error, Store, Tx,
    codec::{instant, instant_or_null, micros},
};
use crate::domain::{
    Action, Behavior, Checks, Course, Patch, TokenVersion, Verdict, Webhook, WebhookKey,
};

const TABLE: &str = "webhooks";

/// The most webhooks a list holds.
pub(super) const LIST_MAX: i64 = 200;

/// Every SELECT of a webhook ends in its own WHERE.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT sandbox_id, publisher_id, operation_id, subscription_id, action, plan_id, \
             quantity, token_version, signed, course, verdict, verdict_answer, verdict_said, note, \
             deliveries, at, decided_at, received_at, version FROM webhooks ",
            $rest
        )
    };
}

impl Tx {
    /// The webhook of this operation, if it ever came.
    pub async fn webhook(&mut self, key: &WebhookKey) -> Result<Option<Webhook>, Error> {
        load(self.connection(), key).await
    }

    /// Stores the webhook as it is now: a new one, or over the version it was loaded with.
    pub async fn save_webhook(&mut self, webhook: &Webhook) -> Result<(), Error> {
        let (key, patch) = (&webhook.key, webhook.patch.as_ref());
        let save = query(
            "INSERT INTO webhooks (sandbox_id, publisher_id, operation_id, subscription_id, action, \
             plan_id, quantity, token_version, signed, course, verdict, verdict_answer, \
             verdict_said, note, deliveries, at, decided_at, received_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19) \
             ON CONFLICT (sandbox_id, publisher_id, operation_id) DO UPDATE SET \
             subscription_id = $4, action = $5, plan_id = $6, quantity = $7, token_version = $8, \
             signed = $9, course = $10, verdict = $11, verdict_answer = $12, verdict_said = $13, \
             note = $14, deliveries = $15, at = $16, decided_at = $17, received_at = $18, \
             version = $19 WHERE webhooks.version = $19 - 1",
        )
        .bind(key.sandbox.as_str())
        .bind(key.publisher.as_str())
        .bind(key.operation.to_string())
        .bind(webhook.subscription.to_string())
        .bind(webhook.action.name())
        .bind(&webhook.plan)
        .bind(webhook.quantity)
        .bind(version_name(webhook.checks.token))
        .bind(i64::from(webhook.checks.signed))
        .bind(webhook.course.name())
        .bind(patch.map(|patch| patch.verdict.name()))
        .bind(patch.and_then(|patch| patch.answer).map(i64::from))
        .bind(patch.and_then(|patch| patch.said.clone()))
        .bind(&webhook.note)
        .bind(webhook.deliveries)
        .bind(webhook.at.map(micros))
        .bind(webhook.decided_at.map(micros))
        .bind(micros(webhook.received_at))
        .bind(webhook.version + 1);
        self.write_one(save).await
    }

    /// Keeps how a publisher answers webhooks.
    pub async fn save_behavior(
        &mut self,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        behavior: Behavior,
    ) -> Result<(), Error> {
        let save = query(
            "INSERT INTO behaviors (sandbox_id, publisher_id, webhook) VALUES ($1, $2, $3) \
             ON CONFLICT (sandbox_id, publisher_id) DO UPDATE SET webhook = $3",
        )
        .bind(sandbox.as_str())
        .bind(publisher.as_str())
        .bind(behavior.name());
        self.write_one(save).await
    }
}

impl Store {
    /// The webhook of this operation, if it ever came.
    pub async fn webhook(&self, key: &WebhookKey) -> Result<Option<Webhook>, Error> {
        let mut connection = self.reads.acquire().await?;
        load(&mut connection, key).await
    }

    /// The webhooks of a sandbox that were taken, the newest arrival first, at most 200.
    pub async fn webhooks(&self, sandbox: &SandboxId) -> Result<Vec<Webhook>, Error> {
        sqlx::query(select!(
            "WHERE sandbox_id = $1 ORDER BY received_at DESC, operation_id LIMIT $2"
        ))
        .bind(sandbox.as_str())
        .bind(LIST_MAX)
        .fetch_all(&self.reads)
        .await?
        .iter()
        .map(webhook)
        .collect()
    }

    /// How a publisher answers webhooks.
    pub async fn behavior(
        &self,
        sandbox: &SandboxId,
        publisher: &PublisherId,
    ) -> Result<Behavior, Error> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT webhook FROM behaviors WHERE sandbox_id = $1 AND publisher_id = $2",
        )
        .bind(sandbox.as_str())
        .bind(publisher.as_str())
        .fetch_optional(&self.reads)
        .await?;
        row.map_or(Ok(Behavior::default()), |(named,)| {
            let behavior = Behavior::read(&named);
            behavior.ok_or_else(|| Error::corrupt("behaviors", &format_args!("webhook {named}")))
        })
    }
}

async fn load(connection: &mut AnyConnection, key: &WebhookKey) -> Result<Option<Webhook>, Error> {
    sqlx::query(select!("WHERE sandbox_id = $1 AND publisher_id = $2 AND operation_id = $3"))
        .bind(key.sandbox.as_str())
        .bind(key.publisher.as_str())
        .bind(key.operation.to_string())
        .fetch_optional(connection)
        .await?
        .map(|row| webhook(&row))
        .transpose()
}

const fn version_name(version: TokenVersion) -> &'static str {
    match version {
        TokenVersion::V1 => "v1",
        TokenVersion::V2 => "v2",
    }
}

fn webhook(row: &AnyRow) -> Result<Webhook, Error> {
    let corrupt = |error: &dyn std::fmt::Display| Error::corrupt(TABLE, error);
    let (sandbox, publisher): (String, String) =
        (row.try_get("sandbox_id")?, row.try_get("publisher_id")?);
    let (operation, subscription): (String, String) =
        (row.try_get("operation_id")?, row.try_get("subscription_id")?);
    let (action, course): (String, String) = (row.try_get("action")?, row.try_get("course")?);
    Ok(Webhook {
        key: WebhookKey {
            sandbox: sandbox.parse().map_err(|error| corrupt(&error))?,
            publisher: publisher.parse().map_err(|error| corrupt(&error))?,
            operation: operation.parse().map_err(|error| corrupt(&error))?,
        },
        subscription: subscription.parse().map_err(|error| corrupt(&error))?,
        action: Action::read(&action),
        plan: row.try_get("plan_id")?,
        quantity: row.try_get("quantity")?,
        checks: checks(row)?,
        course: Course::ALL
            .into_iter()
            .find(|known| known.name() == course)
            .ok_or_else(|| corrupt(&format_args!("course {course}")))?,
        patch: patch(row)?,
        note: row.try_get("note")?,
        deliveries: row.try_get("deliveries")?,
        at: instant_or_null(TABLE, row.try_get("at")?)?,
        decided_at: instant_or_null(TABLE, row.try_get("decided_at")?)?,
        received_at: instant(TABLE, row.try_get("received_at")?)?,
        version: row.try_get("version")?,
    })
}

fn checks(row: &AnyRow) -> Result<Checks, Error> {
    let (version, signed): (String, i64) = (row.try_get("token_version")?, row.try_get("signed")?);
    let token = [TokenVersion::V1, TokenVersion::V2]
        .into_iter()
        .find(|known| version_name(*known) == version)
        .ok_or_else(|| Error::corrupt(TABLE, &format_args!("token {version}")))?;
    Ok(Checks { token, signed: signed != 0 })
}

fn patch(row: &AnyRow) -> Result<Option<Patch>, Error> {
    let Some(named): Option<String> = row.try_get("verdict")? else { return Ok(None) };
    let verdict = [Verdict::Success, Verdict::Failure]
        .into_iter()
        .find(|known| known.name() == named)
        .ok_or_else(|| Error::corrupt(TABLE, &format_args!("verdict {named}")))?;
    let answer: Option<i64> = row.try_get("verdict_answer")?;
    let answer = answer.map(u16::try_from).transpose();
    let answer = answer.map_err(|error| Error::corrupt(TABLE, &error))?;
    Ok(Some(Patch { verdict, answer, said: row.try_get("verdict_said")? }))
}
