//! A publisher's landing page, webhook and way of confirming licenses are set. Called by `http/rehearsal/publisher`
//! and at start-up for the flags.

use jiff::Timestamp;
use shared::{
    ids::{PublisherId, SandboxId},
    secret::Secret,
};

use super::record;
use crate::{
    domain::{
        event::Event,
        party::{LicenseConfirmation, Publisher, TokenVersion},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, publisher_for_update, save_publisher},
};

/// What to set: `None` keeps, `Some(None)` goes back to the default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The landing page; checked.
    pub landing_page_url: Option<Option<String>>,
    /// The webhook; checked.
    pub webhook_url: Option<Option<String>>,
    /// How the first key is turned.
    pub license_confirmation: Option<Option<LicenseConfirmation>>,
    /// The shape of its webhooks' token.
    pub webhook_token_version: Option<Option<TokenVersion>>,
    /// When its app's secret ends, real time.
    pub secret_expires_at: Option<Option<Timestamp>>,
    /// Whether its tenant has a service principal for its app; one is missing since this change.
    pub has_principal: Option<bool>,
    /// Where codes for its landing page may be sent; checked.
    pub redirect_uris: Option<Option<Vec<String>>>,
    /// Whether its webhooks are signed; a secret that is there already stays.
    pub webhook_signed: Option<bool>,
}

impl Settings {
    /// Whether anything is set at all.
    #[must_use]
    pub fn is_something(&self) -> bool {
        self.landing_page_url.is_some()
            || self.webhook_url.is_some()
            || self.license_confirmation.is_some()
            || self.webhook_token_version.is_some()
            || self.secret_expires_at.is_some()
            || self.has_principal.is_some()
            || self.redirect_uris.is_some()
            || self.webhook_signed.is_some()
    }
}

/// Sets a publisher's settings.
pub struct ConfigurePublisher {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose; the first publisher's if absent.
    pub publisher: Option<PublisherId>,
    /// What.
    pub settings: Settings,
    /// The secret that its webhooks are signed with, if they are from now on.
    pub webhook_secret: Secret<String>,
}

impl Command for ConfigurePublisher {
    type Output = Publisher;
    const NAME: &'static str = "configurePublisher";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Publisher, Failure> {
        let found = publisher_for_update(tx, &self.sandbox, self.publisher.as_ref()).await?;
        let (mut publisher, version) = found.ok_or_else(|| {
            let asked = self.publisher.as_ref().map_or("(the first)", PublisherId::as_str);
            Refusal::unknown("Publisher", asked)
        })?;
        let Settings {
            landing_page_url,
            webhook_url,
            license_confirmation,
            webhook_token_version,
            secret_expires_at,
            has_principal,
            redirect_uris,
            webhook_signed,
        } = self.settings.clone();
        if let Some(url) = landing_page_url {
            publisher.landing_page_url = url;
        }
        if let Some(url) = webhook_url {
            publisher.webhook_url = url;
        }
        if let Some(confirmation) = license_confirmation {
            publisher.license_confirmation = confirmation.unwrap_or_default();
        }
        if let Some(version) = webhook_token_version {
            publisher.webhook_token_version = version.unwrap_or_default();
        }
        if let Some(end) = secret_expires_at {
            publisher.secret_expires_at = end;
        }
        if let Some(has) = has_principal {
            publisher.principal_missing_since = (!has).then_some(tx.real_now());
        }
        if let Some(uris) = redirect_uris {
            publisher.sign_in.redirect_uris = uris;
        }
        match (webhook_signed, &publisher.webhook_secret) {
            (Some(true), None) => publisher.webhook_secret = Some(self.webhook_secret.clone()),
            (Some(false), _) => publisher.webhook_secret = None,
            (Some(true), Some(_)) | (None, _) => {}
        }
        save_publisher(tx, &self.sandbox, &publisher, version).await?;
        record(tx, &self.sandbox, at, None, &Event::PublisherConfigured);
        Ok(publisher)
    }
}
