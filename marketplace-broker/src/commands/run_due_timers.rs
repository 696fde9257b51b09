//! What is due happens: one instant, one page of timers, one transaction. The timer worker and `clock advance` run
//! the same command, so a month that is advanced is a month that passed.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId};

use super::{record, save};
use crate::{
    domain::{
        event::Event,
        operation::{Operation, OperationAction, OperationSource},
        sandbox::ClockMove,
        timer::{Timer, TimerKind},
    },
    store::{
        Command, Failure, Tx, due_timers, end_timers, first_due, insert_operation,
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
    /// These timers; there may be more.
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
        if self.advance.is_some() {
            self.move_clock(tx, first.due_at).await?;
        }
        end_timers(tx, &self.sandbox, &timers).await?;
        for timer in &timers {
            match timer.kind {
                TimerKind::PendingLimit => self.end_unfinished(tx, timer).await?,
            }
        }
        Ok(Ran::Page(timers))
    }
}

impl RunDueTimers {
    /// The 30 days of a purchase are over. The instant is when it was due, however late this runs.
    async fn end_unfinished(&self, tx: &mut Tx, timer: &Timer) -> Result<(), Failure> {
        let found = lock_subscription(tx, &self.sandbox, timer.subscription_id).await?;
        let change = found.and_then(|found| found.reach_pending_limit(timer.due_at));
        let Some(change) = change else { return Ok(()) };
        save(tx, &self.sandbox, &change, timer.due_at).await?;
        let operation = Operation {
            id: OperationId(timer.id), // the timer is used up: its id names what it made
            subscription_id: timer.subscription_id,
            action: OperationAction::Unsubscribe,
            source: OperationSource::Azure,
            at: timer.due_at,
        };
        insert_operation(tx, &self.sandbox, &operation).await
    }

    async fn move_clock(&self, tx: &mut Tx, to: Timestamp) -> Result<(), Failure> {
        let moved = tx.clock(&self.sandbox).await?.advanced(to, tx.real_now());
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
