//! The tables `meters` and `usage_reports`: how far accounts are counted, and overage on its way. Called by the commands
//! that count and record, by the worker and by the console.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    Error, Store, Tx,
    accounts::key,
    codec::{instant, instant_or_null, micros},
};
use crate::domain::{AccountKey, Meter, Overage, Reporting};

const METERS: &str = "meters";
const REPORTS: &str = "usage_reports";
/// Accounts that are counted in one round at most.
const ACCOUNTS_MAX: i64 = 1_000;
/// Rows a list holds.
const LIST_MAX: i64 = 200;
/// Why a skipped row is one.
const TOO_OLD: &str = "Older than 24 h when it was counted: the marketplace takes no such usage.";

/// An account of a metered plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredAccount {
    /// Its name.
    pub key: AccountKey,
    /// Whose offer.
    pub publisher: PublisherId,
    /// When the marketplace accepted the activation, sandbox time.
    pub activated_at: Timestamp,
    /// How far it is counted, if it ever was.
    pub counted_until: Option<Timestamp>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// Not sent yet, or not answered.
    Waiting,
    /// It counts.
    Accepted,
    /// The hour had its event already: it counts, too.
    Duplicate,
    /// It came too late and is lost.
    Expired,
    /// It was refused for good.
    Refused,
    /// It was too old when it was counted.
    Skipped,
}

impl ReportState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Accepted,
        Self::Duplicate,
        Self::Expired,
        Self::Refused,
        Self::Skipped,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }
}

/// A report of overage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The account.
    pub key: AccountKey,
    /// Who reports.
    pub publisher: PublisherId,
    /// The dimension.
    pub dimension: String,
    /// The hour, or the first of them; sandbox time.
    pub hour: Timestamp,
    /// How many hours; 1 unless it is skipped.
    pub hours: i64,
    /// The plan.
    pub plan: String,
    /// Units.
    pub quantity: i64,
    /// What became of it.
    pub state: ReportState,
    /// Why it is not accepted.
    pub note: Option<String>,
    /// Attempts to send it.
    pub attempts: i64,
    /// Sandbox time of the answer.
    pub answered_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT sandbox_id, subscription_id, publisher_id, dimension, hour, hours, plan_id, \
             quantity, state, note, attempts, answered_at FROM usage_reports ",
            $rest
        )
    };
}

fn report(row: &AnyRow) -> Result<Report, Error> {
    let (sandbox, subscription): (String, String) =
        (row.try_get("sandbox_id")?, row.try_get("subscription_id")?);
    let (publisher, state): (String, String) =
        (row.try_get("publisher_id")?, row.try_get("state")?);
    let known = ReportState::ALL.into_iter().find(|known| known.name() == state);
    Ok(Report {
        key: key(&sandbox, &subscription)?,
        publisher: publisher.parse().map_err(|error| Error::corrupt(REPORTS, &error))?,
        dimension: row.try_get("dimension")?,
        hour: instant(REPORTS, row.try_get("hour")?)?,
        hours: row.try_get("hours")?,
        plan: row.try_get("plan_id")?,
        quantity: row.try_get("quantity")?,
        state: known.ok_or_else(|| Error::corrupt(REPORTS, &format_args!("state {state}")))?,
        note: row.try_get("note")?,
        attempts: row.try_get("attempts")?,
        answered_at: instant_or_null(REPORTS, row.try_get("answered_at")?)?,
    })
}

