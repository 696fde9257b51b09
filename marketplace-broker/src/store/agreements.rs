//! What customers have agreed to.

use shared::ids::{CustomerId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::Tx,
};
use crate::domain::agreement::Agreement;

fn decode(row: &AnyRow) -> Result<Agreement, Failure> {
    let reader = Reader { table: "agreements", row };
    Ok(Agreement {
        customer_id: reader.parsed("customer_id")?,
        number: reader.int("number")?,
        kind: reader.text("agreement_type")?,
        template_id: reader.text("template_id")?,
        agreed_at: reader.at("agreed_at")?,
        contact: reader.json("contact")?,
        confirmed_by: reader.text("confirmed_by")?,
    })
}

/// Adds an acceptance.
pub async fn insert_agreement(
    tx: &mut Tx,
    sandbox: &SandboxId,
    new: &Agreement,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO agreements (sandbox_id, customer_id, number, agreement_type, \
             template_id, agreed_at, contact, confirmed_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(sandbox.as_str())
        .bind(new.customer_id.to_string())
        .bind(new.number)
        .bind(new.kind.as_str())
        .bind(new.template_id.as_str())
        .bind(new.agreed_at.as_microsecond())
        .bind(json(&new.contact)?)
        .bind(new.confirmed_by.as_str()),
    )
    .await
}

/// The acceptances of a customer, oldest first.
pub async fn agreements_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
) -> Result<Vec<Agreement>, Failure> {
    let rows = query(
        "SELECT customer_id, number, agreement_type, template_id, agreed_at, contact, \
         confirmed_by FROM agreements WHERE sandbox_id = $1 AND customer_id = $2 ORDER BY number",
    )
    .bind(sandbox.as_str())
    .bind(customer.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}
