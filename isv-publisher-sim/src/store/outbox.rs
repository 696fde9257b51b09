//! The table `outbox`: calls the marketplace is still to get. Commands add and settle rows; the worker claims them.
//! A claim is a lease in real time, so that a row whose worker died is free again, and two workers never hold one.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, query};

use super::{
    Error, Store, Tx,
    accounts::key,
    codec::{call, instant_or_null, micros, people},
};
use crate::domain::{AccountKey, Call, Progress, Step};

/// A call to add.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id; the marketplace sees it as the request id, the same at every attempt.
    pub id: String,
    /// The account it is about.
    pub key: AccountKey,
    /// Who calls.
    pub publisher: PublisherId,
    /// Which call.
    pub call: Call,
    /// The people, for `licenseAssignments`.
    pub people: Vec<String>,
    /// Real time.
    pub created_at: Timestamp,
    /// From when on it may be made, real time.
    pub due_at: Timestamp,
}

/// A call a worker holds until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// The account it is about.
    pub key: AccountKey,
    /// Who calls.
    pub publisher: PublisherId,
    /// Which call.
    pub call: Call,
    /// The people, for `licenseAssignments`.
    pub people: Vec<String>,
    /// Which attempt this is, from 1; only its maker may record it.
    pub attempt: i64,
}

/// How an attempt ended, for the row.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Accepted.
    Delivered,
    /// Refused for good, in the marketplace's words.
    Failed(String),
    /// Not answered, or not now, or not decided yet.
    Retry {
        /// Why, if something failed.
        failure: Option<String>,
        /// Real time.
        next_attempt_at: Timestamp,
    },
}

type Row = (String, String, String, String, String, String, String, i64);

impl Tx {
    /// Adds a call, free to be claimed once it is due.
    pub async fn enqueue(&mut self, message: &NewMessage) -> Result<(), Error> {
        let insert = query(
            "INSERT INTO outbox (id, sandbox_id, subscription_id, publisher_id, kind, people, \
             operation_id, state, attempt, created_at, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, $8, $9)",
        )
        .bind(&message.id)
        .bind(message.key.sandbox.as_str())
        .bind(message.key.subscription.to_string())
        .bind(message.publisher.as_str())
        .bind(message.call.name())
        .bind(message.people.join("\n"))
        .bind(message.call.operation().map_or_else(String::new, |id| id.to_string()))
        .bind(micros(message.created_at))
        .bind(micros(message.due_at));
        self.write_one(insert).await
    }

    /// The same for a call that says what is stored when it is made: where one waits already, it is due at once.
    pub async fn enqueue_newest(&mut self, message: &NewMessage) -> Result<(), Error> {
        let hasten = query(
            "UPDATE outbox SET next_attempt_at = $1 WHERE sandbox_id = $2 AND subscription_id = $3 \
             AND kind = $4 AND operation_id = '' AND state = 'waiting'",
        )
        .bind(micros(message.due_at))
        .bind(message.key.sandbox.as_str())
        .bind(message.key.subscription.to_string())
        .bind(message.call.name());
        match hasten.execute(self.connection()).await?.rows_affected() {
            0 => self.enqueue(message).await,
            _ => Ok(()),
        }
    }

    /// Records how the attempt a worker holds has ended; `Stale` if another worker has taken the row over.
    pub async fn settle(&mut self, claimed: &Claimed, outcome: &Outcome) -> Result<(), Error> {
        let (state, failure, next_attempt_at) = match outcome {
            Outcome::Delivered => ("delivered", None, None),
            Outcome::Failed(failure) => ("failed", Some(failure.clone()), None),
            Outcome::Retry { failure, next_attempt_at } => {
                ("waiting", failure.clone(), Some(micros(*next_attempt_at)))
            }
        };
        let update = query(
            "UPDATE outbox SET state = $1, failure = $2, \
             next_attempt_at = COALESCE($3, next_attempt_at), lease_until = NULL \
             WHERE id = $4 AND state = 'waiting' AND attempt = $5",
        )
        .bind(state)
        .bind(failure)
        .bind(next_attempt_at)
        .bind(&claimed.id)
        .bind(claimed.attempt);
        self.write_one(update).await
    }
}

