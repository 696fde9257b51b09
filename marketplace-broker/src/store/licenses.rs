//! The assigned set of a subscription.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};
use sqlx::query;

use super::{failure::Failure, tx::Tx};

/// Replaces the set. `assigned_to` is the JSON of the people in it.
pub async fn replace_licenses(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    assigned_to: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO license_assignments (sandbox_id, subscription_id, assigned_to, \
             assigned_at) VALUES ($1, $2, $3, $4) ON CONFLICT (sandbox_id, subscription_id) \
             DO UPDATE SET assigned_to = excluded.assigned_to, assigned_at = excluded.assigned_at",
        )
        .bind(sandbox.as_str())
        .bind(subscription.to_string())
        .bind(assigned_to)
        .bind(at.as_microsecond()),
    )
    .await
}
