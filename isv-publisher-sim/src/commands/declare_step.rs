//! The operator wants something done before a partner changes a subscription, and the marketplace is to hear of it.

use jiff::Timestamp;

use super::tell_steps;
use crate::{
    domain::{AccountKey, PublisherStep, Refusal, STEPS_MAX},
    store::{Command, Error, Tx},
};

/// Adds a step, and the call that tells of all of them.
#[derive(Debug)]
pub struct DeclareStep {
    /// The account.
    pub key: AccountKey,
    /// The step.
    pub step: PublisherStep,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for DeclareStep {
    type Output = ();
    const NAME: &'static str = "declareStep";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        account.may_have_steps()?;
        if tx.publisher_steps(&self.key).await?.len() >= STEPS_MAX {
            return Err(Refusal::TooManySteps.into());
        }
        tx.add_publisher_step(&self.key, &self.step).await?;
        tell_steps(tx, &account, &self.message_id, self.now).await
    }
}