impl Tx {
    /// How far the account is counted, if it ever was.
    pub async fn meter(&mut self, key: &AccountKey) -> Result<Option<Meter>, Error> {
        let row: Option<(i64, i64, String)> = sqlx::query_as(
            "SELECT term_start, counted_until, used FROM meters \
             WHERE sandbox_id = $1 AND subscription_id = $2",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some((term_start, counted_until, used)) = row else { return Ok(None) };
        let used: BTreeMap<String, i64> =
            serde_json::from_str(&used).map_err(|error| Error::corrupt(METERS, &error))?;
        let (term_start, counted_until) =
            (instant(METERS, term_start)?, instant(METERS, counted_until)?);
        Ok(Some(Meter { term_start, counted_until, used }))
    }

    /// Stores how far the account is counted now.
    pub async fn save_meter(&mut self, key: &AccountKey, meter: &Meter) -> Result<(), Error> {
        let used =
            serde_json::to_string(&meter.used).map_err(|error| Error::corrupt(METERS, &error))?;
        let save = query(
            "INSERT INTO meters (sandbox_id, subscription_id, term_start, counted_until, used) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sandbox_id, subscription_id) \
             DO UPDATE SET term_start = $3, counted_until = $4, used = $5",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(micros(meter.term_start))
        .bind(micros(meter.counted_until))
        .bind(used);
        self.write_one(save).await
    }

    /// Adds overage, free to be sent at `now` (real time) unless it is too old.
    pub async fn add_overage(
        &mut self,
        (key, publisher): (&AccountKey, &PublisherId),
        plan: &str,
        overage: &Overage,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (state, note) = match overage.skipped {
            true => (ReportState::Skipped, Some(TOO_OLD)),
            false => (ReportState::Waiting, None),
        };
        let insert = query(
            "INSERT INTO usage_reports (sandbox_id, subscription_id, publisher_id, dimension, hour, \
             hours, plan_id, quantity, state, note, attempts, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)",
        )
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .bind(publisher.as_str())
        .bind(&overage.dimension)
        .bind(micros(overage.hour))
        .bind(overage.hours)
        .bind(plan)
        .bind(overage.quantity)
        .bind(state.name())
        .bind(note)
        .bind(micros(now));
        self.write_one(insert).await
    }

    /// Stores what became of a report that was waiting.
    pub async fn save_report(
        &mut self,
        report: &Report,
        next_attempt_at: Timestamp,
    ) -> Result<(), Error> {
        let update = query(
            "UPDATE usage_reports SET state = $1, note = $2, attempts = $3, next_attempt_at = $4, \
             answered_at = $5 WHERE sandbox_id = $6 AND subscription_id = $7 AND dimension = $8 \
             AND hour = $9 AND state = 'waiting'",
        )
        .bind(report.state.name())
        .bind(report.note.clone())
        .bind(report.attempts)
        .bind(micros(next_attempt_at))
        .bind(report.answered_at.map(micros))
        .bind(report.key.sandbox.as_str())
        .bind(report.key.subscription.to_string())
        .bind(&report.dimension)
        .bind(micros(report.hour));
        self.write_one(update).await
    }

    /// Keeps whether a publisher reports.
    pub async fn save_reporting(
        &mut self,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        reporting: Reporting,
    ) -> Result<(), Error> {
        let save = query(
            "INSERT INTO behaviors (sandbox_id, publisher_id, webhook, usage_reporting) \
             VALUES ($1, $2, 'accept', $3) \
             ON CONFLICT (sandbox_id, publisher_id) DO UPDATE SET usage_reporting = $3",
        )
        .bind(sandbox.as_str())
        .bind(publisher.as_str())
        .bind(reporting.name());
        self.write_one(save).await
    }
}

impl Store {
    /// Accounts of metered plans that are billed and whose publisher reports, those counted least far first.
    pub async fn metered_accounts(&self) -> Result<Vec<MeteredAccount>, Error> {
        let rows = query(
            "SELECT a.sandbox_id, a.subscription_id, a.publisher_id, a.fulfillment_confirmed_at, \
             m.counted_until FROM accounts a \
             LEFT JOIN meters m ON m.sandbox_id = a.sandbox_id AND m.subscription_id = a.subscription_id \
             LEFT JOIN behaviors b ON b.sandbox_id = a.sandbox_id AND b.publisher_id = a.publisher_id \
             WHERE a.metered = 1 AND a.state = 'billing' \
             AND COALESCE(b.usage_reporting, 'report') = 'report' \
             ORDER BY COALESCE(m.counted_until, 0), a.subscription_id LIMIT $1",
        )
        .bind(ACCOUNTS_MAX)
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(metered_account).collect()
    }

    /// The next reports to send: of one publisher, the oldest hours first, at most `limit`. `now` is real time.
    pub async fn waiting_reports(&self, now: Timestamp, limit: i64) -> Result<Vec<Report>, Error> {
        let mut connection = self.reads.acquire().await?;
        let first: Option<(String, String)> = sqlx::query_as(
            "SELECT sandbox_id, publisher_id FROM usage_reports \
             WHERE state = 'waiting' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT 1",
        )
        .bind(micros(now))
        .fetch_optional(&mut *connection)
        .await?;
        let Some((sandbox, publisher)) = first else { return Ok(Vec::new()) };
        waiting_of(&mut connection, &sandbox, &publisher, now, limit).await
    }

    /// When the next report is due, real time.
    pub async fn next_report(&self) -> Result<Option<Timestamp>, Error> {
        let (due,): (Option<i64>,) = sqlx::query_as(
            "SELECT MIN(next_attempt_at) FROM usage_reports WHERE state = 'waiting'",
        )
        .fetch_one(&self.reads)
        .await?;
        instant_or_null(REPORTS, due)
    }

    /// The reports of a sandbox, the newest hour first, at most 200.
    pub async fn reports(&self, sandbox: &SandboxId) -> Result<Vec<Report>, Error> {
        let rows = query(select!(
            "WHERE sandbox_id = $1 ORDER BY hour DESC, subscription_id, dimension LIMIT $2"
        ))
        .bind(sandbox.as_str())
        .bind(LIST_MAX)
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(report).collect()
    }

    /// Whether a publisher reports usage.
    pub async fn reporting(
        &self,
        sandbox: &SandboxId,
        publisher: &PublisherId,
    ) -> Result<Reporting, Error> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT usage_reporting FROM behaviors WHERE sandbox_id = $1 AND publisher_id = $2",
        )
        .bind(sandbox.as_str())
        .bind(publisher.as_str())
        .fetch_optional(&self.reads)
        .await?;
        row.map_or(Ok(Reporting::default()), |(named,)| {
            let reporting = Reporting::read(&named);
            reporting.ok_or_else(|| Error::corrupt("behaviors", &format_args!("usage {named}")))
        })
    }
}

async fn waiting_of(
    connection: &mut AnyConnection,
    sandbox: &str,
    publisher: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Report>, Error> {
    let rows = query(select!(
        "WHERE sandbox_id = $1 AND publisher_id = $2 AND state = 'waiting' \
         AND next_attempt_at <= $3 ORDER BY hour, subscription_id, dimension LIMIT $4"
    ))
    .bind(sandbox)
    .bind(publisher)
    .bind(micros(now))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(report).collect()
}

fn metered_account(row: &AnyRow) -> Result<MeteredAccount, Error> {
    let (sandbox, subscription): (String, String) =
        (row.try_get("sandbox_id")?, row.try_get("subscription_id")?);
    let publisher: String = row.try_get("publisher_id")?;
    Ok(MeteredAccount {
        key: key(&sandbox, &subscription)?,
        publisher: publisher.parse().map_err(|error| Error::corrupt("accounts", &error))?,
        activated_at: instant("accounts", row.try_get("fulfillment_confirmed_at")?)?,
        counted_until: instant_or_null(METERS, row.try_get("counted_until")?)?,
    })
}
