//! Partners and their customers; who calls on the partner face.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{ClientId, CustomerId, PartnerId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    publishers::app,
    sandboxes,
    tx::{Tx, for_update},
};
use crate::domain::{
    party::{AccountKind, Customer, Partner, PartnerKind},
    policy::Policy,
    sandbox::SandboxClock,
};

/// What [`decode_partner`] reads.
macro_rules! partner_columns {
    () => {
        "id, name, kind, tenant_id, client_id, client_secret, mpn_id, provider_id, buyer, \
         account_kind, agreement_signed_at, redirect_uris, version"
    };
}

macro_rules! select_partner {
    ($rest:literal) => {
        concat!("SELECT ", partner_columns!(), " FROM partners WHERE sandbox_id = $1 ", $rest)
    };
}

fn decode_partner(row: &AnyRow) -> Result<Partner, Failure> {
    let reader = Reader { table: "partners", row };
    Ok(Partner {
        id: reader.parsed("id")?,
        name: reader.text("name")?,
        kind: match reader.text("kind")?.as_str() {
            "directBill" => PartnerKind::DirectBill,
            "indirectProvider" => PartnerKind::IndirectProvider,
            "indirectReseller" => PartnerKind::IndirectReseller,
            _ => return Err(reader.odd("kind")),
        },
        app: app(&reader)?,
        mpn_id: reader.text("mpn_id")?,
        provider_id: match reader.maybe_text("provider_id")? {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| reader.odd("provider_id"))?),
        },
        buyer: reader.json("buyer")?,
        account_kind: account_kind(&reader)?,
        agreement_signed_at: reader.maybe_at("agreement_signed_at")?,
        redirect_uris: reader.maybe_json("redirect_uris")?,
    })
}

fn account_kind(reader: &Reader<'_>) -> Result<AccountKind, Failure> {
    let name = reader.text("account_kind")?;
    let found = AccountKind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| reader.odd("account_kind"))
}

