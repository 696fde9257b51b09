//! A subscription and what may happen to it. ONE stored state; each face projects it to its own spelling.
//! Every transition takes the subscription and gives the changed one with its events; a refusal changes nothing.
//! Called by the commands on subscriptions.

mod course;
mod lifecycle;
mod notes;

use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use shared::ids::{CustomerId, OfferId, OrderId, PlanId, PublisherId, SubscriptionId};

use super::{
    activation::{Confirmation, Gate},
    billing::{Charge, first_charge},
    event::Event,
    money::Currency,
    operation::Target,
    party::{LicenseConfirmation, User},
    policy::ActivateBody,
    refusal::Refusal,
    term::{BillingCycle, TermUnit, day_of, midnight},
    timer::{PENDING_LIMIT, TimerChange, TimerKind},
};

pub use course::Bearings;
pub use lifecycle::{EndReason, Happening, Status};
pub use notes::Note;

/// A SaaS subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// The order it was bought by.
    pub order_id: OrderId,
    /// The line of that order, from 0.
    pub order_line: i64,
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
    /// Since when it does not renew any more; `None`: it renews.
    pub auto_renew_off_since: Option<Timestamp>,
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
    /// Since when it is known that the payment of the next renewal fails.
    pub payment_fails_since: Option<Timestamp>,
    /// What the partner calls it (S12).
    pub nickname: Option<String>,
    /// The indirect reseller it was sold through, by its Microsoft Partner Network id (S16).
    pub reseller_mpn: Option<String>,
    /// When somebody canceled it to the end of its term (partner-center.md 2.5).
    pub cancel_scheduled_at: Option<Timestamp>,
    /// The day of the month on which the next term begins, if that month has it; `None`: the running term's (F1).
    pub anchor_day: Option<i8>,
    /// When it changed last.
    pub modified_at: Timestamp,
    /// Rises by one with each change; a write names the one it expects.
    pub version: i64,
}

/// What a publisher sends with activate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activation {
    /// The plan, as it was sent.
    pub plan: Option<String>,
    /// The licenses.
    pub quantity: Option<i64>,
}

/// Who sold a subscription (interface.md, `soldBy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoldBy {
    /// A partner, for its customer.
    Partner,
    /// The marketplace, to the customer itself.
    Customer,
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

    /// What it means for the timers of the subscription.
    #[must_use]
    pub fn timers(&self) -> Vec<TimerChange> {
        use TimerChange::{Set, Void};
        let mut timers = Vec::new();
        let term_end = self.subscription.term_end();
        for event in &self.events {
            match event {
                Event::BillingStarted => {
                    timers.push(Void(TimerKind::PendingLimit));
                    timers.extend(term_end.map(|at| Set(TimerKind::TermEnd, at)));
                }
                Event::Renewed { .. } => {
                    timers.extend(term_end.map(|at| Set(TimerKind::TermEnd, at)));
                }
                Event::Suspended { until } => {
                    timers.push(Set(TimerKind::SuspendedLimit, *until));
                    timers.push(Void(TimerKind::TermEnd));
                }
                Event::Reinstated => {
                    timers.push(Void(TimerKind::SuspendedLimit));
                    // A term that ended meanwhile ends now.
                    let at = term_end.map(|at| at.max(self.subscription.modified_at));
                    timers.extend(at.map(|at| Set(TimerKind::TermEnd, at)));
                }
                Event::Unsubscribed { .. } => timers.extend([
                    Void(TimerKind::PendingLimit),
                    Void(TimerKind::SuspendedLimit),
                    Void(TimerKind::TermEnd),
                ]),
                _ => {}
            }
        }
        timers
    }
}

impl Subscription {
    /// Licenses that must be assigned for the first key: the quantity, 1 for a plan without seats.
    #[must_use]
    pub fn licenses_required(&self) -> i64 {
        self.quantity.unwrap_or(1)
    }

    /// Whether it renews at the end of its term.
    #[must_use]
    pub fn auto_renew(&self) -> bool {
        self.auto_renew_off_since.is_none()
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

    /// Refuses once it has ended, also where the timer of its end has not run yet.
    pub fn require_running(&self, at: Timestamp) -> Result<(), Refusal> {
        match self.status {
            Status::Unsubscribed { .. } => Err(Refusal::Ended),
            _ if self.is_past_limit(at) => Err(Refusal::Ended),
            _ => Ok(()),
        }
    }

    /// What it is now, as a target of changes.
    #[must_use]
    pub fn target(&self) -> Target {
        let Self { plan_id, quantity, unit_price, .. } = self;
        Target { plan_id: plan_id.clone(), quantity: *quantity, unit_price: *unit_price }
    }

    /// Last day of the term; provisional until billing starts.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.term_start.map(|start| self.term.last_day_to(start, self.anchor_day))
    }