impl Store {
    /// Takes up to `limit` calls that are due at `now` and nobody holds, until `lease_until`; real time.
    pub async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Claimed>, Error> {
        let mut tx = self.begin().await?;
        // The lease test stands in the outer WHERE too: the inner one alone may have been read before another claim.
        let rows: Vec<Row> = sqlx::query_as(
            "UPDATE outbox SET lease_until = $1, attempt = attempt + 1 WHERE id IN (\
             SELECT id FROM outbox WHERE state = 'waiting' AND next_attempt_at <= $2 \
             AND (lease_until IS NULL OR lease_until <= $2) ORDER BY next_attempt_at, id LIMIT $3) \
             AND state = 'waiting' AND (lease_until IS NULL OR lease_until <= $2) \
             RETURNING id, sandbox_id, subscription_id, publisher_id, kind, people, \
             operation_id, attempt",
        )
        .bind(micros(lease_until))
        .bind(micros(now))
        .bind(limit)
        .fetch_all(tx.connection())
        .await?;
        let claimed = rows.into_iter().map(claimed).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// When the next call is due or its lease ends, real time; `None` when none waits.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        let (due,): (Option<i64>,) = sqlx::query_as(
            "SELECT MIN(CASE WHEN lease_until > next_attempt_at THEN lease_until \
             ELSE next_attempt_at END) FROM outbox WHERE state = 'waiting'",
        )
        .fetch_one(&self.reads)
        .await?;
        instant_or_null("outbox", due)
    }

    /// Frees every held call: at start, when the lock on the data folder shows that no other process holds one.
    pub async fn release_leases(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        query("UPDATE outbox SET lease_until = NULL WHERE lease_until IS NOT NULL")
            .execute(tx.connection())
            .await?;
        tx.commit().await
    }
}

fn claimed(
    (id, sandbox, subscription, publisher, named, listed, operation, attempt): Row,
) -> Result<Claimed, Error> {
    Ok(Claimed {
        id,
        key: key(&sandbox, &subscription)?,
        publisher: publisher.parse().map_err(|error| Error::corrupt("outbox", &error))?,
        call: call(&named, &operation)?,
        people: people(&listed),
        attempt,
    })
}

/// How far the newest call of each kind got, of the accounts that have any.
pub(super) async fn progress(
    connection: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: Option<SubscriptionId>,
) -> Result<HashMap<SubscriptionId, Progress>, Error> {
    let rows: Vec<(String, String, String, i64, Option<String>)> = sqlx::query_as(
        "SELECT subscription_id, kind, state, attempt, failure FROM outbox \
         WHERE sandbox_id = $1 AND ($2 IS NULL OR subscription_id = $2) AND operation_id = '' \
         ORDER BY created_at, id",
    )
    .bind(sandbox.as_str())
    .bind(subscription.map(|id| id.to_string()))
    .fetch_all(connection)
    .await?;
    let mut all: HashMap<SubscriptionId, Progress> = HashMap::new();
    for (id, named, state, attempts, failure) in rows {
        let step = match (state.as_str(), failure) {
            ("waiting", failure) => Step::Underway { attempts, failure },
            ("delivered", _) => Step::Delivered,
            ("failed", Some(failure)) => Step::Refused { failure },
            (state, _) => return Err(Error::corrupt("outbox", &format_args!("state {state}"))),
        };
        let id = id.parse().map_err(|error| Error::corrupt("outbox", &error))?;
        let progress = all.entry(id).or_default();
        match call(&named, "")? {
            Call::Account(kind) => *progress.of(kind) = step,
            Call::Operation(..) => {} // the statement leaves them out
        }
    }
    Ok(all)
}
