//! What is due happens: one instant, one page of timers, one transaction. The timer worker and `clock advance` run
//! the same command, so a month that is advanced is a month that passed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use shared::ids::SandboxId;

use super::{IdSeed, Ids, act::renewal_action, operate, pick_up, record, save};
use crate::{
    domain::{
        event::Event,
        operation::{Operation, OperationAction, OperationEvent, OperationSource},
        policy::{ActivateEffect, PendingExpiryWebhook},
        sandbox::ClockMove,
        subscription::{Status, Subscription},
        timer::{Timer, TimerKind},
    },
    store::{
        Command, Failure, Tx, due_timers, end_timers, first_due, flush_timers, lock_clock,
        lock_subscription, open_operations, publisher, ready_again, save_clock,
    },
};

/// Runs the first instant at which something is due.
pub struct RunDueTimers {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Moves the clock there on the way: where the advance began, and how far it goes. `None`: only what is due now.
    pub advance: Option<(Timestamp, Timestamp)>,
    /// What operations and timers are named from.
    pub ids: IdSeed,
}

/// What was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// These took effect; there may be more.
    Page(Vec<Timer>),
    /// Nothing is due any more; an advance has reached its end.
    Done,
}

impl Command for RunDueTimers {
    type Output = Ran;
    const NAME: &'static str = "runDueTimers";
    // A page of subscriptions, each with its operation and its webhook; a busy PostgreSQL takes seconds for it.
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Ran, Failure> {
        flush_timers(tx).await?; // those that neighbours in this batch have set
        let horizon = self.advance.map_or(at, |(_, to)| to.max(at));
        let first = first_due(tx.read(), &self.sandbox).await?;
        let Some(first) = first.filter(|timer| timer.due_at <= horizon) else {
            self.arrive(tx, horizon).await?;
            return Ok(Ran::Done);
        };
        let timers = due_timers(tx, &self.sandbox, first.due_at).await?;
        // Subscriptions before timers and the sandbox last: the order in which every other command locks them.
        let mut subscriptions = BTreeMap::new();
        let ids: BTreeSet<_> = timers.iter().map(|timer| timer.subscription_id).collect();
        for id in ids {
            if let Some(found) = lock_subscription(tx, &self.sandbox, id).await? {
                subscriptions.insert(id, found);
            }
        }
        // Another broker may have run some of them while their subscriptions were waited for.
        let timers = end_timers(tx, &self.sandbox, timers).await?;
        let mut happened = Vec::new();
        let mut ids = self.ids.ids();
        for timer in timers {
            // Taken by the first timer of a subscription; a second one at this instant reads what the first left.
            let found = match subscriptions.remove(&timer.subscription_id) {
                Some(found) => Some(found),
                None => lock_subscription(tx, &self.sandbox, timer.subscription_id).await?,
            };
            let Some(found) = found else { continue };
            if self.run_one(tx, &timer, found, &mut ids).await? {
                happened.push(timer);
            }
        }
        if self.advance.is_some() {
            self.move_clock(tx, first.due_at).await?;
        }
        Ok(Ran::Page(happened))
    }
}

impl RunDueTimers {
    /// The instant is when it was due, however late this runs. False when the timer was void.
    async fn run_one(
        &self,
        tx: &mut Tx,
        timer: &Timer,
        found: Subscription,
        ids: &mut Ids,
    ) -> Result<bool, Failure> {
        let at = timer.due_at;
        let ended = |change| (change, OperationAction::Unsubscribe);
        let (change, action) = match timer.kind {
            TimerKind::PendingLimit => ended(found.reach_pending_limit(at)),
            TimerKind::SuspendedLimit => ended(found.reach_suspended_limit(at)),
            TimerKind::TermEnd => {
                let rule = tx.policy(&self.sandbox).await?.get();
                let change = found.reach_term_end(rule, at);
                let action = change.as_ref().map_or(OperationAction::Renew, renewal_action);
                (change, action)
            }
            TimerKind::Activation => return self.activate(tx, found, (ids, at)).await,
            TimerKind::OperationStart => return self.pick_up(tx, found, (ids, at)).await,
            TimerKind::DecisionWindow => return self.close_window(tx, found, (ids, at)).await,
            TimerKind::Redelivery => return ready_again(tx, &self.sandbox, found.id).await,
        };
        let Some(change) = change else { return Ok(false) };
        let silent = timer.kind == TimerKind::PendingLimit
            && tx.policy(&self.sandbox).await?.get::<PendingExpiryWebhook>()
                == PendingExpiryWebhook::Off;
        if silent {
            operate::change_silently(tx, &self.sandbox, &change, (ids, at)).await?;
            return Ok(true);
        }
        let what = (action, OperationSource::Azure);
        operate::change_and_tell(tx, &self.sandbox, &change, what, (ids, at)).await?;
        Ok(true)
    }

