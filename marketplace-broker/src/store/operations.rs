//! Operations on subscriptions. So far only those that are Succeeded when they are made.

use shared::ids::SandboxId;
use sqlx::query;

use super::{failure::Failure, tx::Tx};
use crate::domain::operation::Operation;

/// Stores an operation.
pub async fn insert_operation(
    tx: &mut Tx,
    sandbox: &SandboxId,
    operation: &Operation,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO operations (sandbox_id, id, subscription_id, action, status, source, \
             created_at) VALUES ($1, $2, $3, $4, 'Succeeded', $5, $6)",
        )
        .bind(sandbox.as_str())
        .bind(operation.id.to_string())
        .bind(operation.subscription_id.to_string())
        .bind(operation.action.name())
        .bind(operation.source.name())
        .bind(operation.at.as_microsecond()),
    )
    .await
}
