//! What happens to a subscription after its purchase is finished, or instead of it: changes, suspension, renewal, end.
//! Each takes the subscription and gives the changed one with its events. Called by commands.

use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{
    super::{
        event::Event,
        metering::Standing,
        operation::{Operation, OperationAction, OperationSource, Target},
        policy::{FreeCancelWindow, LateCancel, Policy, RenewalDay},
        refusal::Refusal,
        term::day_of,
        timer::SUSPENDED_LIMIT,
    },
    Change, EndReason, Happening, Status, Subscription,
};

/// What decides whether a subscription takes usage and when a limit ends it: a part of it that is read by itself where
/// many are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearings {
    /// The fulfillment status.
    pub status: Status,
    /// Whether fulfillment was ever confirmed.
    pub is_activated: bool,
    /// Whether billing has started.
    pub is_billed: bool,
    /// Whether it renews.
    pub auto_renew: bool,
    /// Midnight after the last day of the term, once billing has started.
    pub term_end: Option<Timestamp>,
    /// Until when both keys must be in.
    pub must_finish_by: Timestamp,
}

impl Bearings {
    /// When a limit ends it, if nothing happens before; an ended one has no limit any more.
    fn runs_out_at(&self) -> Option<Timestamp> {
        let limit = match self.status {
            Status::Unsubscribed { .. } => return None,
            Status::Suspended { since } => Some(since + SUSPENDED_LIMIT),
            Status::Subscribed if !self.auto_renew => self.term_end,
            Status::Subscribed | Status::PendingFulfillmentStart => None,
        };
        let pending = (!self.is_billed).then_some(self.must_finish_by);
        [limit, pending].into_iter().flatten().min()
    }

    /// Whether it takes usage now (fulfillment.md 4.5): while it is Subscribed, and after its end of the time before.
    #[must_use]
    pub fn standing(&self, at: Timestamp) -> Standing {
        const OVER: Standing = Standing::Inactive("Unsubscribed");
        let limit = self.runs_out_at().filter(|limit| at >= *limit);
        match (self.status, limit) {
            // The time before its end was spent in suspension.
            (Status::Unsubscribed { reason: EndReason::SuspendedLimit, .. }, _) => OVER,
            (Status::Unsubscribed { at: end, .. }, _) if self.is_activated => {
                Standing::EndedAt(end)
            }
            (Status::Unsubscribed { .. }, _) => OVER, // never activated: there was nothing to use
            (Status::Subscribed, None) => Standing::Active,
            (Status::Subscribed, Some(limit)) => Standing::EndedAt(limit),
            (Status::Suspended { .. } | Status::PendingFulfillmentStart, Some(_)) => OVER,
            (Status::Suspended { .. } | Status::PendingFulfillmentStart, None) => {
                Standing::Inactive(self.status.name())
            }
        }
    }
}

impl Subscription {
    /// Whether plan or quantity may change at all, and may by its publisher (C38, C39).
    pub fn may_change(&self, source: OperationSource, at: Timestamp) -> Result<(), Refusal> {
        self.status.on(Happening::AskChange, at)?;
        if self.has_run_out(at) {
            return Err(Refusal::NotActive);
        }
        self.may_by(source, "Update")
    }

    /// Whether it may be canceled, and may by its publisher (C39).
    pub fn may_cancel(&self, source: OperationSource) -> Result<(), Refusal> {
        self.may_by(source, "Delete")
    }

    /// Whether the publisher's cancellation of `asked_at` comes too late for a term this long (F2).
    #[must_use]
    pub fn cancels_too_late(&self, asked_at: Timestamp, policy: &Policy) -> bool {
        let free = match policy.get() {
            FreeCancelWindow::ThreeDays => SignedDuration::from_hours(72),
            FreeCancelWindow::OneDay => SignedDuration::from_hours(24),
        };
        let months = self.term.months();
        let stays = match policy.get() {
            LateCancel::Allow => false,
            LateCancel::MultiYearFail => months >= 24 && self.billing_cycle.months() < months,
            LateCancel::AnnualAndLongerFail => months >= 12,
        };
        stays && self.gate.billing_started_at().is_some() && asked_at >= self.purchased_at + free
    }

    fn may_by(&self, source: OperationSource, operation: &'static str) -> Result<(), Refusal> {
        let allowed = self.customer_operations().contains(&operation);
        if source == OperationSource::Azure || allowed {
            Ok(())
        } else {
            Err(Refusal::NotAllowed { operation })
        }
    }

