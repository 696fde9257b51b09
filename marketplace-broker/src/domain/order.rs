//! Orders: what was bought, as it was then (partner-center.md 3.5). What became of each line is its subscription. Called by
//! purchase, checkout and the partner face.

use jiff::Timestamp;
use shared::ids::{CustomerId, OfferId, OrderId, PartnerId, PlanId, SubscriptionId};

use super::{money::Currency, subscription::Subscription, term::BillingCycle};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id: opaque and case-sensitive.
    pub id: OrderId,
    /// Another name of it: 12 hexadecimal digits.
    pub alternate_id: String,
    /// Who ordered.
    pub partner_id: PartnerId,
    /// For whom.
    pub customer_id: CustomerId,
    /// The currency of the market.
    pub currency: Currency,
    /// How often its lines are charged.
    pub billing_cycle: BillingCycle,
    /// Its lines, by number.
    pub lines: Vec<OrderLine>,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// A line of an order, as it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OrderLine {
    /// From 0.
    pub number: i64,
    /// What it became.
    pub subscription_id: SubscriptionId,
    /// The offer.
    pub offer_id: OfferId,
    /// The plan.
    pub plan_id: PlanId,
    /// Licenses; `None` for a flat rate.
    pub quantity: Option<i64>,
    /// The term, `P1M`.
    pub term: String,
    /// What the partner called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The indirect reseller, by its Microsoft Partner Network id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller_mpn: Option<String>,
}

impl OrderLine {
    /// The line by which a subscription was just bought.
    #[must_use]
    pub fn of(bought: &Subscription) -> Self {
        Self {
            number: bought.order_line,
            subscription_id: bought.id,
            offer_id: bought.offer_id.clone(),
            plan_id: bought.plan_id.clone(),
            quantity: bought.quantity,
            term: bought.term.to_string(),
            nickname: bought.nickname.clone(),
            reseller_mpn: bought.reseller_mpn.clone(),
        }
    }
}

impl Order {
    /// The order of subscriptions that were just bought together; `None` if there is none.
    #[must_use]
    pub fn of(partner: &PartnerId, bought: &[Subscription]) -> Option<Self> {
        let first = bought.first()?;
        let digits = first.id.0.simple().to_string();
        Some(Self {
            id: first.order_id.clone(),
            alternate_id: digits.chars().skip(20).collect(),
            partner_id: partner.clone(),
            customer_id: first.customer_id,
            currency: first.currency,
            billing_cycle: first.billing_cycle,
            lines: bought.iter().map(OrderLine::of).collect(),
            created_at: first.purchased_at,
        })
    }
}
