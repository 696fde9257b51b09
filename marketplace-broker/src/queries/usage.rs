//! Usage that was accepted, for its publisher and for the operator. Called by `http/metering` and `http/rehearsal`.

use jiff::civil::Date;
use shared::ids::{SandboxId, SubscriptionId};

use super::subscription::subscription;
use crate::{
    domain::{
        metering::{
            AcceptedUsage,
            tally::{TermUsage, UsageDay, term_usage, term_window},
        },
        refusal::Refusal,
        subscription::Subscription,
    },
    store::{self, Caller, Failure, Store, offer, usage_of},
};

/// The caller's usage from the first to the last of these days, the newest first.
pub async fn usage_days(
    store: &Store,
    caller: &Caller,
    days: (Date, Date),
) -> Result<Vec<UsageDay>, Failure> {
    let mut conn = store.read().await?;
    let found = store::usage_days(&mut conn, &caller.sandbox, &caller.publisher, days).await?;
    Ok(found.rows())
}

/// What a subscription used in its present term.
#[derive(Debug)]
pub struct UsageView {
    /// The subscription.
    pub subscription: Subscription,
    /// What each dimension has come to.
    pub dimensions: Vec<TermUsage>,
    /// The events, the newest hour first.
    pub events: Vec<AcceptedUsage>,
}

/// The usage of a subscription in its present term.
pub async fn usage(
    store: &Store,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<UsageView, Failure> {
    let subscription = subscription(store, sandbox, id).await?;
    let mut conn = store.read().await?;
    let offer = offer(&mut conn, sandbox, &subscription.offer_id).await?;
    let offer = offer.ok_or_else(|| Refusal::unknown("Offer", &subscription.offer_id))?;
    let events = usage_of(&mut conn, sandbox, id, term_window(&subscription)).await?;
    let dimensions = term_usage(&subscription, &offer, &events);
    Ok(UsageView { subscription, dimensions, events })
}
