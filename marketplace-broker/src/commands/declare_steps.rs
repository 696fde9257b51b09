//! A publisher, or the operator for it, says what must be done before some changes (S17). Called by
//! `http/fulfillment/publisher_steps` and `http/rehearsal/publisher_steps`.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, StepId, SubscriptionId};

use super::{record, require_subscription_of};
use crate::{
    domain::{
        event::Event,
        publisher_step::{Declarer, PublisherStep, Steps, Wanted},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, replace_steps, steps_of},
};

/// Replaces the steps of whoever asks; those of the other one stay.
pub struct DeclareSteps {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who asks; `None`: the operator, for whichever publisher it is.
    pub publisher: Option<PublisherId>,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// The steps, or why the body could not be read; refused after id and state.
    pub wanted: Result<Vec<Wanted>, Refusal>,
}

impl Command for DeclareSteps {
    type Output = Steps;
    const NAME: &'static str = "declareSteps";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Steps, Failure> {
        let whose = self.publisher.as_ref();
        let found = require_subscription_of(tx, &self.sandbox, whose, self.subscription).await?;
        found.require_running(at)?;
        let before = steps_of(tx.read(), &self.sandbox, self.subscription).await?;
        let by = match self.publisher {
            Some(_) => Declarer::Publisher,
            None => Declarer::Operator,
        };
        let steps = before.declare(by, self.wanted.clone()?)?;
        if steps != before {
            replace_steps(tx, &self.sandbox, self.subscription, &steps).await?;
            let ids = steps.iter().map(|step| step.id.clone()).collect();
            let event = Event::PublisherStepsDeclared { by, steps: ids };
            record(tx, &self.sandbox, at, Some(self.subscription), &event);
        }
        Ok(steps)
    }
}

/// Marks one step as done. It may be repeated.
pub struct FinishStep {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who asks; `None`: the operator.
    pub publisher: Option<PublisherId>,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Which step, or why it can be none.
    pub step: Result<StepId, Refusal>,
}

impl Command for FinishStep {
    type Output = PublisherStep;
    const NAME: &'static str = "finishStep";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<PublisherStep, Failure> {
        let whose = self.publisher.as_ref();
        let found = require_subscription_of(tx, &self.sandbox, whose, self.subscription).await?;
        found.require_running(at)?;
        let before = steps_of(tx.read(), &self.sandbox, self.subscription).await?;
        let (steps, step) = before.done(&self.step.clone()?, at)?;
        if steps != before {
            replace_steps(tx, &self.sandbox, self.subscription, &steps).await?;
            let event = Event::PublisherStepDone { step: step.id.clone() };
            record(tx, &self.sandbox, at, Some(self.subscription), &event);
        }
        Ok(step)
    }
}
