//! Usage events that were accepted.

use futures_util::TryStreamExt;
use jiff::{Timestamp, civil::Date};
use shared::ids::{OfferId, PublisherId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::Reader,
    failure::Failure,
    gathered::{padded, places},
    tx::Tx,
};
use crate::domain::{
    metering::{
        AcceptedUsage, SentTime,
        tally::{Days, UsageOf},
    },
    policy::UsageDedupe,
    term::midnight,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, subscription_id, resource_uri, quantity, dimension, started, plan_id, \
             accepted_at FROM usage_events WHERE sandbox_id = $1 ",
            $rest
        )
    };
}

fn decode(row: &AnyRow) -> Result<AcceptedUsage, Failure> {
    let reader = Reader { table: "usage_events", row };
    Ok(AcceptedUsage {
        id: reader.parsed("id")?,
        subscription_id: reader.parsed("subscription_id")?,
        resource_uri: reader.maybe_text("resource_uri")?,
        quantity: reader.parsed("quantity")?,
        dimension: reader.text("dimension")?,
        start: SentTime::read(reader.text("started")?).map_err(|_| reader.odd("started"))?,
        plan_id: reader.parsed("plan_id")?,
        accepted_at: reader.at("accepted_at")?,
    })
}

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct NewUsage {
    /// The event.
    pub usage: AcceptedUsage,
    /// Whose.
    pub publisher_id: PublisherId,
    /// The offer.
    pub offer_id: OfferId,
}

/// Stores those whose hour has no event yet, in one statement; answers whether that is all of them. `new` is in the order
/// of its keys, so that two transactions wait for each other in one order, and holds no key twice. The database knows
/// events of one key under the same rule, and of one dimension under any; what of an hour was accepted under
/// [`UsageDedupe::Dimension`] must have been looked for before the rule was [`UsageDedupe::Resource`].
pub async fn insert_usage(
    tx: &mut Tx,
    sandbox: &SandboxId,
    rule: UsageDedupe,
    new: &[&NewUsage],
) -> Result<bool, Failure> {
    let Some(last) = new.last() else { return Ok(true) };
    let size = padded(new.len());
    let (alone, columns) = match rule {
        UsageDedupe::Dimension => ("", 12),
        UsageDedupe::Resource => (", alone", 13),
    };
    let text = format!(
        "INSERT INTO usage_events (sandbox_id, id, publisher_id, subscription_id, offer_id, \
         plan_id, dimension, hour, started, quantity, resource_uri, accepted_at{alone}) VALUES {} \
         ON CONFLICT DO NOTHING",
        places(tx, size, columns)
    );
    let mut statement = query(AssertSqlSafe(text)); // made of numbers only
    // The last one fills up the places: its second time is a conflict with its first.
    for row in new.iter().chain(std::iter::repeat(last)).take(size) {
        let NewUsage { usage, publisher_id, offer_id } = *row;
        statement = statement
            .bind(sandbox.as_str())
            .bind(usage.id.to_string())
            .bind(publisher_id.as_str())
            .bind(usage.subscription_id.to_string())
            .bind(offer_id.as_str())
            .bind(usage.plan_id.as_str())
            .bind(usage.dimension.as_str())
            .bind(usage.start.time.hour().as_microsecond())
            .bind(usage.start.text.as_str())
            .bind(usage.quantity.to_string())
            .bind(usage.resource_uri.as_deref())
            .bind(usage.accepted_at.as_microsecond());
        if rule == UsageDedupe::Resource {
            statement = statement.bind(1_i64);
        }
    }
    let stored = statement.execute(tx.write()).await?.rows_affected();
    Ok(usize::try_from(stored) == Ok(new.len()))
}

/// The events that stand in the way of these under a rule, those that were accepted first before the others.
pub async fn usage_of_hours(
    tx: &mut Tx,
    sandbox: &SandboxId,
    rule: UsageDedupe,
    new: &[&NewUsage],
) -> Result<Vec<AcceptedUsage>, Failure> {
    let Some(last) = new.last() else { return Ok(Vec::new()) };
    let size = padded(new.len());
    let mut text = select!("AND ").to_owned();
    let by_dimension = rule == UsageDedupe::Dimension;
    let width = if by_dimension { 3 } else { 2 };
    for place in 0..size {
        let (or, first) = (if place == 0 { "(" } else { " OR " }, width * place + 2);
        text.push_str(&format!("{or}(subscription_id = ${first} AND hour = ${}", first + 1));
        if by_dimension {
            text.push_str(&format!(" AND dimension = ${}", first + 2));
        }
        text.push(')');
    }
    text.push_str(") ORDER BY accepted_at, id");
    let mut statement = query(AssertSqlSafe(text)).bind(sandbox.as_str()); // made of numbers only
    for NewUsage { usage, .. } in new.iter().chain(std::iter::repeat(last)).take(size) {
        statement = statement
            .bind(usage.subscription_id.to_string())
            .bind(usage.start.time.hour().as_microsecond());
        if by_dimension {
            statement = statement.bind(usage.dimension.as_str());
        }
    }
    let rows = statement.fetch_all(tx.read()).await?;
    rows.iter().map(decode).collect()
}

/// A publisher's usage from the first to the last of these days, added up by day as the rows come in.
pub async fn usage_days(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    (from, to): (Date, Date),
) -> Result<Days, Failure> {
    let after = to.tomorrow().map_or(Timestamp::MAX, midnight);
    let mut rows = query(
        "SELECT u.id, u.subscription_id, u.resource_uri, u.quantity, u.dimension, u.started, \
         u.plan_id, u.accepted_at, u.offer_id, s.customer_id \
         FROM usage_events u JOIN subscriptions s \
         ON s.sandbox_id = u.sandbox_id AND s.id = u.subscription_id \
         WHERE u.sandbox_id = $1 AND u.publisher_id = $2 AND u.hour >= $3 AND u.hour < $4",
    )
    .bind(sandbox.as_str())
    .bind(publisher.as_str())
    .bind(midnight(from).as_microsecond())
    .bind(after.as_microsecond())
    .fetch(conn);
    let mut days = Days::default();
    while let Some(row) = rows.try_next().await? {
        let reader = Reader { table: "usage_events", row: &row };
        days.add(UsageOf {
            usage: decode(&row)?,
            offer_id: reader.parsed("offer_id")?,
            customer_id: reader.parsed("customer_id")?,
        });
    }
    Ok(days)
}

/// The usage of a subscription between two instants, the newest first.
pub async fn usage_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<AcceptedUsage>, Failure> {
    let rows = query(select!(
        "AND subscription_id = $2 AND hour >= $3 AND hour < $4 ORDER BY hour DESC, dimension"
    ))
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .bind(from.as_microsecond())
    .bind(to.as_microsecond())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}
