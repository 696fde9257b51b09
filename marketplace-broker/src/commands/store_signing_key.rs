//! The installation gets its RS256 key, unless it has one. Called by the key ring after start.

use jiff::Timestamp;
use shared::ids::SandboxId;

use crate::store::{Command, Failure, SigningKeyRow, Tx, insert_signing_key, signing_keys};

/// Stores a key if there is none yet; answers the keys that are there, newest first.
pub struct StoreSigningKey(pub SigningKeyRow);

impl Command for StoreSigningKey {
    type Output = Vec<SigningKeyRow>;
    const NAME: &'static str = "storeSigningKey";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Vec<SigningKeyRow>, Failure> {
        let stored = signing_keys(tx.read()).await?;
        if stored.iter().any(|key| key.sandbox.is_none()) {
            return Ok(stored);
        }
        let key = SigningKeyRow { created_at: at, ..self.0.clone() };
        insert_signing_key(tx, &key).await?;
        Ok(vec![key])
    }
}
