//! Publishers and their apps; who calls on the publisher face.

use jiff::Timestamp;
use shared::{
    ids::{ClientId, PublisherId, SandboxId},
    secret::Secret,
};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    sandboxes,
    tx::{Tx, for_update},
};
use crate::domain::{
    party::{App, LicenseConfirmation, Publisher, SignInApp, TokenVersion},
    policy::Policy,
    sandbox::SandboxClock,
};

/// The app of a publisher or partner.
pub(super) fn app(reader: &Reader<'_>) -> Result<App, Failure> {
    Ok(App {
        tenant_id: reader.parsed("tenant_id")?,
        client_id: reader.parsed("client_id")?,
        client_secret: Secret::new(reader.text("client_secret")?),
    })
}

fn license_confirmation(reader: &Reader<'_>) -> Result<LicenseConfirmation, Failure> {
    match reader.text("license_confirmation")?.as_str() {
        "explicit" => Ok(LicenseConfirmation::Explicit),
        "withActivation" => Ok(LicenseConfirmation::WithActivation),
        _ => Err(reader.odd("license_confirmation")),
    }
}

fn license_confirmation_name(confirmation: LicenseConfirmation) -> &'static str {
    match confirmation {
        LicenseConfirmation::Explicit => "explicit",
        LicenseConfirmation::WithActivation => "withActivation",
    }
}

