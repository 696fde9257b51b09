//! App registrations as the authority knows them: found by client id, in whatever sandbox they live. Which tenants there
//! are.

use jiff::Timestamp;
use shared::{
    ids::{ClientId, PublisherId, SandboxId, TenantId},
    secret::Secret,
};
use sqlx::{AnyConnection, query};

use super::{codec::Reader, failure::Failure, publishers::app, sandboxes};
use crate::domain::{
    party::{App, SignInApp},
    sandbox::SandboxClock,
};

/// An app registration.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its sandbox.
    pub sandbox: SandboxId,
    /// The sandbox's clock.
    pub clock: SandboxClock,
    /// Whose it is.
    pub publisher: PublisherId,
    /// The publisher's name.
    pub publisher_name: String,
    /// The app.
    pub app: App,
    /// When its secret ends, real time.
    pub secret_expires_at: Option<Timestamp>,
    /// Whether its tenant has no service principal for it.
    pub no_principal: bool,
    /// Where codes may be sent, if people sign in by it.
    pub sign_in: Option<SignInApp>,
}

/// The registration with this client id: a publisher's app, or that of its landing page.
pub async fn registration(
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
         s.clock_offset_us AS clock_offset_us, s.frozen_at AS frozen_at \
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
        publisher: reader.parsed("id")?,
        publisher_name: reader.text("name")?,
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
