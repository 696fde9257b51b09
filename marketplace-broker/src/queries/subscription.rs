//! One subscription, as its publisher or the operator asks for it. Called by `http/fulfillment` and `http/rehearsal`.

use shared::ids::{CustomerId, SandboxId, SubscriptionId};

use super::sandbox::policy;
use crate::{
    domain::{
        billing::Charge, duty::Duties, operation::Operation, partner_refusal::PartnerRefusal,
        policy::Policy, publisher_step::Steps, refusal::Refusal, subscription::Subscription,
    },
    store::{
        Caller, Failure, Store, charges_of, duties_of, find_subscription, open_operation, steps_of,
    },
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

/// Everything that is known of a subscription.
#[derive(Debug)]
pub struct Truth {
    /// It.
    pub subscription: Subscription,
    /// Its open operation.
    pub open: Option<Operation>,
    /// The sandbox's policy.
    pub policy: Policy,
    /// What its publisher wants done before some changes.
    pub steps: Steps,
    /// How far the partner's duties are done.
    pub duties: Duties,
}

/// A subscription of a sandbox, with what hangs on it.
pub async fn subscription_truth(
    store: &Store,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Truth, Failure> {
    let subscription = subscription(store, sandbox, id).await?;
    let mut conn = store.read().await?;
    let open = open_operation(&mut conn, sandbox, id).await?;
    let steps = steps_of(&mut conn, sandbox, id).await?;
    let duties = duties_of(&mut conn, sandbox, id).await?;
    drop(conn);
    let policy = policy(store, sandbox).await?;
    Ok(Truth { subscription, open, policy, steps, duties })
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

/// The steps of a subscription of the caller's.
pub async fn own_steps(
    store: &Store,
    caller: &Caller,
    id: SubscriptionId,
) -> Result<Steps, Failure> {
    own_subscription(store, caller, id).await?;
    steps_of(&mut *store.read().await?, &caller.sandbox, id).await
}

/// The duties of a subscription, as the partner that serves this customer asks for them.
pub async fn duties(
    store: &Store,
    sandbox: &SandboxId,
    (customer, id): (CustomerId, SubscriptionId),
) -> Result<Duties, Failure> {
    let mut conn = store.read().await?;
    let found = find_subscription(&mut conn, sandbox, id).await?;
    if found.is_none_or(|found| found.customer_id != customer) {
        return Err(Refusal::from(PartnerRefusal::NoSubscription(id.to_string())).into());
    }
    duties_of(&mut conn, sandbox, id).await
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
