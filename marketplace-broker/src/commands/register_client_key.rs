//! An app gets a public key that it may prove itself with, or loses one. Called by `http/rehearsal/client_keys`.

use jiff::Timestamp;
use shared::ids::{ClientId, PublisherId, SandboxId};

use super::record;
use crate::{
    domain::{
        event::Event,
        identity::{CLIENT_KEYS_MAX, ClientKey},
        refusal::Refusal,
    },
    store::{
        Command, Failure, Tx, client_keys, delete_client_key, publisher_for_update, put_client_key,
    },
};

/// Which of a publisher's apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichApp {
    /// The one that calls the API.
    Api,
    /// The one of its landing page.
    SignIn,
}

/// Registers a key, in place of one of the same name.
pub struct RegisterClientKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose.
    pub publisher: PublisherId,
    /// Which app.
    pub app: WhichApp,
    /// The key.
    pub key: ClientKey,
}

/// Drops a key.
pub struct DropClientKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose.
    pub publisher: PublisherId,
    /// Its name, in either app.
    pub kid: String,
}

impl Command for RegisterClientKey {
    type Output = ();
    const NAME: &'static str = "registerClientKey";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let apps = apps(tx, &self.sandbox, &self.publisher).await?;
        let client = match self.app {
            WhichApp::Api => apps[0],
            WhichApp::SignIn => apps[1],
        };
        let known = client_keys(tx.read(), &self.sandbox, client).await?;
        let others = known.iter().filter(|key| key.kid != self.key.kid).count();
        if others >= CLIENT_KEYS_MAX {
            let reason = format!("an app has {CLIENT_KEYS_MAX} keys at most; drop one first");
            return Err(Refusal::Limit(reason).into());
        }
        let real_now = tx.real_now(); // keys live in real time
        put_client_key(tx, &self.sandbox, client, &self.key, real_now).await?;
        record(tx, &self.sandbox, at, None, &Event::PublisherConfigured);
        Ok(())
    }
}

impl Command for DropClientKey {
    type Output = ();
    const NAME: &'static str = "dropClientKey";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let mut dropped = false;
        for client in apps(tx, &self.sandbox, &self.publisher).await? {
            dropped |= delete_client_key(tx, &self.sandbox, client, &self.kid).await?;
        }
        if !dropped {
            return Err(Refusal::unknown("Key", &self.kid).into());
        }
        record(tx, &self.sandbox, at, None, &Event::PublisherConfigured);
        Ok(())
    }
}

/// The apps of a publisher: for the API, for sign-in. The publisher is locked, so that keys are counted right.
async fn apps(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: &PublisherId,
) -> Result<[ClientId; 2], Failure> {
    let found = publisher_for_update(tx, sandbox, Some(id)).await?;
    let (publisher, _) = found.ok_or_else(|| Refusal::unknown("Publisher", id))?;
    Ok([publisher.app.client_id, publisher.sign_in.client_id])
}
