//! A publisher from before landing pages signed their visitors in gets its registration. Called at start-up.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::party::SignInApp,
    store::{Command, Failure, Tx, give_sign_in},
};

/// Gives a publisher its registration, unless it has one.
pub struct GiveSignIn {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose.
    pub publisher: PublisherId,
    /// What.
    pub app: SignInApp,
}

impl Command for GiveSignIn {
    type Output = ();
    const NAME: &'static str = "giveSignIn";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // start-up asks for all sandboxes alike
    }

    async fn run(&self, tx: &mut Tx, _at: Timestamp) -> Result<(), Failure> {
        give_sign_in(tx, &self.sandbox, &self.publisher, &self.app).await
    }
}
