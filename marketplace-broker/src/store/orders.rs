//! Orders.

use shared::ids::{CustomerId, OfferId, OrderId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::Tx,
};
use crate::domain::order::{Holding, Order};

macro_rules! select_order {
    ($rest:literal) => {
        concat!(
            "SELECT id, alternate_id, partner_id, customer_id, currency, billing_cycle, lines, \
             created_at FROM orders WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

fn decode(row: &AnyRow) -> Result<Order, Failure> {
    let reader = Reader { table: "orders", row };
    Ok(Order {
        id: reader.parsed("id")?,
        alternate_id: reader.text("alternate_id")?,
        partner_id: reader.parsed("partner_id")?,
        customer_id: reader.parsed("customer_id")?,
        currency: reader.parsed("currency")?,
        billing_cycle: reader.parsed("billing_cycle")?,
        lines: reader.json("lines")?,
        created_at: reader.at("created_at")?,
    })
}

/// Stores a new order.
pub async fn insert_order(tx: &mut Tx, sandbox: &SandboxId, new: &Order) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO orders (sandbox_id, id, alternate_id, partner_id, customer_id, currency, \
             billing_cycle, lines, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.as_str())
        .bind(new.alternate_id.as_str())
        .bind(new.partner_id.as_str())
        .bind(new.customer_id.to_string())
        .bind(new.currency.code())
        .bind(new.billing_cycle.to_string())
        .bind(json(&new.lines)?)
        .bind(new.created_at.as_microsecond()),
    )
    .await
}

/// One order of a customer.
pub async fn find_order(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
    id: &OrderId,
) -> Result<Option<Order>, Failure> {
    let row = query(select_order!("AND customer_id = $2 AND id = $3"))
        .bind(sandbox.as_str())
        .bind(customer.to_string())
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// The orders of a customer, oldest first.
pub async fn orders_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
) -> Result<Vec<Order>, Failure> {
    let rows = query(select_order!("AND customer_id = $2 ORDER BY created_at, id"))
        .bind(sandbox.as_str())
        .bind(customer.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(decode).collect()
}

/// Subscriptions of a customer that have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    /// How many.
    pub all: i64,
    /// Those of one offer.
    pub of_offer: Holding,
}

/// What a customer has now. Whoever sells by it has locked the customer.
pub async fn owned(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
    offer: &OfferId,
) -> Result<Owned, Failure> {
    let row = query(
        "SELECT COUNT(id) AS live, COUNT(CASE WHEN offer_id = $3 THEN 1 END) AS of_offer, \
         COUNT(CASE WHEN offer_id = $3 AND status = 'Suspended' THEN 1 END) AS suspended \
         FROM subscriptions WHERE sandbox_id = $1 AND customer_id = $2 \
         AND status <> 'Unsubscribed'",
    )
    .bind(sandbox.as_str())
    .bind(customer.to_string())
    .bind(offer.as_str())
    .fetch_one(conn)
    .await?;
    let reader = Reader { table: "subscriptions", row: &row };
    let of_offer = Holding { alive: reader.int("of_offer")?, suspended: reader.int("suspended")? };
    Ok(Owned { all: reader.int("live")?, of_offer })
}
