//! A sandbox signs its bearers, id tokens and webhooks with a new key of its own; older ones still verify for as long as
//! a token lives. Called by `http/rehearsal/signing_keys`.

use jiff::{SignedDuration, Timestamp};
use shared::ids::SandboxId;

use super::record;
use crate::{
    domain::{event::Event, identity::keys_over, refusal::Refusal},
    store::{
        Command, Failure, SigningKeyRow, Tx, delete_signing_key, insert_signing_key, signing_keys,
    },
};

/// Keys of one sandbox that are published side by side.
const KEYS_MAX: usize = 10;

/// Adds a key.
pub struct RotateSigningKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The key.
    pub key: SigningKeyRow,
}

impl Command for RotateSigningKey {
    type Output = ();
    const NAME: &'static str = "rotateSigningKey";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let real_now = tx.real_now(); // keys live in real time, as what they sign
        let mut own = signing_keys(tx.read()).await?;
        own.retain(|key| key.sandbox.as_ref() == Some(&self.sandbox));
        let since: Vec<_> = own.iter().map(|key| key.created_at).collect();
        let over = keys_over(&since, real_now);
        if own.len() - over >= KEYS_MAX {
            let reason = format!(
                "a sandbox has {KEYS_MAX} signing keys side by side at most; the oldest drops out by itself"
            );
            return Err(Refusal::Limit(reason).into());
        }
        for key in own.split_off(own.len() - over) {
            delete_signing_key(tx, &key.kid).await?;
        }
        let step = SignedDuration::from_micros(1);
        let created_at = since.first().map_or(real_now, |newest| real_now.max(*newest + step));
        let sandbox = Some(self.sandbox.clone());
        insert_signing_key(tx, &SigningKeyRow { sandbox, created_at, ..self.key.clone() }).await?;
        let event = Event::SigningKeyRotated { key_id: self.key.kid.clone() };
        record(tx, &self.sandbox, at, None, &event);
        Ok(())
    }
}
