//! Authorization codes, by the hash of the code. All times here are real.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use shared::{ids::SandboxId, secret::Secret};
use sqlx::query;

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::{Tx, for_update},
};
use crate::domain::identity::IssuedCode;

/// How long a code that is over is kept, so that its second use is told from an invented one.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The hash a secret of somebody else's is stored under.
pub fn hash_of(secret: &Secret<String>) -> String {
    let hash = Sha256::digest(secret.expose().as_bytes());
    hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A code, locked.
pub async fn code_for_update(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
) -> Result<Option<IssuedCode>, Failure> {
    let row = for_update!(
        tx,
        "SELECT granted, expires_at, redeemed_at FROM authorization_codes \
         WHERE sandbox_id = $1 AND code_hash = $2"
    )
    .bind(sandbox.as_str())
    .bind(hash)
    .fetch_optional(tx.read())
    .await?;
    let Some(row) = &row else { return Ok(None) };
    let reader = Reader { table: "authorization_codes", row };
    Ok(Some(IssuedCode {
        grant: reader.json("granted")?,
        expires_at: reader.at("expires_at")?,
        redeemed_at: reader.maybe_at("redeemed_at")?,
    }))
}

/// Adds a code, and drops those that have been over for long.
pub async fn insert_code(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
    new: &IssuedCode,
    now: Timestamp,
) -> Result<(), Failure> {
    query("DELETE FROM authorization_codes WHERE expires_at < $1")
        .bind((now - KEPT).as_microsecond())
        .execute(tx.write())
        .await?;
    tx.write_one(
        query(
            "INSERT INTO authorization_codes (sandbox_id, code_hash, granted, expires_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(sandbox.as_str())
        .bind(hash)
        .bind(json(&new.grant)?)
        .bind(new.expires_at.as_microsecond()),
    )
    .await
}

/// Keeps that a code was redeemed; once.
pub async fn redeemed(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "UPDATE authorization_codes SET redeemed_at = $1 \
             WHERE sandbox_id = $2 AND code_hash = $3 AND redeemed_at IS NULL",
        )
        .bind(at.as_microsecond())
        .bind(sandbox.as_str())
        .bind(hash),
    )
    .await
}
