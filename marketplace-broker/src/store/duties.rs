//! The partner's duties, a row a subscription. Read and saved as a whole, under the lock of their subscription.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::Tx,
};
use crate::domain::duty::{Done, Duties, Submitter};

fn decode(row: &AnyRow) -> Result<Duties, Failure> {
    let reader = Reader { table: "duties", row };
    Ok(Duties {
        information_submitted: done(
            reader.maybe_json::<Submitter>("information_submitted_by")?,
            reader.maybe_at("information_submitted_at")?,
        ),
        sign_in_url: reader.maybe_text("sign_in_url")?,
        url_sent: done(reader.maybe_text("url_sent_by")?, reader.maybe_at("url_sent_at")?),
    })
}

/// Both or neither, as the table's CHECK has it.
fn done<By: DeserializeOwned>(by: Option<By>, at: Option<Timestamp>) -> Option<Done<By>> {
    by.zip(at).map(|(by, at)| Done { by, at })
}

/// The duties of a subscription; none of them done if nothing is stored.
pub async fn duties_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Duties, Failure> {
    let row = query(
        "SELECT information_submitted_by, information_submitted_at, sign_in_url, url_sent_by, \
         url_sent_at FROM duties WHERE sandbox_id = $1 AND subscription_id = $2",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(row.as_ref().map(decode).transpose()?.unwrap_or_default())
}

/// Stores the duties as they are now. The caller holds the subscription's lock.
pub async fn save_duties(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    duties: &Duties,
) -> Result<(), Failure> {
    let submitted = duties.information_submitted.as_ref();
    let sent = duties.url_sent.as_ref();
    tx.write_one(
        query(
            "INSERT INTO duties (sandbox_id, subscription_id, information_submitted_by, \
             information_submitted_at, sign_in_url, url_sent_by, url_sent_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sandbox_id, subscription_id) \
             DO UPDATE SET information_submitted_by = excluded.information_submitted_by, \
             information_submitted_at = excluded.information_submitted_at, \
             sign_in_url = excluded.sign_in_url, url_sent_by = excluded.url_sent_by, \
             url_sent_at = excluded.url_sent_at",
        )
        .bind(sandbox.as_str())
        .bind(subscription.to_string())
        .bind(submitted.map(|done| json(&done.by)).transpose()?)
        .bind(submitted.map(|done| done.at.as_microsecond()))
        .bind(duties.sign_in_url.as_deref())
        .bind(sent.map(|done| done.by.as_str()))
        .bind(sent.map(|done| done.at.as_microsecond())),
    )
    .await
}
