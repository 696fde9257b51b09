//! Attempts to deliver webhooks: written once, in multi-row statements before COMMIT, read by the control API.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::Reader,
    failure::Failure,
    gathered::{pages, places},
    tx::Tx,
};
use crate::domain::delivery::Outcome;

/// An attempt as stored.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// Of which webhook.
    pub operation: OperationId,
    /// From 1.
    pub number: i64,
    /// When it began, sandbox time.
    pub at: Timestamp,
    /// Where it went.
    pub url: String,
    /// Real microseconds it took.
    pub took_us: i64,
    /// Headers as JSON, secrets masked.
    pub request_headers: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What followed.
    pub verdict: String,
}

fn decode(row: &AnyRow) -> Result<AttemptRow, Failure> {
    let reader = Reader { table: "delivery_attempts", row };
    let outcome = match (reader.maybe_int("status")?, reader.maybe_text("error")?) {
        (Some(status), None) => Outcome::Answered {
            status: u16::try_from(status).map_err(|_| reader.odd("status"))?,
            body: reader.maybe_text("answer")?.unwrap_or_default(),
        },
        (None, Some(error)) => Outcome::Unanswered(error),
        _ => return Err(reader.odd("status")),
    };
    Ok(AttemptRow {
        operation: reader.parsed("operation_id")?,
        number: reader.int("number")?,
        at: reader.at("at")?,
        url: reader.text("url")?,
        took_us: reader.int("took_us")?,
        request_headers: reader.text("request_headers")?,
        outcome,
        verdict: reader.text("verdict")?,
    })
}

impl Tx {
    /// Adds an attempt, written before COMMIT.
    pub fn attempted(&mut self, sandbox: &SandboxId, attempt: AttemptRow) {
        self.written = true;
        self.gathered.attempts.push((sandbox.clone(), attempt));
    }
}

/// Writes the gathered attempts.
pub(super) async fn flush(tx: &mut Tx, rows: &[(SandboxId, AttemptRow)]) -> Result<(), Failure> {
    for page in pages(rows) {
        let text = format!(
            "INSERT INTO delivery_attempts (sandbox_id, operation_id, number, at, url, took_us, \
             request_headers, status, answer, error, verdict) VALUES {}",
            places(tx, page.len(), 11)
        );
        let mut statement = query(AssertSqlSafe(text)); // made of numbers only
        for (sandbox, row) in page {
            let (status, answer, error) = match &row.outcome {
                Outcome::Answered { status, body } => {
                    (Some(i64::from(*status)), Some(body.as_str()), None)
                }
                Outcome::Unanswered(error) | Outcome::NoWebhook(error) => {
                    (None, None, Some(error.as_str()))
                }
            };
            statement = statement
                .bind(sandbox.as_str())
                .bind(row.operation.to_string())
                .bind(row.number)
                .bind(row.at.as_microsecond())
                .bind(row.url.as_str())
                .bind(row.took_us)
                .bind(row.request_headers.as_str())
                .bind(status)
                .bind(answer)
                .bind(error)
                .bind(row.verdict.as_str());
        }
        statement.execute(tx.write()).await?;
    }
    Ok(())
}

/// The newest attempts of a webhook, in order.
pub async fn attempts_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    operation: OperationId,
    limit: i64,
) -> Result<Vec<AttemptRow>, Failure> {
    let rows = query(
        "SELECT operation_id, number, at, url, took_us, request_headers, status, answer, error, \
         verdict FROM delivery_attempts WHERE sandbox_id = $1 AND operation_id = $2 \
         ORDER BY number DESC LIMIT $3",
    )
    .bind(sandbox.as_str())
    .bind(operation.to_string())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().rev().map(decode).collect()
}