    /// What decides how far it has come.
    fn bearings(&self) -> Bearings {
        Bearings {
            status: self.status,
            is_activated: self.gate.fulfillment_confirmed_at().is_some(),
            is_billed: self.gate.billing_started_at().is_some(),
            auto_renew: self.auto_renew(),
            term_end: self.term_end(),
            must_finish_by: self.must_finish_by(),
        }
    }

    /// Whether a limit has ended it by now, although its timer may not have run yet.
    #[must_use]
    pub fn has_run_out(&self, at: Timestamp) -> bool {
        self.bearings().runs_out_at().is_some_and(|limit| at >= limit)
    }

    fn stands(&self, at: Timestamp) -> Result<(), Refusal> {
        if self.has_run_out(at) { Err(Refusal::Ended) } else { Ok(()) }
    }

    /// Changed without a key being turned.
    fn changed(self, events: Vec<Event>, at: Timestamp) -> Result<Change, Refusal> {
        let gate = self.gate;
        self.turned(gate, events, at)
    }

    /// It ends because somebody cancels (S5, S6, S12, S16 of fulfillment.md 2.1).
    pub fn cancel(self, source: OperationSource, at: Timestamp) -> Result<Change, Refusal> {
        let happening = match source {
            OperationSource::Azure => Happening::Cancel,
            OperationSource::Partner => Happening::Delete,
        };
        self.end(happening, source, at)
    }

    fn end(
        mut self,
        happening: Happening,
        source: OperationSource,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        self.status = self.status.on(happening, at)?;
        let mut events = Vec::new();
        if let Status::Unsubscribed { reason, .. } = self.status {
            events.push(Event::Unsubscribed { reason, source });
        }
        self.changed(events, at)
    }

    /// The 30 days are over (S4). `None` when both keys are in or it has ended: the timer is void.
    #[must_use]
    pub fn reach_pending_limit(self, at: Timestamp) -> Option<Change> {
        if self.gate.billing_started_at().is_some() {
            return None;
        }
        self.end(Happening::PendingLimit, OperationSource::Azure, at).ok()
    }

    /// Thirty days in suspension are over (S11). `None` when it is not suspended, or not for so long.
    #[must_use]
    pub fn reach_suspended_limit(self, at: Timestamp) -> Option<Change> {
        match self.status {
            Status::Suspended { since } if at >= since + SUSPENDED_LIMIT => {
                self.end(Happening::SuspendedLimit, OperationSource::Azure, at).ok()
            }
            _ => None,
        }
    }

    /// It is suspended (S9), because the marketplace says so or the payment that is due failed.
    pub fn suspend(mut self, happening: Happening, at: Timestamp) -> Result<Change, Refusal> {
        let next = self.status.on(happening, at)?;
        self.stands(at)?;
        self.status = next;
        let until = at + SUSPENDED_LIMIT;
        self.changed(vec![Event::Suspended { until }], at)
    }

    /// The payment of the next renewal will fail (S15).
    pub fn fail_next_payment(mut self, at: Timestamp) -> Result<Change, Refusal> {
        self.status = self.status.on(Happening::FailNextPayment, at)?;
        self.stands(at)?;
        self.payment_fails_since = self.payment_fails_since.or(Some(at));
        self.changed(vec![Event::PaymentWillFail], at)
    }

    /// Whether the end of its suspension may be asked for (S10).
    pub fn may_reinstate(&self, at: Timestamp) -> Result<(), Refusal> {
        self.status.on(Happening::AskReinstate, at)?;
        self.stands(at)
    }

    /// Whether a new term can begin.
    pub(super) fn may_renew(&self) -> Result<(), Refusal> {
        let not_now = |reason| Refusal::NotNow { reason, allowed: Vec::new() };
        if self.gate.billing_started_at().is_none() {
            Err(not_now("a term renews only once billing has started"))
        } else if !self.auto_renew() {
            Err(not_now("this subscription does not renew: autoRenew is off"))
        } else {
            Ok(())
        }
    }

    /// Somebody asks for the renewal that the term's end would bring (S13, S15).
    pub fn renew(self, rule: RenewalDay, at: Timestamp) -> Result<Change, Refusal> {
        self.status.on(Happening::Renew, at)?;
        self.may_renew()?;
        self.next_term(rule, at)
    }

    /// The term is over (S13, S14, S15). `None` when the timer is void: it has ended or is suspended, or the term
    /// was moved.
    #[must_use]
    pub fn reach_term_end(self, rule: RenewalDay, at: Timestamp) -> Option<Change> {
        if self.status != Status::Subscribed || self.term_end()? > at {
            return None;
        }
        let change = if self.auto_renew() {
            self.next_term(rule, at)
        } else {
            self.end(Happening::Expire, OperationSource::Azure, at)
        };
        change.ok()
    }

