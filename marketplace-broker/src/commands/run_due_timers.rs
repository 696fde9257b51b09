//! What is due happens: one instant, one page of timers, one transaction. The timer worker and `clock advance` run
//! the same command, so a month that is advanced is a month that passed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId};

use super::{record, save};
use crate::{
    domain::{
        event::Event,
        operation::{Operation, OperationAction, OperationSource},
        sandbox::ClockMove,
        subscription::Subscription,
        timer::{Timer, TimerKind},
    },
    store::{
        Command, Failure, Tx, due_timers, end_timers, first_due, insert_operation, lock_clock,
        lock_subscription, save_clock,
    },
};

/// Runs the first instant at which something is due.
pub struct RunDueTimers {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Moves the clock there on the way: where the advance began, and how far it goes. `None`: only what is due now.
    pub advance: Option<(Timestamp, Timestamp)>,
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

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Ran, Failure> {
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
        end_timers(tx, &self.sandbox, &timers).await?;
        let mut happened = Vec::new();
        for timer in timers {
            let found = subscriptions.remove(&timer.subscription_id);
            let effective = match timer.kind {
                TimerKind::PendingLimit => self.end_unfinished(tx, &timer, found).await?,
            };
            if effective {
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
    /// The 30 days of a purchase are over. The instant is when it was due, however late this runs. False when the
    /// timer was void: both keys are in, or it has ended.
    async fn end_unfinished(
        &self,
        tx: &mut Tx,
        timer: &Timer,
        found: Option<Subscription>,
    ) -> Result<bool, Failure> {
        let change = found.and_then(|found| found.reach_pending_limit(timer.due_at));
        let Some(change) = change else { return Ok(false) };
        save(tx, &self.sandbox, &change, timer.due_at).await?;
        let operation = Operation {
            id: OperationId(timer.id), // the timer is used up: its id names what it made
            subscription_id: timer.subscription_id,
            action: OperationAction::Unsubscribe,
            source: OperationSource::Azure,
            at: timer.due_at,
        };
        insert_operation(tx, &self.sandbox, &operation).await?;
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
