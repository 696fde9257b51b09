//! Charges. So far the first charge cycle: one `new` line from the day billing starts (P24). Called by subscription.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use shared::ids::SubscriptionId;

use super::{
    money::Money,
    subscription::Subscription,
    term::{cycle_last_day, day_of},
};

/// What a charge line is for (partner-center.md 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeType {
    /// The first charge of a subscription.
    New,
}

impl ChargeType {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
        }
    }
}

/// One charge line.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// What for.
    pub charge_type: ChargeType,
    /// First day.
    pub first_day: Date,
    /// Last day, inclusive.
    pub last_day: Date,
    /// Licenses, or 1 for a flat rate.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Decimal,
    /// quantity × unit price, truncated.
    pub subtotal: Money,
    /// Ties lines that belong together; derived, so that a second run makes the same line.
    pub reference_id: String,
}

/// The line that billing starts with. `None` when its amount cannot be represented, which purchase rules out.
#[must_use]
pub fn first_charge(subscription: &Subscription, started_at: Timestamp) -> Option<Charge> {
    let first_day = day_of(started_at);
    let quantity = subscription.quantity.unwrap_or(1);
    Some(Charge {
        charge_type: ChargeType::New,
        first_day,
        last_day: cycle_last_day(first_day, subscription.term, subscription.billing_cycle, 0),
        quantity,
        unit_price: subscription.unit_price,
        subtotal: Money::of(subscription.unit_price, quantity, subscription.currency)?,
        reference_id: reference(subscription.id, 0),
    })
}

fn reference(subscription: SubscriptionId, cycle: i32) -> String {
    format!("{subscription}-{cycle}")
}