    /// Midnight UTC after the last day of the term, once billing has started: it renews or ends there.
    #[must_use]
    pub fn term_end(&self) -> Option<Timestamp> {
        self.gate.billing_started_at()?;
        self.last_day().map(|last| midnight(last.saturating_add(1.day())))
    }

    /// When the running term began to be billed: the first one with billing, later ones at midnight of their first day.
    /// `None` before billing.
    #[must_use]
    pub fn term_began_at(&self) -> Option<Timestamp> {
        let started_at = self.gate.billing_started_at()?;
        Some(self.renewed_at().unwrap_or(started_at))
    }

    /// When the running term began, if it is not the first one.
    #[must_use]
    pub fn renewed_at(&self) -> Option<Timestamp> {
        let first_day = day_of(self.gate.billing_started_at()?);
        self.term_start.filter(|start| *start > first_day).map(midnight)
    }

    /// What the beneficiary may do (C30; interface.md, `soldBy`); the publisher may do no more for it (C39).
    #[must_use]
    pub fn customer_operations(&self) -> &'static [&'static str] {
        match self.sold_by {
            SoldBy::Partner => &["Read"],
            SoldBy::Customer => &["Delete", "Read", "Update"],
        }
    }

    /// What a customer, a partner or the marketplace may do now; `open`: an operation is.
    #[must_use]
    pub fn allowed_actions(&self, open: bool) -> Vec<&'static str> {
        let possible = |action: &&str| match *action {
            "changePlan" | "changeQuantity" | "reinstate" => !open,
            "renew" => self.may_renew().is_ok(),
            _ => true,
        };
        self.status.allowed_actions().iter().copied().filter(possible).collect()
    }

    /// `activate`: the second key, or both where the publisher is set so (C17-C21).
    pub fn activate(
        mut self,
        confirmation: LicenseConfirmation,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        let next = self.status.on(Happening::Activate, at)?;
        if self.is_past_limit(at) {
            return Err(Refusal::Ended);
        }
        let before = self.gate;
        self.status = next;
        if confirmation == LicenseConfirmation::WithActivation {
            self.gate = self.gate.licenses(true, at);
        }
        self.gate = self.gate.fulfillment(at);
        self.term_start = Some(day_of(at));
        self.turned(before, Vec::new(), at)
    }

    /// Whether what activate's body says may be so (fulfillment.md Q7, 1.3).
    pub fn check_activation(&self, sent: &Activation, rule: ActivateBody) -> Result<(), Refusal> {
        let required = rule == ActivateBody::Required;
        if rule == ActivateBody::Ignore {
            return Ok(());
        }
        let plan_fits = sent.plan.as_ref().map_or(!required, |plan| *plan == self.plan_id.as_str());
        if !plan_fits {
            let reason = format!("send the plan that was bought: {}", self.plan_id);
            return Err(Refusal::field("planId", reason));
        }
        let missing_is_fine = !required || self.quantity.is_none();
        let quantity_fits =
            sent.quantity.map_or(missing_is_fine, |sent| Some(sent) == self.quantity);
        if !quantity_fits {
            let reason = match self.quantity {
                Some(quantity) => format!("send the licenses that were bought: {quantity}"),
                None => "leave it out: the plan has a flat rate".to_owned(),
            };
            return Err(Refusal::field("quantity", reason));
        }
        Ok(())
    }

    /// Bought on a plan that activates by itself: the marketplace turns both keys (F9).
    pub fn activate_by_itself(mut self, at: Timestamp) -> Result<Change, Refusal> {
        let before = self.gate;
        self.status = self.status.on(Happening::Activate, at)?;
        self.gate = self.gate.licenses(true, at).fulfillment(at);
        self.turned(before, Vec::new(), at)
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
        self.turned(before, vec![Event::LicensesReplaced { assigned, required }], at)
    }

    /// Tells which keys moved since `before`, and starts billing if the second of them is in now.
    fn turned(
        mut self,
        before: Gate,
        mut events: Vec<Event>,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        self.modified_at = at;
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
}

#[cfg(test)]
pub(crate) mod tests;
