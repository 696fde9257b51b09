//! Carts.

use shared::ids::{CartId, CustomerId, PartnerId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::{Tx, for_update},
};
use crate::domain::cart::Cart;

macro_rules! select_cart {
    () => {
        "SELECT id, partner_id, customer_id, attested, lines, created_at, modified_at, \
         modified_by, expires_at, ordered, version FROM carts \
         WHERE sandbox_id = $1 AND id = $2 AND customer_id = $3 AND partner_id = $4"
    };
}

fn decode(row: &AnyRow) -> Result<Cart, Failure> {
    let reader = Reader { table: "carts", row };
    Ok(Cart {
        id: reader.parsed("id")?,
        partner_id: reader.parsed("partner_id")?,
        customer_id: reader.parsed("customer_id")?,
        attested: reader.int("attested")? == 1,
        lines: reader.json("lines")?,
        created_at: reader.at("created_at")?,
        modified_at: reader.at("modified_at")?,
        modified_by: reader.text("modified_by")?,
        expires_at: reader.at("expires_at")?,
        ordered: reader.maybe_json("ordered")?,
        version: reader.int("version")?,
    })
}

/// A partner's cart for a customer.
pub async fn find_cart(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    (partner, customer): (&PartnerId, CustomerId),
    id: CartId,
) -> Result<Option<Cart>, Failure> {
    let row = query(select_cart!())
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .bind(customer.to_string())
        .bind(partner.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// The same, locked for this transaction where the database has row locks.
pub async fn lock_cart(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (partner, customer): (&PartnerId, CustomerId),
    id: CartId,
) -> Result<Option<Cart>, Failure> {
    let row = for_update!(tx, select_cart!())
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .bind(customer.to_string())
        .bind(partner.as_str())
        .fetch_optional(tx.read())
        .await?;
    row.as_ref().map(decode).transpose()
}

/// Stores a new cart.
pub async fn insert_cart(tx: &mut Tx, sandbox: &SandboxId, new: &Cart) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO carts (sandbox_id, id, partner_id, customer_id, attested, lines, \
             created_at, modified_at, modified_by, expires_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.to_string())
        .bind(new.partner_id.as_str())
        .bind(new.customer_id.to_string())
        .bind(i64::from(new.attested))
        .bind(json(&new.lines)?)
        .bind(new.created_at.as_microsecond())
        .bind(new.modified_at.as_microsecond())
        .bind(new.modified_by.as_str())
        .bind(new.expires_at.as_microsecond())
        .bind(new.version),
    )
    .await
}

/// Stores a changed cart. It must still be at the version it was read with, else `Stale`.
pub async fn save_cart(tx: &mut Tx, sandbox: &SandboxId, changed: &Cart) -> Result<(), Failure> {
    let ordered = changed.ordered.as_ref().map(json).transpose()?;
    tx.write_one(
        query(
            "UPDATE carts SET attested = $1, lines = $2, modified_at = $3, modified_by = $4, \
             ordered = $5, version = version + 1 \
             WHERE sandbox_id = $6 AND id = $7 AND version = $8",
        )
        .bind(i64::from(changed.attested))
        .bind(json(&changed.lines)?)
        .bind(changed.modified_at.as_microsecond())
        .bind(changed.modified_by.as_str())
        .bind(ordered)
        .bind(sandbox.as_str())
        .bind(changed.id.to_string())
        .bind(changed.version),
    )
    .await
}
