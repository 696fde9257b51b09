//! Operations on subscriptions, open and ended.

use shared::ids::{OperationId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{codec::Reader, failure::Failure, tx::Tx};
use crate::domain::operation::{
    FailureReason, Operation, OperationAction, OperationSource, OperationState, Target,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, subscription_id, action, status, source, plan_id, quantity, unit_price, \
             created_at, acknowledged_at, failure FROM operations WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

/// An action by its stored name.
pub(super) fn action(reader: &Reader<'_>) -> Result<OperationAction, Failure> {
    let name = reader.text("action")?;
    let found = OperationAction::ALL.into_iter().find(|action| action.name() == name);
    found.ok_or_else(|| reader.odd("action"))
}

fn decode(row: &AnyRow) -> Result<Operation, Failure> {
    let reader = Reader { table: "operations", row };
    Ok(Operation {
        id: reader.parsed("id")?,
        subscription_id: reader.parsed("subscription_id")?,
        action: action(&reader)?,
        source: match reader.text("source")?.as_str() {
            "Azure" => OperationSource::Azure,
            "Partner" => OperationSource::Partner,
            _ => return Err(reader.odd("source")),
        },
        target: Target {
            plan_id: reader.parsed("plan_id")?,
            quantity: reader.maybe_int("quantity")?,
            unit_price: reader.parsed("unit_price")?,
        },
        created_at: reader.at("created_at")?,
        state: state(&reader)?,
    })
}

fn state(reader: &Reader<'_>) -> Result<OperationState, Failure> {
    let failure = reader.maybe_text("failure")?;
    match (reader.text("status")?.as_str(), failure) {
        ("NotStarted", None) => Ok(OperationState::NotStarted),
        ("InProgress", None) => {
            let acknowledged_at = reader.maybe_at("acknowledged_at")?;
            Ok(OperationState::InProgress { acknowledged_at })
        }
        ("Succeeded", None) => Ok(OperationState::Succeeded),
        ("Conflict", None) => Ok(OperationState::Conflict),
        ("Failed", Some(name)) => {
            let found = FailureReason::ALL.into_iter().find(|reason| reason.name() == name);
            found.map(OperationState::Failed).ok_or_else(|| reader.odd("failure"))
        }
        _ => Err(reader.odd("status")),
    }
}

fn failure(state: OperationState) -> Option<&'static str> {
    match state {
        OperationState::Failed(reason) => Some(reason.name()),
        _ => None,
    }
}

/// Stores an operation.
pub async fn insert_operation(
    tx: &mut Tx,
    sandbox: &SandboxId,
    operation: &Operation,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO operations (sandbox_id, id, subscription_id, action, status, source, \
             plan_id, quantity, unit_price, created_at, failure) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(sandbox.as_str())
        .bind(operation.id.to_string())
        .bind(operation.subscription_id.to_string())
        .bind(operation.action.name())
        .bind(operation.state.name())
        .bind(operation.source.name())
        .bind(operation.target.plan_id.as_str())
        .bind(operation.target.quantity)
        .bind(operation.target.unit_price.to_string())
        .bind(operation.created_at.as_microsecond())
        .bind(failure(operation.state)),
    )
    .await
}

/// Stores where an operation stands now; it must still stand where it was read.
pub async fn save_operation(
    tx: &mut Tx,
    sandbox: &SandboxId,
    before: OperationState,
    changed: &Operation,
) -> Result<(), Failure> {
    let acknowledged = match changed.state {
        OperationState::InProgress { acknowledged_at } => acknowledged_at,
        _ => match before {
            OperationState::InProgress { acknowledged_at } => acknowledged_at,
            _ => None,
        },
    };
    tx.write_one(
        query(
            "UPDATE operations SET status = $1, acknowledged_at = $2, failure = $3 \
             WHERE sandbox_id = $4 AND id = $5 AND status = $6",
        )
        .bind(changed.state.name())
        .bind(acknowledged.map(jiff::Timestamp::as_microsecond))
        .bind(failure(changed.state))
        .bind(sandbox.as_str())
        .bind(changed.id.to_string())
        .bind(before.name()),
    )
    .await
}

/// An operation of a subscription, open or ended.
pub async fn find_operation(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    id: OperationId,
) -> Result<Option<Operation>, Failure> {
    let row = query(select!("AND id = $2 AND subscription_id = $3"))
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .bind(subscription.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// The operations of a subscription that are open, the first one first: one at most, unless the sandbox has them go side
/// by side (F8).
pub async fn open_operations(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Vec<Operation>, Failure> {
    let rows = query(select!(
        "AND subscription_id = $2 AND status IN ('NotStarted', 'InProgress') \
         ORDER BY created_at, id"
    ))
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}

/// The first of them.
pub async fn open_operation(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Option<Operation>, Failure> {
    Ok(open_operations(conn, sandbox, subscription).await?.into_iter().next())
}
