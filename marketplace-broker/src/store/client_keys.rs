//! Public keys that apps prove themselves with, and the assertions that were used. Times here are real.

use jiff::Timestamp;
use shared::ids::{ClientId, SandboxId};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{codec::Reader, failure::Failure, tx::Tx};
use crate::domain::identity::{ClientKey, KeyForm};

fn decode(row: &AnyRow) -> Result<ClientKey, Failure> {
    let reader = Reader { table: "client_keys", row };
    let form = match reader.text("form")?.as_str() {
        "jwk" => KeyForm::Jwk,
        "certificate" => KeyForm::Certificate,
        _ => return Err(reader.odd("form")),
    };
    Ok(ClientKey {
        kid: reader.text("kid")?,
        form,
        thumbprint: reader.maybe_text("thumbprint")?,
        key: reader.text("key")?,
    })
}

/// The keys of an app, the newest first.
pub async fn client_keys(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    client: ClientId,
) -> Result<Vec<ClientKey>, Failure> {
    let rows = query(
        "SELECT kid, form, thumbprint, key FROM client_keys \
         WHERE sandbox_id = $1 AND client_id = $2 ORDER BY added_at DESC, kid",
    )
    .bind(sandbox.as_str())
    .bind(client.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}

/// Puts a key in place of one of the same name.
pub async fn put_client_key(
    tx: &mut Tx,
    sandbox: &SandboxId,
    client: ClientId,
    new: &ClientKey,
    at: Timestamp,
) -> Result<(), Failure> {
    delete_client_key(tx, sandbox, client, &new.kid).await?;
    tx.write_one(
        query(
            "INSERT INTO client_keys (sandbox_id, client_id, kid, form, thumbprint, key, added_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(sandbox.as_str())
        .bind(client.to_string())
        .bind(new.kid.as_str())
        .bind(match new.form {
            KeyForm::Jwk => "jwk",
            KeyForm::Certificate => "certificate",
        })
        .bind(new.thumbprint.as_deref())
        .bind(new.key.as_str())
        .bind(at.as_microsecond()),
    )
    .await
}

/// Drops a key; whether there was one.
pub async fn delete_client_key(
    tx: &mut Tx,
    sandbox: &SandboxId,
    client: ClientId,
    kid: &str,
) -> Result<bool, Failure> {
    let dropped =
        query("DELETE FROM client_keys WHERE sandbox_id = $1 AND client_id = $2 AND kid = $3")
            .bind(sandbox.as_str())
            .bind(client.to_string())
            .bind(kid)
            .execute(tx.write())
            .await?;
    Ok(dropped.rows_affected() > 0)
}

/// Keeps that an assertion was used, until it ends by itself; false if it was used before.
pub async fn use_assertion(
    tx: &mut Tx,
    sandbox: &SandboxId,
    client: ClientId,
    jti_hash: &str,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool, Failure> {
    query("DELETE FROM used_assertions WHERE expires_at <= $1")
        .bind(now.as_microsecond())
        .execute(tx.write())
        .await?;
    let added = query(
        "INSERT INTO used_assertions (sandbox_id, client_id, jti_hash, expires_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(sandbox.as_str())
    .bind(client.to_string())
    .bind(jti_hash)
    .bind(until.as_microsecond())
    .execute(tx.write())
    .await?;
    Ok(added.rows_affected() == 1)
}
