//! Somebody chose how a publisher answers webhooks.

use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::Behavior,
    store::{Command, Error, Tx},
};

/// Keeps the choice.
#[derive(Debug)]
pub struct SetBehavior {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The publisher.
    pub publisher: PublisherId,
    /// What was chosen.
    pub behavior: Behavior,
}

impl Command for SetBehavior {
    type Output = ();
    const NAME: &'static str = "setBehavior";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.save_behavior(&self.sandbox, &self.publisher, self.behavior).await
    }
}
