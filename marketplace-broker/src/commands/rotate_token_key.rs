//! A new key signs purchase tokens from now on; the older ones still verify. Called by `http/rehearsal/token_keys`.

use jiff::Timestamp;
use shared::{ids::SandboxId, purchase_token::TokenKey};

use super::record;
use crate::{
    domain::event::Event,
    store::{Command, Failure, Tx, insert_token_key},
};

/// Adds a key.
pub struct RotateTokenKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The key.
    pub key: TokenKey,
}

impl Command for RotateTokenKey {
    type Output = ();
    const NAME: &'static str = "rotateTokenKey";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        insert_token_key(tx, &self.sandbox, &self.key).await?;
        let event = Event::TokenKeyRotated { key_id: self.key.id.to_string() };
        record(tx, &self.sandbox, at, None, &event);
        Ok(())
    }
}
