//! The publisher answers a change with PATCH (C44 to C46). Called by `http/fulfillment/operations`.

use jiff::Timestamp;
use shared::ids::{OperationId, PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, operate, require_own_subscription};
use crate::{
    domain::{
        operation::{Answer, OperationEvent},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, find_operation},
};

/// Says Success or Failure.
pub struct AnswerOperation {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Which operation, or why the id could not be read.
    pub operation: Result<OperationId, Refusal>,
    /// What it says, or why that could not be read; refused after ids and state.
    pub answer: Result<Answer, Refusal>,
    /// What timers are named from.
    pub ids: IdSeed,
}

/// Whether the answer came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    InTime,
    /// The decision window was over; its timer had not run yet, and what it brings has happened now (C47).
    TooLate,
}

impl Command for AnswerOperation {
    type Output = Answered;
    const NAME: &'static str = "answerOperation";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Answered, Failure> {
        let found =
            require_own_subscription(tx, &self.sandbox, &self.publisher, self.subscription).await?;
        let id = self.operation.clone()?;
        let operation = find_operation(tx.read(), &self.sandbox, found.id, id).await?;
        let operation = operation.ok_or_else(|| Refusal::unknown("Operation", id))?;
        let policy = tx.policy(&self.sandbox).await?;
        operation.may_be_answered(policy.get())?;
        let answer = self.answer.clone()?;
        operation.check_answer(&answer, policy.get())?;
        let over = operation.window_closes_at(&policy).filter(|closes| *closes <= at);
        let (event, at, answered) = match over {
            Some(closed) => (OperationEvent::WindowClosed, closed, Answered::TooLate),
            None => match answer.decision {
                Some(decision) => (OperationEvent::Patched(decision), at, Answered::InTime),
                None => return Ok(Answered::InTime),
            },
        };
        let both = (operation, found);
        operate::happen(tx, &self.sandbox, both, event, (&mut self.ids.ids(), at)).await?;
        Ok(answered)
    }
}
