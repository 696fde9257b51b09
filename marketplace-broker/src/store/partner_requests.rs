//! Requests of partners that made something, by their MS-RequestId.

use jiff::Timestamp;
use shared::ids::{ClientId, SandboxId, TenantId};
use sqlx::{AnyConnection, query};

use super::{codec::Reader, failure::Failure, tx::Tx};

/// What makes one request a repeat of another (partner-center.md 3.0): the same id, from the same app of the same tenant,
/// to the same route, with the same body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The caller's tenant.
    pub tenant: TenantId,
    /// The caller's app.
    pub client: ClientId,
    /// Method and path.
    pub route: String,
    /// `MS-RequestId`.
    pub request_id: String,
    /// SHA-256 of the body, in hexadecimal digits.
    pub body_hash: String,
}

/// What a request of this key made, if there was one.
pub async fn find_partner_request(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    key: &RequestKey,
) -> Result<Option<String>, Failure> {
    let row = query(
        "SELECT outcome FROM partner_requests WHERE sandbox_id = $1 AND tenant_id = $2 \
         AND client_id = $3 AND route = $4 AND request_id = $5 AND body_hash = $6",
    )
    .bind(sandbox.as_str())
    .bind(key.tenant.to_string())
    .bind(key.client.to_string())
    .bind(key.route.as_str())
    .bind(key.request_id.as_str())
    .bind(key.body_hash.as_str())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Reader { table: "partner_requests", row: &row }.text("outcome")).transpose()
}

/// Remembers what a request made. `Stale` if another one of this key was faster: it waits for the other's end, and the
/// command runs again and finds it.
pub async fn insert_partner_request(
    tx: &mut Tx,
    sandbox: &SandboxId,
    key: &RequestKey,
    outcome: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO partner_requests (sandbox_id, tenant_id, client_id, route, request_id, \
             body_hash, outcome, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT DO NOTHING",
        )
        .bind(sandbox.as_str())
        .bind(key.tenant.to_string())
        .bind(key.client.to_string())
        .bind(key.route.as_str())
        .bind(key.request_id.as_str())
        .bind(key.body_hash.as_str())
        .bind(outcome)
        .bind(at.as_microsecond()),
    )
    .await
}
