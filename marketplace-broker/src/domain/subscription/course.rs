//! What happens to a subscription after its purchase is finished, or instead of it: changes, suspension, renewal, end.
//! Each takes the subscription and gives the changed one with its events. Called by commands.

use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{
    super::{
        event::Event,
        metering::Standing,
        operation::{Operation, OperationAction, OperationSource, Target},
        policy::{FreeCancelWindow, LateCancel, Policy},
        refusal::Refusal,
        term::day_of,
        timer::SUSPENDED_LIMIT,
    },
    Change, EndReason, Happening, Status, Subscription,
};

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

    /// When a limit ends it, if nothing happens before; an ended one has no limit any more.
    fn runs_out_at(&self) -> Option<Timestamp> {
        let limits = match self.status {
            Status::Unsubscribed { .. } => return None,
            Status::Suspended { since } => [Some(since + SUSPENDED_LIMIT), None],
            Status::Subscribed if !self.auto_renew => [self.term_end(), None],
            Status::Subscribed | Status::PendingFulfillmentStart => [None, None],
        };
        let unfinished = self.gate.billing_started_at().is_none();
        let pending = unfinished.then(|| self.must_finish_by());
        limits.into_iter().chain([pending]).flatten().min()
    }

    /// Whether a limit has ended it by now, although its timer may not have run yet.
    fn has_run_out(&self, at: Timestamp) -> bool {
        self.runs_out_at().is_some_and(|limit| at >= limit)
    }

    /// Whether it takes usage now (fulfillment.md 4.5): while it is Subscribed, and after its end of the time before.
    #[must_use]
    pub fn standing(&self, at: Timestamp) -> Standing {
        const OVER: Standing = Standing::Inactive("Unsubscribed");
        let limit = self.runs_out_at().filter(|limit| at >= *limit);
        match (self.status, limit) {
            // The time before its end was spent in suspension.
            (Status::Unsubscribed { reason: EndReason::SuspendedLimit, .. }, _) => OVER,
            (Status::Unsubscribed { at: end, .. }, _)
                if self.gate.fulfillment_confirmed_at().is_some() =>
            {
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
        } else if !self.auto_renew {
            Err(not_now("this subscription does not renew: autoRenew is off"))
        } else {
            Ok(())
        }
    }

    /// Somebody asks for the renewal that the term's end would bring (S13, S15).
    pub fn renew(self, at: Timestamp) -> Result<Change, Refusal> {
        self.status.on(Happening::Renew, at)?;
        self.may_renew()?;
        self.next_term(at)
    }

    /// The term is over (S13, S14, S15). `None` when the timer is void: it has ended or is suspended, or the term
    /// was moved.
    #[must_use]
    pub fn reach_term_end(self, at: Timestamp) -> Option<Change> {
        if self.status != Status::Subscribed || self.term_end()? > at {
            return None;
        }
        let change = if self.auto_renew {
            self.next_term(at)
        } else {
            self.end(Happening::Expire, OperationSource::Azure, at)
        };
        change.ok()
    }

    fn next_term(mut self, at: Timestamp) -> Result<Change, Refusal> {
        if self.payment_fails_since.is_some() {
            return self.suspend(Happening::FailRenewal, at);
        }
        self.status = self.status.on(Happening::Renew, at)?;
        // The day after the old end; computed from the current start, so a clamped day stays clamped (F1).
        let first_day =
            self.term_start.map(|start| self.term.last_day(start).saturating_add(1.day()));
        self.term_start = first_day;
        let first_day = first_day.unwrap_or_else(|| day_of(at));
        let last_day = self.term.last_day(first_day);
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
