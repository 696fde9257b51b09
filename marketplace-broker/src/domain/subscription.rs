//! A subscription and what may happen to it. ONE stored state; each face projects it to its own spelling.
//! Every transition takes the subscription and gives the changed one with its events; a refusal changes nothing.
//! Called by the commands on subscriptions.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use shared::ids::{CustomerId, OfferId, OrderId, PlanId, PublisherId, SubscriptionId};

use super::{
    activation::{Confirmation, Gate},
    billing::{Charge, first_charge},
    event::Event,
    money::Currency,
    operation::OperationSource,
    party::{LicenseConfirmation, User},
    refusal::Refusal,
    term::{BillingCycle, TermUnit, day_of},
    timer::PENDING_LIMIT,
};

/// A SaaS subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// The order it was bought by.
    pub order_id: OrderId,
    /// Whose offer.
    pub publisher_id: PublisherId,
    /// The offer.
    pub offer_id: OfferId,
    /// The plan.
    pub plan_id: PlanId,
    /// Its name.
    pub name: String,
    /// Who it is for.
    pub customer_id: CustomerId,
    /// The user it is for.
    pub beneficiary: User,
    /// The user who bought.
    pub purchaser: User,
    /// Who sold it.
    pub sold_by: SoldBy,
    /// Licenses bought; `None` for a flat rate.
    pub quantity: Option<i64>,
    /// The term.
    pub term: TermUnit,
    /// How often it is charged.
    pub billing_cycle: BillingCycle,
    /// Price of one license, or of the whole, each cycle.
    pub unit_price: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// Whether it renews.
    pub auto_renew: bool,
    /// When it was bought.
    pub purchased_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// The two keys.
    pub gate: Gate,
    /// First day of the term; provisional until billing starts.
    pub term_start: Option<Date>,
    /// People in the assigned set.
    pub licenses_assigned: i64,
    /// Rises by one with each change; a write names the one it expects.
    pub version: i64,
}

/// Who sold a subscription (interface.md, `soldBy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoldBy {
    /// A partner, for its customer.
    Partner,
    /// The marketplace, to the customer itself.
    Customer,
}

/// The fulfillment status (fulfillment.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Bought, not activated.
    PendingFulfillmentStart,
    /// Activated.
    Subscribed,
    /// Payment failed.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// Ended for good.
    Unsubscribed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The customer, or the partner for it, canceled.
    Canceled,
    /// Nobody finished the purchase in time.
    PendingLimit,
}

impl EndReason {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::PendingLimit => "pendingLimit",
        }
    }
}

impl Status {
    /// Its name on the fulfillment face.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::PendingFulfillmentStart => "PendingFulfillmentStart",
            Self::Subscribed => "Subscribed",
            Self::Suspended { .. } => "Suspended",
            Self::Unsubscribed { .. } => "Unsubscribed",
        }
    }
}

/// A subscription after a transition, and what happened on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The new state; its version is still the one that was read.
    pub subscription: Subscription,
    /// In order.
    pub events: Vec<Event>,
}

impl Change {
    /// The charge lines this change makes.
    pub fn charges(&self) -> impl Iterator<Item = &Charge> {
        self.events.iter().filter_map(|event| match event {
            Event::Charged(charge) => Some(charge),
            _ => None,
        })
    }

    /// Whether the purchase is finished, one way or the other: its 30-day limit is void.
    #[must_use]
    pub fn ends_pending(&self) -> bool {
        self.events
            .iter()
            .any(|event| matches!(event, Event::BillingStarted | Event::Unsubscribed { .. }))
    }
}

impl Subscription {
    /// Licenses that must be assigned for the first key: the quantity, 1 for a plan without seats.
    #[must_use]
    pub fn licenses_required(&self) -> i64 {
        self.quantity.unwrap_or(1)
    }

    /// Until when both keys must be in.
    #[must_use]
    pub fn must_finish_by(&self) -> Timestamp {
        self.purchased_at + PENDING_LIMIT
    }

