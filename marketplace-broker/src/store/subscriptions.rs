//! Subscriptions: the one stored state.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::ids::{CustomerId, OrderId, PublisherId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    gathered::{padded, places},
    packed::{BETWEEN_COLUMNS, BETWEEN_ROWS, Columns, Packed},
    tx::{Tx, for_update},
};
use crate::domain::{
    activation::Gate,
    metering::Resource,
    subscription::{Bearings, EndReason, SoldBy, Status, Subscription},
    term::{day_of, midnight},
    timer::PENDING_LIMIT,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, publisher_id, offer_id, plan_id, name, customer_id, beneficiary, \
             purchaser, sold_by, quantity, term, billing_cycle, unit_price, currency, \
             auto_renew_off_at, purchased_at, status, suspended_at, ended_at, end_reason, \
             licenses_assigned_at, fulfillment_confirmed_at, billing_started_at, term_start, \
             licenses_assigned, payment_fails_at, modified_at, order_line, nickname, \
             reseller_mpn, cancel_scheduled_at, anchor_day, version FROM subscriptions \
             WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

/// Makes the names of packed columns, and the column that packs them: those that hold no control character, then free
/// text, in which blanks take the place of what stands between rows and columns.
macro_rules! pack {
    ($($column:ident)+; $($free:ident)+) => {
        const PACKED: &[&str] = &[$(stringify!($column),)+ $(stringify!($free)),+];
        macro_rules! packed {
            () => {
                concat!(
                    "concat_ws($3",
                    $(", COALESCE(CAST(", stringify!($column), " AS TEXT), '')",)+
                    $(", replace(replace(COALESCE(", stringify!($free), ", ''), $2, ' '), $3, ' ')",)+
                    ") AS packed"
                )
            };
        }
    };
}

// In the order in which they are read.
pack! {
    licenses_assigned_at fulfillment_confirmed_at billing_started_at suspended_at ended_at end_reason status
    id order_id order_line publisher_id offer_id plan_id customer_id beneficiary purchaser sold_by quantity term
    billing_cycle unit_price currency auto_renew_off_at purchased_at term_start licenses_assigned payment_fails_at
    modified_at reseller_mpn cancel_scheduled_at anchor_day version; name nickname
}

/// The same for long lists: one row, with all that are found in one text. $2 stands between them, $3 between columns.
macro_rules! select_packed {
    ($rest:literal) => {
        concat!(
            "SELECT string_agg(packed, $2) AS packed FROM (SELECT ",
            packed!(),
            " FROM subscriptions WHERE sandbox_id = $1 ",
            $rest,
            ") AS page"
        )
    };
}

fn decode(row: &AnyRow) -> Result<Subscription, Failure> {
    decoded(&Reader { table: "subscriptions", row })
}

/// All of a packed page, in the order of their ids.
fn decode_packed(row: &AnyRow) -> Result<Vec<Subscription>, Failure> {
    let page = Reader { table: "subscriptions", row }.maybe_text("packed")?;
    let rows = page.iter().flat_map(|page| Packed::rows(("subscriptions", PACKED), page));
    let mut found = rows.map(|row| decoded(&row?)).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable_by_key(|one| one.id);
    Ok(found)
}

fn decoded(reader: &impl Columns) -> Result<Subscription, Failure> {
    let gate = gate(reader)?;
    let status = status(reader)?;
    Ok(Subscription {
        id: reader.parsed("id")?,
        order_id: reader.parsed("order_id")?,
        order_line: reader.int("order_line")?,
        publisher_id: reader.parsed("publisher_id")?,
        offer_id: reader.parsed("offer_id")?,
        plan_id: reader.parsed("plan_id")?,
        name: reader.str("name")?.to_owned(),
        customer_id: reader.parsed("customer_id")?,
        beneficiary: reader.json("beneficiary")?,
        purchaser: reader.json("purchaser")?,
        sold_by: match reader.str("sold_by")? {
            "partner" => SoldBy::Partner,
            "customer" => SoldBy::Customer,
            _ => return Err(reader.odd("sold_by")),
        },
        quantity: reader.maybe_int("quantity")?,
        term: reader.parsed("term")?,
        billing_cycle: reader.parsed("billing_cycle")?,
        unit_price: reader.parsed("unit_price")?,
        currency: reader.parsed("currency")?,
        auto_renew_off_since: reader.maybe_at("auto_renew_off_at")?,
        purchased_at: reader.at("purchased_at")?,
        status,
        gate,
        term_start: reader.maybe_at("term_start")?.map(day_of),
        licenses_assigned: reader.int("licenses_assigned")?,
        payment_fails_since: reader.maybe_at("payment_fails_at")?,
        modified_at: reader.at("modified_at")?,
        nickname: reader.maybe_text("nickname")?,
        reseller_mpn: reader.maybe_text("reseller_mpn")?,
        cancel_scheduled_at: reader.maybe_at("cancel_scheduled_at")?,
        anchor_day: reader.maybe_int("anchor_day")?.and_then(|day| i8::try_from(day).ok()),
        version: reader.int("version")?,
    })
}

fn gate(reader: &impl Columns) -> Result<Gate, Failure> {
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

fn status(reader: &impl Columns) -> Result<Status, Failure> {
    let suspended = reader.maybe_at("suspended_at")?;
    let ended = reader.maybe_at("ended_at")?;
    let reason = match reader.maybe_str("end_reason")? {
        None => None,
        Some(name) => {
            let found = EndReason::ALL.into_iter().find(|reason| reason.name() == name);
            Some(found.ok_or_else(|| reader.odd("end_reason"))?)
        }
    };
    match (reader.str("status")?, suspended, ended, reason) {
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
    let row = query(select!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// A subscription, locked for this transaction where the database has row locks.
pub async fn lock_subscription(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: SubscriptionId,
) -> Result<Option<Subscription>, Failure> {
    let row = for_update!(tx, select!("AND id = $2"))
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(tx.read())
        .await?;
    row.as_ref().map(decode).transpose()
}

/// Those of these subscriptions that the sandbox has, as usage is reported of them: in one statement, and of each no
/// more than that takes.
pub async fn resources(
    tx: &mut Tx,
    sandbox: &SandboxId,
    ids: &BTreeSet<SubscriptionId>,
    at: Timestamp,
) -> Result<Vec<Resource>, Failure> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    let size = padded(ids.len());
    let own = if tx.postgres { format!("${}", size + 1) } else { "?".to_owned() };
    let text = format!(
        "SELECT id, publisher_id, offer_id, plan_id, status, suspended_at, ended_at, end_reason, \
         auto_renew_off_at, purchased_at, fulfillment_confirmed_at, billing_started_at, \
         term_ends_at FROM subscriptions WHERE id IN {} AND sandbox_id = {own}",
        places(tx, 1, size)
    );
    let mut statement = query(AssertSqlSafe(text)); // made of numbers only
    for id in ids.iter().chain(std::iter::repeat(last)).take(size) {
        statement = statement.bind(id.to_string());
    }
    let rows = statement.bind(sandbox.as_str()).fetch_all(tx.read()).await?;
    let resource = |row| {
        let reader = Reader { table: "subscriptions", row };
        let bearings = Bearings {
            status: status(&reader)?,
            is_activated: reader.maybe_int("fulfillment_confirmed_at")?.is_some(),
            is_billed: reader.maybe_int("billing_started_at")?.is_some(),
            auto_renew: reader.maybe_int("auto_renew_off_at")?.is_none(),
            term_end: reader.maybe_at("term_ends_at")?,
            must_finish_by: reader.at("purchased_at")? + PENDING_LIMIT,
        };
        Ok(Resource {
            id: reader.parsed("id")?,
            publisher_id: reader.parsed("publisher_id")?,
            offer_id: reader.parsed("offer_id")?,
            plan_id: reader.parsed("plan_id")?,
            standing: bearings.standing(at),
        })
    };
    rows.iter().map(resource).collect()
}

/// Locks subscriptions for this transaction where the database has row locks, in the order of their ids, as every
/// other transaction does.
pub async fn lock_subscriptions(
    tx: &mut Tx,
    sandbox: &SandboxId,
    ids: &BTreeSet<SubscriptionId>,
) -> Result<(), Failure> {
    if !tx.postgres {
        return Ok(()); // one writer
    }
    for id in ids {
        query("SELECT id FROM subscriptions WHERE sandbox_id = $1 AND id = $2 FOR UPDATE")
            .bind(sandbox.as_str())
            .bind(id.to_string())
            .fetch_optional(tx.read())
            .await?;
    }
    Ok(())
}

/// A page of a publisher's subscriptions after `after`, in the order of their ids (C25, C26).
pub async fn subscriptions_page(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    after: Option<SubscriptionId>,
    limit: i64,
) -> Result<Vec<Subscription>, Failure> {
    let page = query(select_packed!("AND publisher_id = $4 AND id > $5 ORDER BY id LIMIT $6"))
        .bind(sandbox.as_str())
        .bind(BETWEEN_ROWS)
        .bind(BETWEEN_COLUMNS)
        .bind(publisher.as_str())
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(limit)
        .fetch_one(conn)
        .await?;
    decode_packed(&page)
}

/// What an order bought, by line.
pub async fn subscriptions_of_order(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    order: &OrderId,
) -> Result<Vec<Subscription>, Failure> {
    let rows = query(select!("AND order_id = $2 ORDER BY order_line"))
        .bind(sandbox.as_str())
        .bind(order.as_str())
        .fetch_all(conn)
        .await?;
    rows.iter().map(decode).collect()
}

/// Which of a customer's subscriptions are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfCustomer<'a> {
    /// Of this order only.
    pub order: Option<&'a str>,
    /// Sold through this reseller only.
    pub reseller_mpn: Option<&'a str>,
    /// So many are passed over.
    pub offset: i64,
    /// So many at most.
    pub limit: Option<i64>,
}

/// The subscriptions of a customer, in the order of their ids (P5, P52): in one statement, however many they are.
pub async fn subscriptions_of_customer(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    customer: CustomerId,
    asked: OfCustomer<'_>,
) -> Result<Vec<Subscription>, Failure> {
    let page = query(select_packed!(
        "AND customer_id = $4 AND ($5 = '' OR order_id = $5) AND ($6 = '' OR reseller_mpn = $6) \
         ORDER BY id LIMIT $7 OFFSET $8"
    ))
    .bind(sandbox.as_str())
    .bind(BETWEEN_ROWS)
    .bind(BETWEEN_COLUMNS)
    .bind(customer.to_string())
    .bind(asked.order.unwrap_or_default())
    .bind(asked.reseller_mpn.unwrap_or_default())
    .bind(asked.limit.unwrap_or(i64::MAX))
    .bind(asked.offset)
    .fetch_one(conn)
    .await?;
    decode_packed(&page)
}

/// Those that were billing before terms could end: a page of them, with their sandboxes.
pub async fn without_term_end(
    conn: &mut AnyConnection,
    limit: i64,
) -> Result<Vec<(SandboxId, SubscriptionId)>, Failure> {
    let rows = query(
        "SELECT sandbox_id, id FROM subscriptions \
         WHERE billing_started_at IS NOT NULL AND term_ends_at IS NULL LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let reader = Reader { table: "subscriptions", row };
        Ok((reader.parsed("sandbox_id")?, reader.parsed("id")?))
    };
    rows.iter().map(read).collect()
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
             modified_at, order_line, nickname, reseller_mpn, version) VALUES ($1, $2, $3, $4, \
             $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25)",
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
        .bind(micros(new.auto_renew_off_since))
        .bind(new.purchased_at.as_microsecond())
        .bind(new.status.name())
        .bind(new.licenses_assigned)
        .bind(new.modified_at.as_microsecond())
        .bind(new.order_line)
        .bind(new.nickname.as_deref())
        .bind(new.reseller_mpn.as_deref())
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
             billing_started_at = $7, term_start = $8, licenses_assigned = $9, plan_id = $10, \
             quantity = $11, unit_price = $12, term_ends_at = $13, payment_fails_at = $14, \
             modified_at = $15, auto_renew_off_at = $16, nickname = $17, reseller_mpn = $18, \
             cancel_scheduled_at = $19, anchor_day = $20, version = version + 1 \
             WHERE sandbox_id = $21 AND id = $22 AND version = $23",
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
        .bind(changed.plan_id.as_str())
        .bind(changed.quantity)
        .bind(changed.unit_price.to_string())
        .bind(micros(changed.term_end()))
        .bind(micros(changed.payment_fails_since))
        .bind(changed.modified_at.as_microsecond())
        .bind(micros(changed.auto_renew_off_since))
        .bind(changed.nickname.as_deref())
        .bind(changed.reseller_mpn.as_deref())
        .bind(micros(changed.cancel_scheduled_at))
        .bind(changed.anchor_day.map(i64::from))
        .bind(sandbox.as_str())
        .bind(changed.id.to_string())
        .bind(changed.version),
    )
    .await
}
