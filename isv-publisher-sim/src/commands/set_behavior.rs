//! Somebody chose how a publisher answers webhooks, or whether it reports usage, or both at once.

use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::{Behavior, Reporting},
    store::{Command, Error, Tx},
};

/// Keeps the choices; what is not chosen stays as it is.
#[derive(Debug)]
pub struct SetBehavior {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The publisher.
    pub publisher: PublisherId,
    /// How webhooks are answered.
    pub behavior: Option<Behavior>,
    /// Whether usage is reported.
    pub reporting: Option<Reporting>,
}

impl Command for SetBehavior {
    type Output = ();
    const NAME: &'static str = "setBehavior";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        if let Some(behavior) = self.behavior {
            tx.save_behavior(&self.sandbox, &self.publisher, behavior).await?;
        }
        if let Some(reporting) = self.reporting {
            tx.save_reporting(&self.sandbox, &self.publisher, reporting).await?;
        }
        Ok(())
    }
}