macro_rules! select_publisher {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, tenant_id, client_id, client_secret, landing_page_url, webhook_url, \
             license_confirmation, webhook_token_version, webhook_secret, sign_in_client_id, \
             sign_in_client_secret, sign_in_redirect_uris, client_secret_expires_at, \
             service_principal_missing_since, version \
             FROM publishers WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

fn decode_publisher(row: &AnyRow) -> Result<(Publisher, i64), Failure> {
    let reader = Reader { table: "publishers", row };
    let publisher = Publisher {
        id: reader.parsed("id")?,
        name: reader.text("name")?,
        app: app(&reader)?,
        secret_expires_at: reader.maybe_at("client_secret_expires_at")?,
        principal_missing_since: reader.maybe_at("service_principal_missing_since")?,
        sign_in: SignInApp {
            client_id: reader.parsed("sign_in_client_id")?,
            client_secret: Secret::new(reader.text("sign_in_client_secret")?),
            redirect_uris: reader.maybe_json("sign_in_redirect_uris")?,
        },
        landing_page_url: reader.maybe_text("landing_page_url")?,
        webhook_url: reader.maybe_text("webhook_url")?,
        license_confirmation: license_confirmation(&reader)?,
        webhook_token_version: match reader.text("webhook_token_version")?.as_str() {
            "v1" => TokenVersion::V1,
            "v2" => TokenVersion::V2,
            _ => return Err(reader.odd("webhook_token_version")),
        },
        webhook_secret: reader.maybe_text("webhook_secret")?.map(Secret::new),
    };
    Ok((publisher, reader.int("version")?))
}

/// Adds a publisher.
pub async fn insert_publisher(
    tx: &mut Tx,
    sandbox: &SandboxId,
    position: i64,
    new: &Publisher,
) -> Result<(), Failure> {
    tx.callers_changed = true;
    tx.write_one(
        query(
            "INSERT INTO publishers (sandbox_id, id, position, name, tenant_id, client_id, \
             client_secret, landing_page_url, webhook_url, license_confirmation, \
             sign_in_client_id, sign_in_client_secret, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.as_str())
        .bind(position)
        .bind(new.name.as_str())
        .bind(new.app.tenant_id.to_string())
        .bind(new.app.client_id.to_string())
        .bind(new.app.client_secret.expose().as_str())
        .bind(new.landing_page_url.as_deref())
        .bind(new.webhook_url.as_deref())
        .bind(license_confirmation_name(new.license_confirmation))
        .bind(new.sign_in.client_id.to_string())
        .bind(new.sign_in.client_secret.expose().as_str()),
    )
    .await
}

/// The publishers of a sandbox, in order.
pub async fn publishers(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<Vec<Publisher>, Failure> {
    let rows = query(select_publisher!("ORDER BY position"))
        .bind(sandbox.as_str())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok(decode_publisher(row)?.0)).collect()
}

/// One publisher.
pub async fn publisher(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: &PublisherId,
) -> Result<Option<Publisher>, Failure> {
    let row = query(select_publisher!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(|row| Ok(decode_publisher(row)?.0)).transpose()
}

/// A publisher with its version, locked; the first of the sandbox if no id is given.
pub async fn publisher_for_update(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: Option<&PublisherId>,
) -> Result<Option<(Publisher, i64)>, Failure> {
    let row = match id {
        Some(id) => {
            for_update!(tx, select_publisher!("AND id = $2"))
                .bind(sandbox.as_str())
                .bind(id.as_str())
                .fetch_optional(tx.read())
                .await?
        }
        None => {
            for_update!(tx, select_publisher!("ORDER BY position LIMIT 1"))
                .bind(sandbox.as_str())
                .fetch_optional(tx.read())
                .await?
        }
    };
    row.as_ref().map(decode_publisher).transpose()
}

/// Keeps a publisher's settings; it must still be at `version`.
pub async fn save_publisher(
    tx: &mut Tx,
    sandbox: &SandboxId,
    changed: &Publisher,
    version: i64,
) -> Result<(), Failure> {
    let redirect_uris = changed.sign_in.redirect_uris.as_ref().map(json).transpose()?;
    tx.callers_changed = true;
    tx.write_one(
        query(
            "UPDATE publishers SET landing_page_url = $1, webhook_url = $2, \
             license_confirmation = $3, webhook_token_version = $4, webhook_secret = $5, \
             sign_in_redirect_uris = $6, client_secret_expires_at = $7, \
             service_principal_missing_since = $8, version = version + 1 \
             WHERE sandbox_id = $9 AND id = $10 AND version = $11",
        )
        .bind(changed.landing_page_url.as_deref())
        .bind(changed.webhook_url.as_deref())
        .bind(license_confirmation_name(changed.license_confirmation))
        .bind(match changed.webhook_token_version {
            TokenVersion::V1 => "v1",
            TokenVersion::V2 => "v2",
        })
        .bind(changed.webhook_secret.as_ref().map(|secret| secret.expose().as_str()))
        .bind(redirect_uris)
        .bind(changed.secret_expires_at.map(Timestamp::as_microsecond))
        .bind(changed.principal_missing_since.map(Timestamp::as_microsecond))
        .bind(sandbox.as_str())
        .bind(changed.id.as_str())
        .bind(version),
    )
    .await
}

/// Publishers from before landing pages signed their visitors in: they have no registration for it yet.
pub async fn without_sign_in(
    conn: &mut AnyConnection,
) -> Result<Vec<(SandboxId, PublisherId)>, Failure> {
    let rows = query("SELECT sandbox_id, id FROM publishers WHERE sign_in_client_id IS NULL")
        .fetch_all(conn)
        .await?;
    let read = |row| {
        let reader = Reader { table: "publishers", row };
        Ok((reader.parsed("sandbox_id")?, reader.parsed("id")?))
    };
    rows.iter().map(read).collect()
}

/// Gives a publisher its registration for sign-in, unless another broker was faster.
pub async fn give_sign_in(
    tx: &mut Tx,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    new: &SignInApp,
) -> Result<(), Failure> {
    query(
        "UPDATE publishers SET sign_in_client_id = $1, sign_in_client_secret = $2, \
         version = version + 1 \
         WHERE sandbox_id = $3 AND id = $4 AND sign_in_client_id IS NULL",
    )
    .bind(new.client_id.to_string())
    .bind(new.client_secret.expose().as_str())
    .bind(sandbox.as_str())
    .bind(publisher.as_str())
    .execute(tx.write())
    .await?;
    Ok(())
}

/// Who calls on the publisher face: found from the bearer, with the sandbox it belongs to.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its sandbox.
    pub sandbox: SandboxId,
    /// The sandbox's clock.
    pub clock: SandboxClock,
    /// How the sandbox behaves where sources are silent or disagree.
    pub policy: Policy,
    /// Who it is.
    pub publisher: PublisherId,
    /// How it turns the first key.
    pub license_confirmation: LicenseConfirmation,
}

/// A publisher's app, for the token endpoint and for callers.
#[derive(Debug, Clone)]
pub struct PublisherApp {
    /// Who it belongs to.
    pub caller: Caller,
    /// The app.
    pub app: App,
}

/// The publisher's app with this client id, in whatever sandbox it lives.
pub async fn app_of_client(
    conn: &mut AnyConnection,
    client: ClientId,
) -> Result<Option<PublisherApp>, Failure> {
    let row = query(
        "SELECT p.sandbox_id AS sandbox_id, p.id AS id, p.tenant_id AS tenant_id, \
         p.client_id AS client_id, p.client_secret AS client_secret, \
         p.license_confirmation AS license_confirmation, s.clock_offset_us AS clock_offset_us, \
         s.frozen_at AS frozen_at, s.profile AS profile, s.quirks AS quirks FROM publishers p JOIN sandboxes s ON s.id = p.sandbox_id \
         WHERE p.client_id = $1",
    )
    .bind(client.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = &row else { return Ok(None) };
    let reader = Reader { table: "publishers", row };
    Ok(Some(PublisherApp {
        caller: Caller {
            sandbox: reader.parsed("sandbox_id")?,
            clock: sandboxes::clock(&reader)?,
            policy: sandboxes::policy(&reader)?,
            publisher: reader.parsed("id")?,
            license_confirmation: license_confirmation(&reader)?,
        },
        app: app(&reader)?,
    }))
}
