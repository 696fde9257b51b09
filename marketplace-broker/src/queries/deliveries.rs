//! Webhooks and their attempts, for the operator. Called by `http/rehearsal/deliveries`.

use shared::ids::{OperationId, SandboxId, SubscriptionId};

use crate::{
    domain::{delivery::Delivery, refusal::Refusal},
    store::{self, AttemptRow, Failure, Store, attempts_of, deliveries_page},
};

/// Deliveries of one page.
pub const PAGE: usize = 1_000;
/// Attempts that are shown of one delivery.
const ATTEMPTS_MAX: i64 = 1_000;

/// A page of deliveries after `after`, those of one subscription in the order they were made; and whether more follow.
pub async fn deliveries(
    store: &Store,
    sandbox: &SandboxId,
    subscription: Option<SubscriptionId>,
    after: Option<OperationId>,
) -> Result<(Vec<Delivery>, bool), Failure> {
    let mut conn = store.read().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = deliveries_page(&mut conn, sandbox, subscription, after, limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok((found, more))
}

/// One delivery with its attempts.
pub async fn delivery(
    store: &Store,
    sandbox: &SandboxId,
    id: OperationId,
) -> Result<(Delivery, Vec<AttemptRow>), Failure> {
    let mut conn = store.read().await?;
    let found = store::find_delivery(&mut conn, sandbox, id).await?;
    let found = found.ok_or_else(|| Refusal::unknown("Delivery", id))?;
    let attempts = attempts_of(&mut conn, sandbox, id, ATTEMPTS_MAX).await?;
    Ok((found, attempts))
}
