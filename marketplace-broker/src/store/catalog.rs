//! Offers with their plans.

use shared::ids::{OfferId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

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
