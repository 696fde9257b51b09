//! What a broker brings up to date before it serves, and the sandbox it makes at the first start.

use shared::{
    entropy::{self, Entropy, random_uuid},
    ids::{ClientId, SandboxId},
    webhook_signature::SignatureKey,
};

use super::StartError;
use crate::{
    commands::{
        ConfigurePublisher, CreateSandbox, ForgetLeases, GiveSignIn, IdSeed, PublisherSettings,
        SetTermEnds, World, client_secret,
    },
    config::{Config, Database},
    domain::{party::SignInApp, policy::Profile},
    http::{publisher_confirmation, token_key},
    store::{self, Store},
    workers,
};

/// Subscriptions that are brought up to date in one transaction.
const PAGE: i64 = 128;

/// What a broker does before it serves: leases of one that was killed are forgotten where no other can be, publishers
/// from before sign-in get their registration, and subscriptions from before terms could end their renewal timers.
pub(super) async fn take_over(
    store: &Store,
    database: &Database,
    entropy: &dyn Entropy,
) -> Result<(), StartError> {
    if let Database::Sqlite(_) = database {
        store.execute(ForgetLeases).await?;
    }
    let without = store::without_sign_in(&mut *store.read().await?).await?;
    for (sandbox, publisher) in without {
        let app = SignInApp {
            client_id: ClientId(random_uuid(entropy)),
            client_secret: client_secret(entropy),
            redirect_uris: None,
        };
        store.execute_in_turn(GiveSignIn { sandbox, publisher, app }).await?;
    }
    loop {
        let subscriptions = store::without_term_end(&mut *store.read().await?, PAGE).await?;
        if subscriptions.is_empty() {
            return Ok(());
        }
        let ids = IdSeed::new(entropy, store.real_now());
        store.execute(SetTermEnds { subscriptions, ids }).await?;
    }
}

/// Makes `default` at the first start, and sets its first publisher as the flags say.
pub(super) async fn first_sandbox(
    store: &Store,
    config: &Config,
    entropy: &dyn Entropy,
) -> Result<(), StartError> {
    let id: SandboxId = workers::default_sandbox();
    if store::sandbox(&mut *store.read().await?, &id).await?.is_none() {
        let world = World::believable(&id, "", store.real_now(), entropy)?;
        let token_key = token_key(entropy);
        let command = CreateSandbox {
            id: id.clone(),
            start_at: None,
            frozen: false,
            profile: Profile::Documented,
            world,
            token_key,
        };
        let made = store.execute(command).await;
        // Another broker on the same PostgreSQL may have been faster.
        if made.is_err() && store::sandbox(&mut *store.read().await?, &id).await?.is_none() {
            made?;
        }
    }
    let settings = PublisherSettings {
        landing_page_url: config.landing_page_url.as_ref().map(|url| Some(url.to_string())),
        webhook_url: config.webhook_url.as_ref().map(|url| Some(url.to_string())),
        license_confirmation: config
            .license_confirmation
            .map(|set| Some(publisher_confirmation(set))),
        ..PublisherSettings::default()
    };
    if settings.is_something() {
        let webhook_secret = SignatureKey::new(entropy::seed(entropy)).written();
        let command = ConfigurePublisher { sandbox: id, publisher: None, settings, webhook_secret };
        store.execute(command).await?;
    }
    Ok(())
}
