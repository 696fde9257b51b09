//! A partner's redirect URIs, kind of account and agreement are set. Called by `http/rehearsal/partner`.

use jiff::Timestamp;
use shared::ids::{PartnerId, SandboxId};

use super::record;
use crate::{
    domain::{
        event::Event,
        party::{AccountKind, Partner},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, partner_for_update, save_partner},
};

/// What to set: `None` keeps.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where codes for its app may be sent; checked. `Some(None)` goes back to the usual ones.
    pub redirect_uris: Option<Option<Vec<String>>>,
    /// Whether it buys for real.
    pub account_kind: Option<AccountKind>,
    /// Whether it has signed the Microsoft Partner Agreement; since this change, unless it had before.
    pub agreement_signed: Option<bool>,
}

/// Sets a partner's settings.
pub struct ConfigurePartner {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose.
    pub partner: PartnerId,
    /// What.
    pub settings: Settings,
}

impl Command for ConfigurePartner {
    type Output = Partner;
    const NAME: &'static str = "configurePartner";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Partner, Failure> {
        let found = partner_for_update(tx, &self.sandbox, &self.partner).await?;
        let unknown = || Refusal::unknown("Partner", &self.partner);
        let (mut partner, version) = found.ok_or_else(unknown)?;
        let Settings { redirect_uris, account_kind, agreement_signed } = self.settings.clone();
        if let Some(uris) = redirect_uris {
            partner.redirect_uris = uris;
        }
        if let Some(kind) = account_kind {
            partner.account_kind = kind;
        }
        match agreement_signed {
            Some(true) => partner.agreement_signed_at = partner.agreement_signed_at.or(Some(at)),
            Some(false) => partner.agreement_signed_at = None,
            None => {}
        }
        save_partner(tx, &self.sandbox, &partner, version).await?;
        record(tx, &self.sandbox, at, None, &Event::PartnerConfigured);
        Ok(partner)
    }
}
