//! An app gets a public key that it may prove itself with, or loses one. Called by
//! `http/rehearsal/client_keys` and `partner_client_keys`.

use jiff::Timestamp;
use shared::ids::{ClientId, PartnerId, PublisherId, SandboxId};

use super::record;
use crate::{
    domain::{
        event::Event,
        identity::{CLIENT_KEYS_MAX, ClientKey},
        refusal::Refusal,
    },
    store::{
        Command, Failure, Tx, client_keys, delete_client_key, partner_for_update,
        publisher_for_update, put_client_key,
    },
};

/// Whose app a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOwner {
    /// A publisher, which has two.
    Publisher(PublisherId),
    /// A partner, which has one for everything.
    Partner(PartnerId),
}

/// Which of a publisher's apps; a partner's is both.
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
    pub owner: KeyOwner,
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
    pub owner: KeyOwner,
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
        let apps = apps(tx, &self.sandbox, &self.owner).await?;
        let client = match self.app {
            WhichApp::Api => apps.api,
            WhichApp::SignIn => apps.sign_in,
        };
        let known = client_keys(tx.read(), &self.sandbox, client).await?;
        let others = known.iter().filter(|key| key.kid != self.key.kid).count();
        if others >= CLIENT_KEYS_MAX {
            let reason = format!("an app has {CLIENT_KEYS_MAX} keys at most; drop one first");
            return Err(Refusal::Limit(reason).into());
        }
        let real_now = tx.real_now(); // keys live in real time
        put_client_key(tx, &self.sandbox, client, &self.key, real_now).await?;
        record(tx, &self.sandbox, at, None, &self.owner.configured());
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
        let apps = apps(tx, &self.sandbox, &self.owner).await?;
        for client in [apps.api, apps.sign_in] {
            dropped |= delete_client_key(tx, &self.sandbox, client, &self.kid).await?;
        }
        if !dropped {
            return Err(Refusal::unknown("Key", &self.kid).into());
        }
        record(tx, &self.sandbox, at, None, &self.owner.configured());
        Ok(())
    }
}

impl KeyOwner {
    /// What has happened to it.
    fn configured(&self) -> Event {
        match self {
            Self::Publisher(_) => Event::PublisherConfigured,
            Self::Partner(_) => Event::PartnerConfigured,
        }
    }
}

/// Apps by what they are for.
struct Apps {
    api: ClientId,
    sign_in: ClientId,
}

/// The apps of an owner, which is locked, so that keys are counted right.
async fn apps(tx: &mut Tx, sandbox: &SandboxId, owner: &KeyOwner) -> Result<Apps, Failure> {
    match owner {
        KeyOwner::Publisher(id) => {
            let found = publisher_for_update(tx, sandbox, Some(id)).await?;
            let (publisher, _) = found.ok_or_else(|| Refusal::unknown("Publisher", id))?;
            Ok(Apps { api: publisher.app.client_id, sign_in: publisher.sign_in.client_id })
        }
        KeyOwner::Partner(id) => {
            let found = partner_for_update(tx, sandbox, id).await?;
            let (partner, _) = found.ok_or_else(|| Refusal::unknown("Partner", id))?;
            let client = partner.app.client_id;
            Ok(Apps { api: client, sign_in: client })
        }
    }
}
