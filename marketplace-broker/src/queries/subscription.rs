//! One subscription, as its publisher or the operator asks for it. Called by `http/fulfillment` and `http/rehearsal`.

use shared::ids::{SandboxId, SubscriptionId};

use super::sandbox::policy;
use crate::{
    domain::{
        billing::Charge, operation::Operation, policy::Policy, refusal::Refusal,
        subscription::Subscription,
    },
    store::{Caller, Failure, Store, charges_of, find_subscription, open_operation},
};

/// A subscription of a sandbox.
pub async fn subscription(
    store: &Store,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Subscription, Failure> {
    let mut conn = store.read().await?;
    let found = find_subscription(&mut conn, sandbox, id).await?;
    Ok(found.ok_or_else(|| Refusal::unknown("Subscription", id))?)
}

/// A subscription of a sandbox, with its open operation and the sandbox's policy.
pub async fn subscription_truth(
    store: &Store,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<(Subscription, Option<Operation>, Policy), Failure> {
    let found = subscription(store, sandbox, id).await?;
    let open = open_operation(&mut *store.read().await?, sandbox, id).await?;
    Ok((found, open, policy(store, sandbox).await?))
}

/// A subscription of the caller's; another publisher's is refused as such.
pub async fn own_subscription(
    store: &Store,
    caller: &Caller,
    id: SubscriptionId,
) -> Result<Subscription, Failure> {
    let found = subscription(store, &caller.sandbox, id).await?;
    if found.publisher_id == caller.publisher { Ok(found) } else { Err(Refusal::NotYours.into()) }
}

/// The charge lines of a subscription.
pub async fn charges(
    store: &Store,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Vec<Charge>, Failure> {
    subscription(store, sandbox, id).await?;
    let mut conn = store.read().await?;
    charges_of(&mut conn, sandbox, id).await
}