    /// What billing waits for; nothing once it has started or the subscription has ended.
    #[must_use]
    pub fn waiting_for(&self) -> &'static [Confirmation] {
        match self.status {
            Status::Unsubscribed { .. } => &[],
            Status::PendingFulfillmentStart | Status::Subscribed | Status::Suspended { .. } => {
                self.gate.waiting_for()
            }
        }
    }

    /// Whether the 30 days are over with a key missing, although the timer may not have run yet.
    fn is_past_limit(&self, at: Timestamp) -> bool {
        self.gate.billing_started_at().is_none() && at >= self.must_finish_by()
    }

    /// `activate`: the second key, or both where the publisher is set so (C17-C21).
    pub fn activate(
        mut self,
        confirmation: LicenseConfirmation,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        match self.status {
            Status::PendingFulfillmentStart if self.is_past_limit(at) => {
                return Err(Refusal::Ended);
            }
            Status::PendingFulfillmentStart => {}
            Status::Subscribed => return Err(Refusal::AlreadyActivated),
            Status::Suspended { .. } => return Err(Refusal::Suspended),
            Status::Unsubscribed { .. } => return Err(Refusal::Ended),
        }
        let before = self.gate;
        self.status = Status::Subscribed;
        if confirmation == LicenseConfirmation::WithActivation {
            self.gate = self.gate.licenses(true, at);
        }
        self.gate = self.gate.fulfillment(at);
        self.term_start = Some(day_of(at));
        self.turned(before, Vec::new())
    }

    /// Whether licenses may be assigned at all in this state (interface.md, 'Licenses assigned').
    pub fn may_assign(&self, at: Timestamp) -> Result<(), Refusal> {
        match self.status {
            Status::PendingFulfillmentStart | Status::Subscribed if self.is_past_limit(at) => {
                Err(Refusal::Ended)
            }
            Status::PendingFulfillmentStart | Status::Subscribed => Ok(()),
            Status::Suspended { .. } => Err(Refusal::Suspended),
            Status::Unsubscribed { .. } => Err(Refusal::Ended),
        }
    }

    /// The assigned set was replaced by one of `assigned` people: the first key (S27).
    pub fn assign_licenses(mut self, assigned: i64, at: Timestamp) -> Result<Change, Refusal> {
        self.may_assign(at)?;
        let required = self.licenses_required();
        if assigned > required {
            return Err(Refusal::field(
                "assignedTo",
                format!("{assigned} people for {required} licenses; name {required} at most"),
            ));
        }
        let before = self.gate;
        self.licenses_assigned = assigned;
        self.gate = self.gate.licenses(assigned == required, at);
        self.turned(before, vec![Event::LicensesReplaced { assigned, required }])
    }

    /// Tells which keys moved since `before`, and starts billing if the second of them is in now.
    fn turned(mut self, before: Gate, mut events: Vec<Event>) -> Result<Change, Refusal> {
        match (before.licenses_assigned_at(), self.gate.licenses_assigned_at()) {
            (None, Some(_)) => events.push(Event::LicensesAssigned),
            (Some(_), None) => events.push(Event::LicensesWithdrawn),
            _ => {}
        }
        if before.fulfillment_confirmed_at() != self.gate.fulfillment_confirmed_at() {
            events.push(Event::FulfillmentConfirmed);
        }
        if let (None, Some(started_at)) =
            (before.billing_started_at(), self.gate.billing_started_at())
        {
            self.term_start = Some(day_of(started_at));
            let charge = first_charge(&self, started_at).ok_or_else(|| {
                Refusal::field("quantity", "the charge is too large to be represented")
            })?;
            events.extend([Event::BillingStarted, Event::Charged(charge)]);
        }
        Ok(Change { subscription: self, events })
    }

    /// The customer, or the partner for it, cancels (S5, S12, S16 of fulfillment.md 2.1).
    pub fn unsubscribe(self, at: Timestamp) -> Result<Change, Refusal> {
        if let Status::Unsubscribed { .. } = self.status {
            let state = self.status.name();
            return Err(Refusal::WrongState { action: "unsubscribe", state, allowed: &[] });
        }
        Ok(self.ended(at, EndReason::Canceled))
    }

    /// The 30 days are over (S4). `None` when both keys are in or it has ended: the timer is void.
    #[must_use]
    pub fn reach_pending_limit(self, at: Timestamp) -> Option<Change> {
        match self.status {
            Status::Unsubscribed { .. } => None,
            _ if self.gate.billing_started_at().is_some() => None,
            _ => Some(self.ended(at, EndReason::PendingLimit)),
        }
    }

    fn ended(mut self, at: Timestamp, reason: EndReason) -> Change {
        self.status = Status::Unsubscribed { at, reason };
        let events = vec![Event::Unsubscribed { reason, source: OperationSource::Azure }];
        Change { subscription: self, events }
    }
}

#[cfg(test)]
mod tests;
