//! What was accepted, added up: by UTC day for the publisher (4.4), by term for the operator. Exact decimals, no
//! doubles. Called by `queries/usage`.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp, civil::Date};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use shared::ids::{CustomerId, OfferId, PlanId, SubscriptionId};
use uuid::Uuid;

use super::{
    super::{
        catalog::{Dimension, Metering, Offer},
        money::Currency,
        subscription::Subscription,
        term::{day_of, midnight},
    },
    AcceptedUsage,
};

/// How long after its newest event a row counts as processed, sandbox time (4.4: up to a day).
pub const PROCESSING: SignedDuration = SignedDuration::from_hours(24);

/// What of the accepted units is billed: all. A publisher sends the overage alone (4.5), so the marketplace takes
/// nothing off; included units are the publisher's to count.
#[must_use]
pub fn billable(accepted: Decimal) -> Decimal {
    accepted
}

/// An accepted event, and of whom.
#[derive(Debug, Clone)]
pub struct UsageOf {
    /// The event.
    pub usage: AcceptedUsage,
    /// The offer.
    pub offer_id: OfferId,
    /// The customer.
    pub customer_id: CustomerId,
}

/// A UTC day of a resource and a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDay {
    /// The day.
    pub day: Date,
    /// The resource.
    pub subscription_id: SubscriptionId,
    /// The dimension.
    pub dimension: String,
    /// The plan of its newest event.
    pub plan_id: PlanId,
    /// The offer.
    pub offer_id: OfferId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Units.
    pub quantity: Decimal,
    /// Events.
    pub count: i64,
    /// When the newest of them was accepted.
    pub newest_at: Timestamp,
}

impl UsageDay {
    /// Whether the day is processed by `now`.
    #[must_use]
    pub fn is_processed(&self, now: Timestamp) -> bool {
        now.duration_since(self.newest_at) >= PROCESSING
    }
}

/// Adds events up as they come.
#[derive(Debug, Default)]
pub struct Days(HashMap<(Date, SubscriptionId, String), UsageDay>);

impl Days {
    /// Counts one more event.
    pub fn add(&mut self, of: UsageOf) {
        let UsageOf { usage, offer_id, customer_id } = of;
        let day = day_of(usage.start.time.at());
        let key = (day, usage.subscription_id, usage.dimension.clone());
        let entry = self.0.entry(key).or_insert_with(|| UsageDay {
            day,
            subscription_id: usage.subscription_id,
            dimension: usage.dimension,
            plan_id: usage.plan_id.clone(),
            offer_id,
            customer_id,
            quantity: Decimal::ZERO,
            count: 0,
            newest_at: usage.accepted_at,
        });
        entry.quantity = entry.quantity.saturating_add(usage.quantity);
        entry.count += 1;
        if usage.accepted_at >= entry.newest_at {
            entry.newest_at = usage.accepted_at;
            entry.plan_id = usage.plan_id;
        }
    }

    /// The rows, the newest day first.
    #[must_use]
    pub fn rows(self) -> Vec<UsageDay> {
        let mut rows: Vec<_> = self.0.into_values().collect();
        rows.sort_by(|a, b| {
            (b.day, b.newest_at).cmp(&(a.day, a.newest_at)).then_with(|| {
                (a.subscription_id, &a.dimension).cmp(&(b.subscription_id, &b.dimension))
            })
        });
        rows
    }
}

/// The Azure subscription of a customer: the marketplace bills a customer's resources on one, and it follows from the
/// customer's id, so that it is the same at every look.
#[must_use]
pub fn azure_subscription(customer: CustomerId) -> Uuid {
    let hash = Sha256::new()
        .chain_update("azure subscription of ")
        .chain_update(customer.0.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// What a dimension of a plan has come to in a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermUsage {
    /// The plan.
    pub plan_id: PlanId,
    /// The dimension, as the plan has it.
    pub dimension: Dimension,
    /// Units of the term that cost nothing; `None`: any number.
    pub included: Option<i64>,
    /// Units that were accepted.
    pub accepted: Decimal,
    /// Events that were accepted.
    pub count: i64,
    /// Price of one.
    pub unit_price: Option<Decimal>,
    /// What would be billed, cut at the digits of the currency: less than the smallest coin is nothing (4.5).
    pub amount: Option<Decimal>,
}

impl TermUsage {
    /// Included units that are used, as far as the marketplace can know: what it is told is overage, so the first
    /// event says that they are.
    #[must_use]
    pub fn included_used(&self) -> Option<i64> {
        Some(if self.count == 0 { 0 } else { self.included? })
    }
}

/// From when to when usage belongs to the present term; usage before the first day of the first one does, too.
#[must_use]
pub fn term_window(subscription: &Subscription) -> (Timestamp, Timestamp) {
    let Some(start) = subscription.term_start else { return (Timestamp::MIN, Timestamp::MAX) };
    let first = subscription.gate.billing_started_at().is_none_or(|at| day_of(at) == start);
    let from = if first { Timestamp::MIN } else { midnight(start) };
    (from, subscription.term_end().unwrap_or(Timestamp::MAX))
}

/// What the dimensions of its plan, and those it had before in this term, have come to.
#[must_use]
pub fn term_usage(
    subscription: &Subscription,
    offer: &Offer,
    events: &[AcceptedUsage],
) -> Vec<TermUsage> {
    let mut sums: BTreeMap<(&PlanId, &str), (Decimal, i64)> = BTreeMap::new();
    for event in events {
        let sum = sums.entry((&event.plan_id, &event.dimension)).or_default();
        *sum = (sum.0.saturating_add(event.quantity), sum.1 + 1);
    }
    let mut found = Vec::new();
    for plan in &offer.plans {
        for dimension in &plan.dimensions {
            let sum = sums.get(&(&plan.id, dimension.id.as_str())).copied();
            let is_current =
                plan.id == subscription.plan_id && dimension.metering != Metering::Disabled;
            if sum.is_none() && !is_current {
                continue;
            }
            let (accepted, count) = sum.unwrap_or_default();
            let unit_price = dimension.price(subscription.currency);
            found.push(TermUsage {
                plan_id: plan.id.clone(),
                dimension: dimension.clone(),
                included: dimension.included_in(subscription.term),
                accepted,
                count,
                unit_price,
                amount: unit_price
                    .and_then(|price| amount(price, billable(accepted), subscription.currency)),
            });
        }
    }
    found
}

/// price × units, cut at the digits of the currency; `None` when it cannot be represented.
fn amount(price: Decimal, units: Decimal, currency: Currency) -> Option<Decimal> {
    Some(price.checked_mul(units)?.trunc_with_scale(currency.digits()))
}
