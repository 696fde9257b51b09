//! Orders: what was bought, as it was then (partner-center.md 3.5). What became of each line is its subscription. Called by
//! purchase, checkout and the partner face.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use shared::ids::{CustomerId, OfferId, OrderId, PartnerId, PlanId, SubscriptionId};

use super::{
    cart::Obstacle,
    catalog::Offer,
    money::Currency,
    partner_refusal::PartnerRefusal,
    party::{AccountKind, Partner, PartnerKind},
    policy::OrderListDelay,
    subscription::{Status, Subscription},
    term::BillingCycle,
};

/// Subscriptions of a customer in an integration sandbox (2.2).
pub const SANDBOX_SUBSCRIPTIONS: i64 = 5;
/// Licenses of a subscription in an integration sandbox (2.2).
pub const SANDBOX_LICENSES: i64 = 25;

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
    /// The catalog item that was ordered; `None` in orders of the control API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Licenses; `None` for a flat rate.
    pub quantity: Option<i64>,
    /// The term, `P1M`.
    pub term: String,
    /// Price of one, each billing cycle; `None` in orders of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Decimal>,
    /// What the partner called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The indirect reseller, by its Microsoft Partner Network id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller_mpn: Option<String>,
}

impl OrderLine {
    /// The line by which a subscription was just bought, as `item` if it was taken from the partner's catalogue.
    #[must_use]
    pub fn of(bought: &Subscription, item: Option<String>) -> Self {
        Self {
            number: bought.order_line,
            subscription_id: bought.id,
            offer_id: bought.offer_id.clone(),
            plan_id: bought.plan_id.clone(),
            item,
            quantity: bought.quantity,
            term: bought.term.to_string(),
            unit_price: Some(bought.unit_price),
            nickname: bought.nickname.clone(),
            reseller_mpn: bought.reseller_mpn.clone(),
        }
    }
}

/// An order with what it bought, by line.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// What it bought.
    pub subscriptions: Vec<Subscription>,
}

/// Where an order stands; its subscriptions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// One of its subscriptions waits for a key (Q1).
    Pending,
    /// Nothing is waited for any more.
    Completed,
    /// All that it bought has ended.
    Cancelled,
}

impl OrderStatus {
    /// Of an order with these subscriptions.
    #[must_use]
    pub fn of(bought: &[Subscription]) -> Self {
        let ended = |one: &Subscription| matches!(one.status, Status::Unsubscribed { .. });
        if bought.iter().all(ended) {
            Self::Cancelled
        } else if bought.iter().any(|one| !one.waiting_for().is_empty()) {
            Self::Pending
        } else {
            Self::Completed
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Order {
    /// The order of subscriptions that were just bought together, each with the catalog item it was bought as; `None` if
    /// there is none.
    #[must_use]
    pub fn of<'a>(
        partner: &PartnerId,
        bought: impl IntoIterator<Item = (&'a Subscription, Option<String>)>,
    ) -> Option<Self> {
        let mut bought = bought.into_iter().peekable();
        let first = bought.peek()?.0;
        let digits = first.id.0.simple().to_string();
        Some(Self {
            id: first.order_id.clone(),
            alternate_id: digits.chars().skip(20).collect(),
            partner_id: partner.clone(),
            customer_id: first.customer_id,
            currency: first.currency,
            billing_cycle: first.billing_cycle,
            created_at: first.purchased_at,
            lines: bought.map(|(one, item)| OrderLine::of(one, item)).collect(),
        })
    }

    /// The line of this number, as it was sent (P21).
    pub fn line(&self, sent: &str) -> Result<&OrderLine, PartnerRefusal> {
        let number = sent.parse::<i64>().ok();
        self.lines.iter().find(|line| Some(line.number) == number).ok_or_else(|| {
            let number = sent.chars().take(20).collect();
            PartnerRefusal::NoLine { number, count: self.lines.len() }
        })
    }

    /// Whether lists show it yet (3.5).
    #[must_use]
    pub fn is_listed(&self, quirk: OrderListDelay, at: Timestamp) -> bool {
        match quirk {
            OrderListDelay::None => true,
            OrderListDelay::QuarterHour => at >= self.created_at + SignedDuration::from_mins(15),
        }
    }
}

/// Whether a partner may order for a customer at all: not a reseller, and both have agreed to what they must (S1, P4, P15,
/// 2.8).
pub fn may_order(partner: &Partner, customer_agreed: bool) -> Result<(), PartnerRefusal> {
    may_buy(partner)?;
    if partner.agreement_signed_at.is_none() {
        return Err(PartnerRefusal::NoPartnerAgreement);
    }
    if customer_agreed { Ok(()) } else { Err(PartnerRefusal::NoCustomerAgreement) }
}

/// Whether a partner buys itself: an indirect reseller goes through its provider (S1, P4).
pub fn may_buy(partner: &Partner) -> Result<(), PartnerRefusal> {
    if partner.kind != PartnerKind::IndirectReseller {
        return Ok(());
    }
    let provider = partner.provider_id.as_ref().map(ToString::to_string);
    Err(PartnerRefusal::ResellerOrders(provider.unwrap_or_default()))
}

/// Whether an integration sandbox has room for `more` subscriptions of a customer who has `live` of them (2.2).
pub fn has_room(partner: &Partner, live: i64, more: usize) -> Result<(), PartnerRefusal> {
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    let tests = partner.account_kind == AccountKind::IntegrationSandbox;
    if tests && live.saturating_add(more) > SANDBOX_SUBSCRIPTIONS {
        return Err(PartnerRefusal::TooManySubscriptions(SANDBOX_SUBSCRIPTIONS));
    }
    Ok(())
}

/// Whether an integration sandbox has so many licenses of one subscription, at its purchase or later (2.2).
pub fn has_licenses(partner: &Partner, quantity: i64) -> Result<(), PartnerRefusal> {
    let tests = partner.account_kind == AccountKind::IntegrationSandbox;
    if tests && quantity > SANDBOX_LICENSES {
        return Err(PartnerRefusal::TooManyLicenses(SANDBOX_LICENSES));
    }
    Ok(())
}

/// What a customer has of an offer: subscriptions that have not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holding {
    /// How many.
    pub alive: i64,
    /// How many of those are suspended.
    pub suspended: i64,
}

/// Whether `more` of an offer are sold to this partner for a customer who has these (2.2).
pub fn is_eligible(
    offer: &Offer,
    partner: &Partner,
    (has, more): (Holding, i64),
) -> Result<(), Obstacle> {
    let not = |reason: String| Err(Obstacle::NotEligible(reason));
    let (name, selling) = (&offer.name, &offer.selling);
    if !selling.in_csp {
        return not(format!("{name} is not sold through partners"));
    }
    if !selling.exclusive_to.is_empty() && !selling.exclusive_to.contains(&partner.id) {
        return not(format!("{name} is exclusive to other partners"));
    }
    if selling.one_per_customer && has.suspended > 0 {
        return not(format!(
            "{name} is sold once to a customer, and this one's is suspended: reactivate it"
        ));
    }
    let then = has.alive + more;
    if selling.one_per_customer && then > 1 {
        return not(format!("{name} is sold once to a customer: this one would have {then}"));
    }
    Ok(())
}

/// Whether this partner may buy one of an offer for such a customer: what an availability says (3.3).
#[must_use]
pub fn is_purchasable(offer: &Offer, partner: &Partner, has: Holding) -> bool {
    may_buy(partner).is_ok() && is_eligible(offer, partner, (has, 1)).is_ok()
}
