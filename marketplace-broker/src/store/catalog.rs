//! Offers with their plans.

use shared::ids::{OfferId, SandboxId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::Tx,
};
use crate::domain::catalog::Offer;

macro_rules! select_offer {
    ($rest:literal) => {
        concat!(
            "SELECT id, publisher_id, name, plans, position, revision, selling FROM offers \
             WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

fn decode_offer(row: &AnyRow) -> Result<Offer, Failure> {
    let reader = Reader { table: "offers", row };
    Ok(Offer {
        id: reader.parsed("id")?,
        publisher_id: reader.parsed("publisher_id")?,
        name: reader.text("name")?,
        plans: reader.json("plans")?,
        position: reader.int("position")?,
        revision: reader.int("revision")?,
        selling: reader.json("selling")?,
    })
}

/// Adds an offer.
pub async fn insert_offer(tx: &mut Tx, sandbox: &SandboxId, new: &Offer) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO offers (sandbox_id, id, position, publisher_id, name, plans, revision, \
             selling) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.as_str())
        .bind(new.position)
        .bind(new.publisher_id.as_str())
        .bind(new.name.as_str())
        .bind(json(&new.plans)?)
        .bind(new.revision)
        .bind(json(&new.selling)?),
    )
    .await
}

/// The offers of a sandbox, in order.
pub async fn offers(conn: &mut AnyConnection, sandbox: &SandboxId) -> Result<Vec<Offer>, Failure> {
    let rows =
        query(select_offer!("ORDER BY position")).bind(sandbox.as_str()).fetch_all(conn).await?;
    rows.iter().map(decode_offer).collect()
}

/// One offer.
pub async fn offer(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: &OfferId,
) -> Result<Option<Offer>, Failure> {
    let row = query(select_offer!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode_offer).transpose()
}

/// The offer at a place of the catalogue.
pub async fn offer_at(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    position: i64,
) -> Result<Option<Offer>, Failure> {
    let row = query(select_offer!("AND position = $2"))
        .bind(sandbox.as_str())
        .bind(position)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode_offer).transpose()
}

/// So many offers after the place `after`, in order. Offers that are added meanwhile have greater places: none is seen
/// twice, none is lost, and a page costs the same wherever it begins.
pub async fn offers_page(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    (after, limit): (i64, i64),
) -> Result<Vec<Offer>, Failure> {
    let rows = query(select_offer!("AND position > $2 ORDER BY position LIMIT $3"))
        .bind(sandbox.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?;
    rows.iter().map(decode_offer).collect()
}

/// The next free place of the catalogue. The sandbox must be locked.
pub async fn next_offer_place(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<i64, Failure> {
    let row = query("SELECT COALESCE(MAX(position), -1) + 1 FROM offers WHERE sandbox_id = $1")
        .bind(sandbox.as_str())
        .fetch_one(conn)
        .await?;
    Ok(row.try_get(0)?)
}

/// Keeps an offer that was changed; its revision says from which one.
pub async fn save_offer(tx: &mut Tx, sandbox: &SandboxId, changed: &Offer) -> Result<(), Failure> {
    tx.write_one(
        query(
            "UPDATE offers SET name = $1, plans = $2, selling = $3, revision = $4 \
             WHERE sandbox_id = $5 AND id = $6 AND revision = $4 - 1",
        )
        .bind(changed.name.as_str())
        .bind(json(&changed.plans)?)
        .bind(json(&changed.selling)?)
        .bind(changed.revision)
        .bind(sandbox.as_str())
        .bind(changed.id.as_str()),
    )
    .await
}