    fn next_term(mut self, rule: RenewalDay, at: Timestamp) -> Result<Change, Refusal> {
        if self.payment_fails_since.is_some() {
            return self.suspend(Happening::FailRenewal, at);
        }
        self.status = self.status.on(Happening::Renew, at)?;
        // The day after the old end. A day that a short month has clamped stays so, unless the first term's counts (F1).
        let first_day =
            self.last_day().map_or_else(|| day_of(at), |last| last.saturating_add(1.day()));
        self.term_start = Some(first_day);
        self.anchor_day = match rule {
            RenewalDay::CurrentStart => None,
            RenewalDay::FirstStart => {
                self.gate.billing_started_at().map(|started| day_of(started).day())
            }
        };
        let last_day = self.term.last_day_to(first_day, self.anchor_day);
        self.changed(vec![Event::Renewed { first_day, last_day }], at)
    }

    /// An operation has succeeded: what it asked for is so (C44). Before billing starts, another number of licenses
    /// may complete the assigned set or make it incomplete; afterwards it never reopens the gate.
    pub fn apply(mut self, operation: &Operation, at: Timestamp) -> Result<Change, Refusal> {
        let before = self.gate;
        let mut events = Vec::new();
        match operation.action {
            OperationAction::ChangePlan | OperationAction::ChangeQuantity => {
                self.status = self.status.on(Happening::AskChange, at)?;
                let Target { plan_id, quantity, unit_price } = operation.target.clone();
                let (from, to) = (std::mem::replace(&mut self.plan_id, plan_id.clone()), plan_id);
                if from != to {
                    events.push(Event::PlanChanged { from, to });
                }
                let (from, to) = (std::mem::replace(&mut self.quantity, quantity), quantity);
                if from != to {
                    events.push(Event::QuantityChanged { from, to });
                }
                self.unit_price = unit_price;
                let complete = self.licenses_assigned >= self.licenses_required();
                self.gate = self.gate.licenses(complete, at);
            }
            OperationAction::Reinstate => {
                self.status = self.status.on(Happening::Reinstate, at)?;
                self.payment_fails_since = None;
                events.push(Event::Reinstated);
            }
            OperationAction::Renew
            | OperationAction::Suspend
            | OperationAction::Unsubscribe
            | OperationAction::Subscribe => {}
        }
        self.turned(before, events, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// It was bought on the first of January and its term ends with February.
    fn bearings(status: Status) -> Bearings {
        Bearings {
            status,
            is_activated: true,
            is_billed: true,
            auto_renew: true,
            term_end: Some(at("2027-03-01T00:00:00Z")),
            must_finish_by: at("2027-01-31T00:00:00Z"),
        }
    }

    #[test]
    fn usage_is_taken_while_it_is_subscribed_and_of_the_time_before_its_end() {
        let (now, late) = (at("2027-02-10T00:00:00Z"), at("2027-03-01T00:00:00Z"));
        let active = bearings(Status::Subscribed);
        assert_eq!(active.standing(late), Standing::Active, "it renews");
        let last_term = Bearings { auto_renew: false, ..active };
        assert_eq!(last_term.standing(now), Standing::Active);
        assert_eq!(last_term.standing(late), Standing::EndedAt(late), "before its timer ran");
        let unbilled = Bearings { is_billed: false, term_end: None, ..active };
        assert_eq!(unbilled.standing(at("2027-01-30T00:00:00Z")), Standing::Active);
        assert_eq!(unbilled.standing(now), Standing::EndedAt(at("2027-01-31T00:00:00Z")));
        let pending = bearings(Status::PendingFulfillmentStart);
        assert_eq!(pending.standing(now), Standing::Inactive("PendingFulfillmentStart"));
        let since = at("2027-01-15T00:00:00Z");
        let suspended = bearings(Status::Suspended { since });
        assert_eq!(suspended.standing(now), Standing::Inactive("Suspended"));
        assert_eq!(suspended.standing(since + SUSPENDED_LIMIT), Standing::Inactive("Unsubscribed"));
    }

    #[test]
    fn an_end_by_suspension_or_without_activation_leaves_nothing_to_report() {
        let now = at("2027-02-10T00:00:00Z");
        for reason in EndReason::ALL {
            let ended = bearings(Status::Unsubscribed { at: now, reason });
            let never = Bearings { is_activated: false, ..ended };
            assert_eq!(never.standing(now), Standing::Inactive("Unsubscribed"), "{reason:?}");
            let expected = match reason {
                EndReason::SuspendedLimit => Standing::Inactive("Unsubscribed"),
                _ => Standing::EndedAt(now),
            };
            assert_eq!(ended.standing(now), expected, "{reason:?}");
        }
    }
}
