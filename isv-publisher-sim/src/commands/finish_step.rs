//! A step is done, by whoever it was asked of or in the operator's word, and the marketplace is to hear of it.

use jiff::Timestamp;
use shared::ids::StepId;

use super::{require_step, tell_steps};
use crate::{
    domain::AccountKey,
    store::{Command, Error, Tx},
};

/// Marks a step as done, and adds the call that tells of it. It may be repeated.
#[derive(Debug)]
pub struct FinishStep {
    /// The account.
    pub key: AccountKey,
    /// The step.
    pub step: StepId,
    /// Sandbox time.
    pub at: Timestamp,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for FinishStep {
    type Output = ();
    const NAME: &'static str = "finishStep";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        let step = require_step(tx, &self.key, &self.step).await?;
        if step.done_at.is_some() {
            return Ok(());
        }
        account.may_have_steps()?;
        tx.finish_publisher_step(&self.key, &step, self.at).await?;
        tell_steps(tx, &account, &self.message_id, self.now).await
    }
}
