//! Charge lines.

use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{codec::Reader, failure::Failure, tx::Tx};
use crate::domain::{
    billing::{Charge, ChargeType},
    money::Money,
    term::{day_of, midnight},
};

fn decode(row: &AnyRow) -> Result<Charge, Failure> {
    let reader = Reader { table: "charges", row };
    Ok(Charge {
        charge_type: match reader.text("charge_type")?.as_str() {
            "new" => ChargeType::New,
            _ => return Err(reader.odd("charge_type")),
        },
        first_day: day_of(reader.at("first_day")?),
        last_day: day_of(reader.at("last_day")?),
        quantity: reader.int("quantity")?,
        unit_price: reader.parsed("unit_price")?,
        subtotal: Money { minor: reader.int("subtotal")?, currency: reader.parsed("currency")? },
        reference_id: reader.text("reference_id")?,
    })
}

/// Adds a line; `number` is its place among the lines of the subscription.
pub async fn insert_charge(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    number: i64,
    charge: &Charge,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO charges (sandbox_id, subscription_id, number, charge_type, first_day, \
             last_day, quantity, unit_price, subtotal, currency, reference_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(sandbox.as_str())
        .bind(subscription.to_string())
        .bind(number)
        .bind(charge.charge_type.name())
        .bind(midnight(charge.first_day).as_microsecond())
        .bind(midnight(charge.last_day).as_microsecond())
        .bind(charge.quantity)
        .bind(charge.unit_price.to_string())
        .bind(charge.subtotal.minor)
        .bind(charge.subtotal.currency.code())
        .bind(charge.reference_id.as_str()),
    )
    .await
}

/// The lines of a subscription, in the order they were made.
pub async fn charges_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Vec<Charge>, Failure> {
    let rows = query(
        "SELECT charge_type, first_day, last_day, quantity, unit_price, subtotal, currency, \
         reference_id FROM charges WHERE sandbox_id = $1 AND subscription_id = $2 ORDER BY number",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}