/// Adds a partner.
pub async fn insert_partner(
    tx: &mut Tx,
    sandbox: &SandboxId,
    position: i64,
    new: &Partner,
) -> Result<(), Failure> {
    tx.callers_changed = true;
    tx.write_one(
        query(
            "INSERT INTO partners (sandbox_id, id, position, name, kind, tenant_id, client_id, \
             client_secret, mpn_id, provider_id, buyer, account_kind, agreement_signed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.as_str())
        .bind(position)
        .bind(new.name.as_str())
        .bind(new.kind.name())
        .bind(new.app.tenant_id.to_string())
        .bind(new.app.client_id.to_string())
        .bind(new.app.client_secret.expose().as_str())
        .bind(new.mpn_id.as_str())
        .bind(new.provider_id.as_ref().map(PartnerId::as_str))
        .bind(json(&new.buyer)?)
        .bind(new.account_kind.name())
        .bind(new.agreement_signed_at.map(Timestamp::as_microsecond)),
    )
    .await
}

/// The partners of a sandbox, in order.
pub async fn partners(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<Vec<Partner>, Failure> {
    let rows =
        query(select_partner!("ORDER BY position")).bind(sandbox.as_str()).fetch_all(conn).await?;
    rows.iter().map(decode_partner).collect()
}

/// One partner.
pub async fn partner(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: &PartnerId,
) -> Result<Option<Partner>, Failure> {
    let row = query(select_partner!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode_partner).transpose()
}

/// A partner's app, for the token endpoint and for callers: found by its client id, with the sandbox it belongs to.
#[derive(Debug, Clone)]
pub struct PartnerApp {
    /// Its sandbox.
    pub sandbox: SandboxId,
    /// The sandbox's clock.
    pub clock: SandboxClock,
    /// How the sandbox behaves where sources are silent or disagree.
    pub policy: Policy,
    /// Whose it is.
    pub partner: Arc<Partner>,
}

/// The partner's app with this client id, in whatever sandbox it lives.
pub async fn partner_app_of_client(
    conn: &mut AnyConnection,
    client: ClientId,
) -> Result<Option<PartnerApp>, Failure> {
    let row = query(concat!(
        "SELECT ",
        partner_columns!(),
        ", sandbox_id, clock_offset_us, frozen_at, profile, quirks FROM partners JOIN \
         (SELECT id AS joined_id, clock_offset_us, frozen_at, profile, quirks FROM sandboxes) s \
         ON joined_id = sandbox_id WHERE client_id = $1"
    ))
    .bind(client.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = &row else { return Ok(None) };
    let reader = Reader { table: "partners", row };
    Ok(Some(PartnerApp {
        sandbox: reader.parsed("sandbox_id")?,
        clock: sandboxes::clock(&reader)?,
        policy: sandboxes::policy(&reader)?,
        partner: Arc::new(decode_partner(row)?),
    }))
}

/// The partner with this Microsoft Partner Network id.
pub async fn partner_of_mpn(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    mpn_id: &str,
) -> Result<Option<Partner>, Failure> {
    let row = query(select_partner!("AND mpn_id = $2 ORDER BY position LIMIT 1"))
        .bind(sandbox.as_str())
        .bind(mpn_id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode_partner).transpose()
}

/// A partner with its version, locked.
pub async fn partner_for_update(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: &PartnerId,
) -> Result<Option<(Partner, i64)>, Failure> {
    let row = for_update!(tx, select_partner!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.as_str())
        .fetch_optional(tx.read())
        .await?;
    let Some(row) = &row else { return Ok(None) };
    let version = Reader { table: "partners", row }.int("version")?;
    Ok(Some((decode_partner(row)?, version)))
}

/// Keeps a partner's settings; it must still be at `version`.
pub async fn save_partner(
    tx: &mut Tx,
    sandbox: &SandboxId,
    changed: &Partner,
    version: i64,
) -> Result<(), Failure> {
    tx.callers_changed = true;
    tx.write_one(
        query(
            "UPDATE partners SET redirect_uris = $1, account_kind = $2, agreement_signed_at = $3, \
             version = version + 1 WHERE sandbox_id = $4 AND id = $5 AND version = $6",
        )
        .bind(changed.redirect_uris.as_ref().map(json).transpose()?)
        .bind(changed.account_kind.name())
        .bind(changed.agreement_signed_at.map(Timestamp::as_microsecond))
        .bind(sandbox.as_str())
        .bind(changed.id.as_str())
        .bind(version),
    )
    .await
}

macro_rules! select_customer {
    ($($rest:literal),+) => {
        concat!(
            "SELECT id, name, country, domain, partner_id, admin, profile, reseller_mpn, \
             removed_at, position FROM customers WHERE sandbox_id = $1 ",
            $($rest),+
        )
    };
}
pub(super) use select_customer;

pub(super) fn decode_customer(row: &AnyRow) -> Result<Customer, Failure> {
    let reader = Reader { table: "customers", row };
    Ok(Customer {
        id: reader.parsed("id")?,
        name: reader.text("name")?,
        country: reader.text("country")?,
        domain: reader.text("domain")?,
        partner_id: reader.parsed("partner_id")?,
        admin: reader.json("admin")?,
        profile: reader.json("profile")?,
        reseller_mpn: reader.maybe_text("reseller_mpn")?,
        removed_at: reader.maybe_at("removed_at")?,
    })
}

/// Adds a customer.
pub async fn insert_customer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    position: i64,
    new: &Customer,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO customers (sandbox_id, id, position, name, country, domain, partner_id, \
             admin, profile, reseller_mpn) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.to_string())
        .bind(position)
        .bind(new.name.as_str())
        .bind(new.country.as_str())
        .bind(new.domain.as_str())
        .bind(new.partner_id.as_str())
        .bind(json(&new.admin)?)
        .bind(json(&new.profile)?)
        .bind(new.reseller_mpn.as_deref()),
    )
    .await
}

/// The customers of a sandbox that are there, in order.
pub async fn customers(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<Vec<Customer>, Failure> {
    let rows = query(select_customer!("AND removed_at IS NULL ORDER BY position"))
        .bind(sandbox.as_str())
        .fetch_all(conn)
        .await?;
    rows.iter().map(decode_customer).collect()
}

/// One customer, removed or not; the first of the sandbox that is there if no id is given.
pub async fn customer(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: Option<CustomerId>,
) -> Result<Option<Customer>, Failure> {
    let row = match id {
        Some(id) => {
            query(select_customer!("AND id = $2"))
                .bind(sandbox.as_str())
                .bind(id.to_string())
                .fetch_optional(conn)
                .await?
        }
        None => {
            query(select_customer!("AND removed_at IS NULL ORDER BY position LIMIT 1"))
                .bind(sandbox.as_str())
                .fetch_optional(conn)
                .await?
        }
    };
    row.as_ref().map(decode_customer).transpose()
}
