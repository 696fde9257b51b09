//! Who calls on the partner face: a partner's app, by itself or for a user who has signed in (partner-center.md 3.1).

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use shared::ids::{ClientId, SandboxId};
use uuid::Uuid;

use super::{problem::Problem, rate::CALLS_MAX};
use crate::{
    app::App,
    domain::{
        access::{Errand, Roles},
        partner_refusal::PartnerRefusal,
        party::{Partner, User},
        policy::{GraphWindowsNet, PartnerRateLimit, Policy},
        refusal::Refusal,
        sandbox::SandboxClock,
    },
    http::{
        extract::{bearer, claims_of},
        notes::Notes,
    },
    key_ring::{Claims, GRAPH_WINDOWS_NET, PARTNER_AUDIENCES},
    store::Failure,
};

/// A partner's app with a sound bearer.
pub struct PartnerCaller {
    /// Its sandbox.
    pub sandbox: SandboxId,
    /// The sandbox's clock.
    pub clock: SandboxClock,
    /// How the sandbox behaves where sources are silent or disagree.
    pub policy: Policy,
    /// Whose app it is.
    pub partner: Arc<Partner>,
    /// The app.
    pub client: ClientId,
    /// Who has signed in; `None`: the app calls by itself (app-only).
    pub user: Option<SignedInUser>,
    /// What the bearer says.
    pub claims: Arc<Claims>,
}

/// A user of the partner, who has let its app call (App+User).
#[derive(Debug, Clone)]
pub struct SignedInUser {
    /// Its id in the partner's tenant.
    pub object_id: Uuid,
    /// Its user principal name.
    pub name: String,
    /// What it is in the partner's tenant.
    pub roles: Roles,
    /// Whether it has signed in with a second factor.
    pub mfa: bool,
}

impl PartnerCaller {
    /// Who buys what the caller orders.
    pub fn purchaser(&self) -> User {
        let signed_in = self.user.as_ref();
        self.partner.purchaser(signed_in.map(|user| (user.object_id, user.name.as_str())))
    }

    /// Whether the caller may run an errand (`domain/access.rs`).
    pub fn may(&self, errand: Errand) -> Result<(), Refusal> {
        Ok(errand.permit(self.user.as_ref().map(|user| user.roles))?)
    }

    /// The caller that a bearer stands for: its app id says who, its tenant must fit.
    async fn of(app: &App, token: Option<&str>) -> Result<Self, Failure> {
        let refused = |refusal: PartnerRefusal| Failure::from(Refusal::from(refusal));
        let bad = || refused(PartnerRefusal::BadBearer);
        let token = token.ok_or_else(|| refused(PartnerRefusal::NoBearer))?;
        let claims = claims_of(app, token, &PARTNER_AUDIENCES).await?.ok_or_else(bad)?;
        let client = claims.app().and_then(|app| app.parse().ok()).ok_or_else(bad)?;
        let found = app.store.partner_caller(client).await?.ok_or_else(bad)?;
        let untaken = claims.aud == GRAPH_WINDOWS_NET
            && found.policy.get::<GraphWindowsNet>() == GraphWindowsNet::Refuse;
        if found.partner.app.tenant_id.to_string() != claims.tid || untaken {
            return Err(bad());
        }
        let user = SignedInUser::of(&claims).ok_or_else(bad)?;
        Ok(Self {
            sandbox: found.sandbox.clone(),
            clock: found.clock,
            policy: found.policy,
            partner: found.partner.clone(),
            client,
            user,
            claims,
        })
    }

    /// Who it is, for log and journal.
    fn shown(&self) -> String {
        match &self.user {
            Some(user) => format!("partner {} ({})", self.partner.id, user.name),
            None => format!("partner {}", self.partner.id),
        }
    }
}

impl SignedInUser {
    /// The user of a token that says what it may for the user; `Some(None)`: none has signed in. `None`: it names
    /// nobody.
    fn of(claims: &Claims) -> Option<Option<Self>> {
        let Some(scopes) = &claims.scp else { return Some(None) };
        if !scopes.split(' ').any(|scope| scope == "user_impersonation") {
            return None;
        }
        Some(Some(Self {
            object_id: claims.oid.parse().ok()?,
            name: claims.upn.clone()?,
            roles: Roles::named(claims.roles.iter().map(String::as_str)),
            mfa: claims.amr.iter().any(|how| how == "mfa"),
        }))
    }
}

impl FromRequestParts<App> for PartnerCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let found = Self::of(app, bearer(&parts.headers)).await;
        let caller = found.map_err(|failure| Problem::from(failure).noted(&notes))?;
        notes.caller(caller.shown());
        notes.sandbox(&caller.sandbox, caller.clock);
        notes.policy(caller.policy);
        let refuse = |refusal: PartnerRefusal| Problem::from(refusal).noted(&notes);
        // MFA is enforced for users only (partner-center.md P-5).
        if let Some(user) = &caller.user {
            notes.mfa(user.mfa);
            if !user.mfa {
                return Err(refuse(PartnerRefusal::MfaNeeded));
            }
        }
        // What is under a customer is what is counted: customers, their orders and subscriptions (3.0).
        if caller.policy.get::<PartnerRateLimit>() == PartnerRateLimit::PerMinute500
            && parts.uri.path().starts_with("/v1/customers")
        {
            let tenant = caller.partner.app.tenant_id;
            if let Err(seconds) = app.partner_rates.count(tenant, CALLS_MAX, app.clock.now()) {
                return Err(refuse(PartnerRefusal::TooMany { seconds }));
            }
        }
        Ok(caller)
    }
}