    /// An operation that the publisher started begins.
    async fn pick_up(
        &self,
        tx: &mut Tx,
        found: Subscription,
        how: (&mut Ids, Timestamp),
    ) -> Result<bool, Failure> {
        let open = open_operations(tx.read(), &self.sandbox, found.id).await?;
        let mut waiting = open.into_iter().filter(|open| open.is_picked_up_by(how.1));
        match waiting.next() {
            Some(open) => pick_up::pick_up(tx, &self.sandbox, (open, found), how).await,
            None => Ok(false),
        }
    }

    /// An activation that was received takes effect, or fails (fulfillment.md 1.3, S3), unless something came before it.
    async fn activate(
        &self,
        tx: &mut Tx,
        found: Subscription,
        (ids, at): (&mut Ids, Timestamp),
    ) -> Result<bool, Failure> {
        if tx.policy(&self.sandbox).await?.get::<ActivateEffect>() == ActivateEffect::Fails {
            if found.status != Status::PendingFulfillmentStart {
                return Ok(false);
            }
            let Ok(change) = found.cancel(OperationSource::Azure, at) else { return Ok(false) };
            let what = (OperationAction::Unsubscribe, OperationSource::Azure);
            operate::change_and_tell(tx, &self.sandbox, &change, what, (ids, at)).await?;
            return Ok(true);
        }
        let publisher = publisher(tx.read(), &self.sandbox, &found.publisher_id).await?;
        let how = publisher.map(|publisher| publisher.license_confirmation);
        let change = how.and_then(|how| found.activate(how, at).ok());
        let Some(change) = change else { return Ok(false) };
        save(tx, &self.sandbox, &change, ids, at).await?;
        Ok(true)
    }

    /// The publisher was silent for ten seconds: accepted (C47).
    async fn close_window(
        &self,
        tx: &mut Tx,
        found: Subscription,
        (ids, at): (&mut Ids, Timestamp),
    ) -> Result<bool, Failure> {
        let open = open_operations(tx.read(), &self.sandbox, found.id).await?;
        let policy = tx.policy(&self.sandbox).await?;
        let closes = |open: &Operation| open.window_closes_at(&policy);
        let closes_now = |open: &Operation| closes(open).is_some_and(|due| due <= at);
        let Some(open) = open.into_iter().find(closes_now) else { return Ok(false) };
        let both = (open, found);
        let event = OperationEvent::WindowClosed;
        operate::happen(tx, &self.sandbox, both, event, (ids, at)).await?;
        Ok(true)
    }

    async fn move_clock(&self, tx: &mut Tx, to: Timestamp) -> Result<(), Failure> {
        let moved = lock_clock(tx, &self.sandbox).await?.advanced(to, tx.real_now());
        save_clock(tx, &self.sandbox, moved).await
    }

    async fn arrive(&self, tx: &mut Tx, to: Timestamp) -> Result<(), Failure> {
        let Some((from, _)) = self.advance else { return Ok(()) };
        self.move_clock(tx, to).await?;
        let event = Event::ClockMoved { how: ClockMove::Advance, from };
        record(tx, &self.sandbox, to, None, &event);
        Ok(())
    }
}
