//! Subscriptions: the one stored state.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::{Tx, for_update},
};
use crate::domain::{
    activation::Gate,
    subscription::{EndReason, SoldBy, Status, Subscription},
    term::{day_of, midnight},
};

macro_rules! select {
    () => {
        "SELECT id, order_id, publisher_id, offer_id, plan_id, name, customer_id, beneficiary, \
         purchaser, sold_by, quantity, term, billing_cycle, unit_price, currency, \
         auto_renew_off_at, purchased_at, status, suspended_at, ended_at, end_reason, \
         licenses_assigned_at, fulfillment_confirmed_at, billing_started_at, term_start, \
         licenses_assigned, version FROM subscriptions WHERE sandbox_id = $1 AND id = $2"
    };
}

fn decode(row: &AnyRow) -> Result<Subscription, Failure> {
    let reader = Reader { table: "subscriptions", row };
    let gate = gate(&reader)?;
    let status = status(&reader)?;
    Ok(Subscription {
        id: reader.parsed("id")?,
        order_id: reader.parsed("order_id")?,
        publisher_id: reader.parsed("publisher_id")?,
        offer_id: reader.parsed("offer_id")?,
        plan_id: reader.parsed("plan_id")?,
        name: reader.text("name")?,
        customer_id: reader.parsed("customer_id")?,
        beneficiary: reader.json("beneficiary")?,
        purchaser: reader.json("purchaser")?,
        sold_by: match reader.text("sold_by")?.as_str() {
            "partner" => SoldBy::Partner,
            "customer" => SoldBy::Customer,
            _ => return Err(reader.odd("sold_by")),
        },
        quantity: reader.maybe_int("quantity")?,
        term: reader.parsed("term")?,
        billing_cycle: reader.parsed("billing_cycle")?,
        unit_price: reader.parsed("unit_price")?,
        currency: reader.parsed("currency")?,
        auto_renew: reader.maybe_at("auto_renew_off_at")?.is_none(),
        purchased_at: reader.at("purchased_at")?,
        status,
        gate,
        term_start: reader.maybe_at("term_start")?.map(day_of),
        licenses_assigned: reader.int("licenses_assigned")?,
        version: reader.int("version")?,
    })
}

fn gate(reader: &Reader<'_>) -> Result<Gate, Failure> {
    let gate = Gate::from_keys(
        reader.maybe_at("licenses_assigned_at")?,
        reader.maybe_at("fulfillment_confirmed_at")?,
    );
    if gate.billing_started_at() == reader.maybe_at("billing_started_at")? {
        Ok(gate)
    } else {
        Err(reader.odd("billing_started_at"))
    }
}

fn status(reader: &Reader<'_>) -> Result<Status, Failure> {
    let suspended = reader.maybe_at("suspended_at")?;
    let ended = reader.maybe_at("ended_at")?;
    let reason = match reader.maybe_text("end_reason")?.as_deref() {
        None => None,
        Some("canceled") => Some(EndReason::Canceled),
        Some("pendingLimit") => Some(EndReason::PendingLimit),
        Some(_) => return Err(reader.odd("end_reason")),
    };
    match (reader.text("status")?.as_str(), suspended, ended, reason) {
        ("PendingFulfillmentStart", None, None, None) => Ok(Status::PendingFulfillmentStart),
        ("Subscribed", None, None, None) => Ok(Status::Subscribed),
        ("Suspended", Some(since), None, None) => Ok(Status::Suspended { since }),
        ("Unsubscribed", None, Some(at), Some(reason)) => Ok(Status::Unsubscribed { at, reason }),
        _ => Err(reader.odd("status")),
    }
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}

/// A subscription, if the sandbox has it.
pub async fn find_subscription(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Option<Subscription>, Failure> {
    let row =
        query(select!()).bind(sandbox.as_str()).bind(id.to_string()).fetch_optional(conn).await?;
    row.as_ref().map(decode).transpose()
}

/// A subscription, locked for this transaction where the database has row locks.
pub async fn lock_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Option<Subscription>, Failure> {
    let row = for_update!(tx, select!())
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(tx.read())
        .await?;
    row.as_ref().map(decode).transpose()
}

/// Stores a new subscription.
pub async fn insert_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    new: &Subscription,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO subscriptions (sandbox_id, id, order_id, publisher_id, offer_id, plan_id, \
             name, customer_id, beneficiary, purchaser, sold_by, quantity, term, billing_cycle, \
             unit_price, currency, auto_renew_off_at, purchased_at, status, licenses_assigned, \
             version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
             $16, $17, $18, $19, $20, $21)",
        )
        .bind(sandbox.as_str())
        .bind(new.id.to_string())
        .bind(new.order_id.as_str())
        .bind(new.publisher_id.as_str())
        .bind(new.offer_id.as_str())
        .bind(new.plan_id.as_str())
        .bind(new.name.as_str())
        .bind(new.customer_id.to_string())
        .bind(json(&new.beneficiary)?)
        .bind(json(&new.purchaser)?)
        .bind(match new.sold_by {
            SoldBy::Partner => "partner",
            SoldBy::Customer => "customer",
        })
        .bind(new.quantity)
        .bind(new.term.to_string())
        .bind(new.billing_cycle.to_string())
        .bind(new.unit_price.to_string())
        .bind(new.currency.code())
        .bind(if new.auto_renew { None } else { micros(Some(new.purchased_at)) })
        .bind(new.purchased_at.as_microsecond())
        .bind(new.status.name())
        .bind(new.licenses_assigned)
        .bind(new.version),
    )
    .await
}

/// Stores a changed subscription. It must still be at the version it was read with, else `Stale`.
pub async fn save_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    changed: &Subscription,
) -> Result<(), Failure> {
    let (suspended_at, ended_at, end_reason) = match changed.status {
        Status::PendingFulfillmentStart | Status::Subscribed => (None, None, None),
        Status::Suspended { since } => (Some(since), None, None),
        Status::Unsubscribed { at, reason } => (None, Some(at), Some(reason.name())),
    };
    tx.write_one(
        query(
            "UPDATE subscriptions SET status = $1, suspended_at = $2, ended_at = $3, \
             end_reason = $4, licenses_assigned_at = $5, fulfillment_confirmed_at = $6, \
             billing_started_at = $7, term_start = $8, licenses_assigned = $9, \
             version = version + 1 WHERE sandbox_id = $10 AND id = $11 AND version = $12",
        )
        .bind(changed.status.name())
        .bind(micros(suspended_at))
        .bind(micros(ended_at))
        .bind(end_reason)
        .bind(micros(changed.gate.licenses_assigned_at()))
        .bind(micros(changed.gate.fulfillment_confirmed_at()))
        .bind(micros(changed.gate.billing_started_at()))
        .bind(micros(changed.term_start.map(midnight)))
        .bind(changed.licenses_assigned)
        .bind(sandbox.as_str())
        .bind(changed.id.to_string())
        .bind(changed.version),
    )
    .await
}
