//! An app proves itself with an assertion: its `jti` is taken once. Called by the token endpoints.

use jiff::Timestamp;
use shared::{
    ids::{ClientId, SandboxId},
    secret::Secret,
};

use crate::store::{Command, Failure, Tx, hash_of, use_assertion};

/// Uses an assertion.
pub struct UseAssertion {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The app.
    pub client: ClientId,
    /// The assertion's own name.
    pub jti: Secret<String>,
    /// Until when it must be remembered.
    pub until: Timestamp,
}

impl Command for UseAssertion {
    /// Whether it is new.
    type Output = bool;
    const NAME: &'static str = "useAssertion";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // assertions live in real time
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<bool, Failure> {
        let hash = hash_of(&self.jti);
        use_assertion(tx, &self.sandbox, self.client, &hash, (at, self.until)).await
    }
}
