//! The operator takes a step back, and the marketplace is to hear of it.

use jiff::Timestamp;
use shared::ids::StepId;

use super::{require_step, tell_steps};
use crate::{
    domain::AccountKey,
    store::{Command, Error, Tx},
};

/// Takes a step off the list, and adds the call that tells of those that are left.
#[derive(Debug)]
pub struct RemoveStep {
    /// The account.
    pub key: AccountKey,
    /// The step.
    pub step: StepId,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for RemoveStep {
    type Output = ();
    const NAME: &'static str = "removeStep";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        let step = require_step(tx, &self.key, &self.step).await?;
        account.may_have_steps()?;
        tx.remove_publisher_step(&self.key, &step).await?;
        tell_steps(tx, &account, &self.message_id, self.now).await
    }
}
