//! What a publisher asks for besides one subscription: its list, available plans, operations. Called by
//! `http/fulfillment`.

use shared::ids::{OperationId, SubscriptionId};

use super::own_subscription;
use crate::{
    domain::{
        catalog::Plan,
        operation::Operation,
        party::Customer,
        policy::{CurrentPlan, PlansOfUnsubscribed, StopSoldPlans, TermUnits},
        refusal::Refusal,
        subscription::{Status, Subscription},
        term::sells,
    },
    store::{
        Caller, Failure, Store, customer, find_operation, offer, open_operations as open_ones,
        subscriptions_page,
    },
};

/// A page of the caller's subscriptions.
#[derive(Debug)]
pub struct SubscriptionPage {
    /// In the order of their ids.
    pub subscriptions: Vec<Subscription>,
    /// The last of them, if more follow.
    pub next_after: Option<SubscriptionId>,
    /// Whether the caller has no subscription at all.
    pub is_all_and_empty: bool,
}

/// A page of so many of the caller's subscriptions after `after`, in every status (C25). Rows that are added
/// meanwhile have greater ids: none is seen twice, none is lost.
pub async fn list_subscriptions(
    store: &Store,
    caller: &Caller,
    (after, size): (Option<SubscriptionId>, usize),
) -> Result<SubscriptionPage, Failure> {
    let mut conn = store.read().await?;
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let (sandbox, publisher) = (&caller.sandbox, &caller.publisher);
    let mut subscriptions = subscriptions_page(&mut conn, sandbox, publisher, after, limit).await?;
    let more = subscriptions.len() > size;
    subscriptions.truncate(size);
    let next_after = subscriptions.last().filter(|_| more).map(|last| last.id);
    let is_all_and_empty = after.is_none() && subscriptions.is_empty();
    Ok(SubscriptionPage { subscriptions, next_after, is_all_and_empty })
}

/// The plans that a subscription may be on, and the market they are priced for.
#[derive(Debug)]
pub struct AvailablePlans {
    /// In the order of the offer.
    pub plans: Vec<Plan>,
    /// The buyer.
    pub customer: Customer,
    /// The subscription.
    pub subscription: Subscription,
}

/// The plans that a subscription may be on, its own included (C31).
pub async fn available_plans(
    store: &Store,
    caller: &Caller,
    id: SubscriptionId,
) -> Result<AvailablePlans, Failure> {
    let found = own_subscription(store, caller, id).await?;
    let ended = matches!(found.status, Status::Unsubscribed { .. });
    if ended && caller.policy.get::<PlansOfUnsubscribed>() == PlansOfUnsubscribed::Forbidden {
        return Err(Refusal::NotYours.into());
    }
    let mut conn = store.read().await?;
    let offer = offer(&mut conn, &caller.sandbox, &found.offer_id).await?;
    let offer = offer.ok_or_else(|| Refusal::unknown("Offer", &found.offer_id))?;
    let customer = customer(&mut conn, &caller.sandbox, Some(found.customer_id)).await?;
    let customer = customer.ok_or_else(|| Refusal::unknown("Customer", found.customer_id))?;
    let listed = |plan: &Plan| match caller.policy.get() {
        CurrentPlan::Listed => true,
        CurrentPlan::Missing => plan.id != found.plan_id,
    };
    let (stop_sold, terms): (StopSoldPlans, TermUnits) = (caller.policy.get(), caller.policy.get());
    let shown =
        |plan: &Plan| plan.is_shown(&customer.country, &found.plan_id, stop_sold) && listed(plan);
    let mut plans: Vec<_> = offer.plans.into_iter().filter(shown).collect();
    for plan in &mut plans {
        plan.prices.retain(|price| price.term.parse().is_ok_and(|unit| sells(terms, unit)));
    }
    Ok(AvailablePlans { plans, customer, subscription: found })
}

/// A subscription of the caller's, and those of its operations that are open (C43).
pub async fn open_operations(
    store: &Store,
    caller: &Caller,
    id: SubscriptionId,
) -> Result<(Subscription, Vec<Operation>), Failure> {
    let found = own_subscription(store, caller, id).await?;
    let mut conn = store.read().await?;
    let open = open_ones(&mut conn, &caller.sandbox, id).await?;
    Ok((found, open))
}

/// One operation, open or ended (C55).
pub async fn operation(
    store: &Store,
    caller: &Caller,
    subscription: SubscriptionId,
    id: OperationId,
) -> Result<(Subscription, Operation), Failure> {
    let found = own_subscription(store, caller, subscription).await?;
    let mut conn = store.read().await?;
    let operation = find_operation(&mut conn, &caller.sandbox, subscription, id).await?;
    let operation = operation.filter(|found| found.action.is_found(caller.policy.get()));
    Ok((found, operation.ok_or_else(|| Refusal::unknown("Operation", id))?))
}
