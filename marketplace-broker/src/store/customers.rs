//! Customers as their partners see them: whose they are, pages of them, new ones. Called by commands and queries of the
//! partner face.

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    codec::Reader,
    failure::Failure,
    partners::{decode_customer, select_customer},
    tx::{Tx, for_update},
};
use crate::domain::party::{Customer, Partner};

/// Those that are there and that partner $2, whose partner id is $3, works with: its own, its resellers', and those that
/// its provider made for it.
macro_rules! select_customer_of {
    ($rest:literal) => {
        select_customer!(
            "AND removed_at IS NULL AND (partner_id = $2 OR reseller_mpn = $3 OR partner_id IN \
             (SELECT id FROM partners WHERE sandbox_id = $1 AND provider_id = $2)) ",
            $rest
        )
    };
}

/// One customer that a partner works with.
pub async fn customer_of_partner(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    partner: &Partner,
    id: CustomerId,
) -> Result<Option<Customer>, Failure> {
    let row = query(select_customer_of!("AND id = $4"))
        .bind(sandbox.as_str())
        .bind(partner.id.as_str())
        .bind(partner.mpn_id.as_str())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode_customer).transpose()
}

/// So many customers that a partner works with after the place `after`, in order, each with its place.
pub async fn customers_page(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    partner: &Partner,
    (after, limit): (i64, i64),
) -> Result<Vec<(i64, Customer)>, Failure> {
    let rows = query(select_customer_of!("AND position > $4 ORDER BY position LIMIT $5"))
        .bind(sandbox.as_str())
        .bind(partner.id.as_str())
        .bind(partner.mpn_id.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?;
    rows.iter().map(placed).collect()
}

fn placed(row: &AnyRow) -> Result<(i64, Customer), Failure> {
    let position = Reader { table: "customers", row }.int("position")?;
    Ok((position, decode_customer(row)?))
}

/// What a new customer must not collide with. The sandbox must be locked.
#[derive(Debug)]
pub struct Room {
    /// The next free place.
    pub position: i64,
    /// Customers of the partner that are there.
    pub customers: i64,
    /// Whether the domain is somebody's who is there.
    pub domain_taken: bool,
}

/// Looks for room for a customer of a partner with this domain.
pub async fn room_for_customer(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    partner: &Partner,
    domain: &str,
) -> Result<Room, Failure> {
    let row = query(
        "SELECT COALESCE(MAX(position), -1) + 1, \
         (SELECT COUNT(id) FROM customers WHERE sandbox_id = $1 AND partner_id = $2 \
          AND removed_at IS NULL), \
         (SELECT COUNT(id) FROM customers WHERE sandbox_id = $1 AND domain = $3 \
          AND removed_at IS NULL) \
         FROM customers WHERE sandbox_id = $1",
    )
    .bind(sandbox.as_str())
    .bind(partner.id.as_str())
    .bind(domain)
    .fetch_one(conn)
    .await?;
    let taken: i64 = row.try_get(2)?;
    Ok(Room { position: row.try_get(0)?, customers: row.try_get(1)?, domain_taken: taken > 0 })
}

/// Locks a customer that is there, so that nothing is sold to it and nothing confirmed for it meanwhile.
pub async fn lock_customer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: CustomerId,
) -> Result<Option<Customer>, Failure> {
    let row = for_update!(tx, select_customer!("AND id = $2 AND removed_at IS NULL"))
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(tx.read())
        .await?;
    row.as_ref().map(decode_customer).transpose()
}

/// Lets a customer go.
pub async fn remove_customer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: CustomerId,
    at: Timestamp,
) -> Result<(), Failure> {
    tx.write_one(
        query("UPDATE customers SET removed_at = $1 WHERE sandbox_id = $2 AND id = $3")
            .bind(at.as_microsecond())
            .bind(sandbox.as_str())
            .bind(id.to_string()),
    )
    .await
}

/// Subscriptions of a customer that have not ended.
pub async fn live_subscriptions(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
) -> Result<i64, Failure> {
    let row = query(
        "SELECT COUNT(id) FROM subscriptions WHERE sandbox_id = $1 AND customer_id = $2 \
         AND status <> 'Unsubscribed'",
    )
    .bind(sandbox.as_str())
    .bind(customer.to_string())
    .fetch_one(conn)
    .await?;
    Ok(row.try_get(0)?)
}
