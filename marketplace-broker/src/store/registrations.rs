//! App registrations as the authority knows them: found by client id, in whatever sandbox they live. Which tenants there
//! are.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use shared::{
    ids::{ClientId, PublisherId, SandboxId, TenantId},
    secret::Secret,
};
use sqlx::{AnyConnection, query};

use super::{
    codec::Reader, failure::Failure, partners::partner_app_of_client, publishers::app, sandboxes,
};
use crate::domain::{
    identity::Asker,
    party::{App, Partner, SignInApp},
    policy::Policy,
    sandbox::SandboxClock,
};

/// Whose an app is.
#[derive(Debug, Clone)]
pub enum Owner {
    /// A publisher's.
    Publisher(PublisherId),
    /// A partner's.
    Partner(Arc<Partner>),
}

impl Owner {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Publisher(id) => id.as_str(),
            Self::Partner(partner) => partner.id.as_str(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Publisher(_) => "publisher",
            Self::Partner(_) => "partner",
        };
        write!(f, "{kind} {}", self.id())
    }
}

/// An app registration.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its sandbox.
    pub sandbox: SandboxId,
    /// The sandbox's clock.
    pub clock: SandboxClock,
    /// How the sandbox behaves where sources are silent or disagree.
    pub policy: Policy,
    /// Whose it is.
    pub owner: Owner,
    /// The owner's name.
    pub owner_name: String,
    /// The app.
    pub app: App,
    /// When its secret ends, real time.
    pub secret_expires_at: Option<Timestamp>,
    /// Whether its tenant has no service principal for it.
    pub no_principal: bool,
    /// Where codes may be sent, if people sign in by it.
    pub sign_in: Option<SignInApp>,
}

impl Registration {
    /// Where codes may be sent; `None`: nobody signs in by this app. `bundled` is where the bundled publisher is.
    #[must_use]
    pub fn redirect_uris(&self, bundled: Option<&str>) -> Option<Vec<String>> {
        match &self.owner {
            Owner::Publisher(id) => {
                Some(self.sign_in.as_ref()?.redirect_uris(&self.sandbox, id, bundled))
            }
            Owner::Partner(partner) => Some(partner.redirect_uris()),
        }
    }

    /// Whose app asks.
    #[must_use]
    pub fn asker(&self) -> Asker {
        match &self.owner {
            Owner::Publisher(_) => Asker::LandingPage,
            Owner::Partner(_) => Asker::Partner,
        }
    }

    /// Whether accounts of this tenant sign in by it: a partner's app is its tenant's own.
    #[must_use]
    pub fn admits(&self, tenant: TenantId) -> bool {
        self.asker() == Asker::LandingPage || tenant == self.app.tenant_id
    }
}

/// The registration with this client id: a publisher's app, that of its landing page, or a partner's app.
pub async fn registration(
    conn: &mut AnyConnection,
    client: ClientId,
) -> Result<Option<Registration>, Failure> {
    // Publishers' programs ask most often, so they are looked for first.
    match of_publisher(&mut *conn, client).await? {
        Some(found) => Ok(Some(found)),
        None => of_partner(conn, client).await,
    }
}

async fn of_partner(
    conn: &mut AnyConnection,
    client: ClientId,
) -> Result<Option<Registration>, Failure> {
    let Some(found) = partner_app_of_client(conn, client).await? else { return Ok(None) };
    Ok(Some(Registration {
        sandbox: found.sandbox,
        clock: found.clock,
        policy: found.policy,
        owner_name: found.partner.name.clone(),
        app: found.partner.app.clone(),
        owner: Owner::Partner(found.partner),
        secret_expires_at: None,
        no_principal: false,
        sign_in: None,
    }))
}

async fn of_publisher(
    conn: &mut AnyConnection,
    client: ClientId,
) -> Result<Option<Registration>, Failure> {
    let row = query(
        "SELECT p.sandbox_id AS sandbox_id, p.id AS id, p.name AS name, p.tenant_id AS tenant_id, \
         p.client_id AS client_id, p.client_secret AS client_secret, \
         p.client_secret_expires_at AS client_secret_expires_at, \
         p.service_principal_missing_since AS service_principal_missing_since, \
         p.sign_in_client_id AS sign_in_client_id, \
         p.sign_in_client_secret AS sign_in_client_secret, \
         p.sign_in_redirect_uris AS sign_in_redirect_uris, \
         s.clock_offset_us AS clock_offset_us, s.frozen_at AS frozen_at, \
         s.profile AS profile, s.quirks AS quirks \
         FROM publishers p JOIN sandboxes s ON s.id = p.sandbox_id \
         WHERE p.client_id = $1 OR p.sign_in_client_id = $1",
    )
    .bind(client.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = &row else { return Ok(None) };
    let reader = Reader { table: "publishers", row };
    let api = app(&reader)?;
    let for_calls = api.client_id == client;
    let sign_in = SignInApp {
        client_id: reader.parsed("sign_in_client_id")?,
        client_secret: Secret::new(reader.text("sign_in_client_secret")?),
        redirect_uris: reader.maybe_json("sign_in_redirect_uris")?,
    };
    let app = if for_calls {
        api
    } else {
        App {
            tenant_id: api.tenant_id,
            client_id: sign_in.client_id,
            client_secret: sign_in.client_secret.clone(),
        }
    };
    let no_principal = reader.maybe_at("service_principal_missing_since")?.is_some();
    Ok(Some(Registration {
        sandbox: reader.parsed("sandbox_id")?,
        clock: sandboxes::clock(&reader)?,
        policy: sandboxes::policy(&reader)?,
        owner: Owner::Publisher(reader.parsed("id")?),
        owner_name: reader.text("name")?,
        app,
        // What can be set to fail is the app that calls the API.
        secret_expires_at: reader.maybe_at("client_secret_expires_at")?.filter(|_| for_calls),
        no_principal: no_principal && for_calls,
        sign_in: (!for_calls).then_some(sign_in),
    }))
}

/// The sandbox in which a tenant is a publisher's, a partner's or a customer's.
pub async fn sandbox_of_tenant(
    conn: &mut AnyConnection,
    tenant: TenantId,
) -> Result<Option<SandboxId>, Failure> {
    let row = query(
        "SELECT sandbox_id FROM publishers WHERE tenant_id = $1 UNION ALL \
         SELECT sandbox_id FROM partners WHERE tenant_id = $1 UNION ALL \
         SELECT sandbox_id FROM customers WHERE id = $1 LIMIT 1",
    )
    .bind(tenant.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Reader { table: "publishers", row: &row }.parsed("sandbox_id")).transpose()
}

/// Whether a tenant is anybody's.
pub async fn tenant_exists(conn: &mut AnyConnection, tenant: TenantId) -> Result<bool, Failure> {
    Ok(sandbox_of_tenant(conn, tenant).await?.is_some())
}
