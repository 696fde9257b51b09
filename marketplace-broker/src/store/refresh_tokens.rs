//! Refresh tokens, by the hash of the token. All times here are real.

use jiff::Timestamp;
use shared::ids::SandboxId;
use sqlx::query;

use super::{
    codec::{Reader, json},
    failure::Failure,
    tx::{Tx, for_update},
};
use crate::domain::identity::IssuedRefresh;

/// A refresh token, locked.
pub async fn refresh_for_update(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
) -> Result<Option<IssuedRefresh>, Failure> {
    let row = for_update!(
        tx,
        "SELECT family, granted, expires_at, used_at FROM refresh_tokens \
         WHERE sandbox_id = $1 AND token_hash = $2"
    )
    .bind(sandbox.as_str())
    .bind(hash)
    .fetch_optional(tx.read())
    .await?;
    let Some(row) = &row else { return Ok(None) };
    let reader = Reader { table: "refresh_tokens", row };
    Ok(Some(IssuedRefresh {
        family: reader.parsed("family")?,
        grant: reader.json("granted")?,
        expires_at: reader.at("expires_at")?,
        used_at: reader.maybe_at("used_at")?,
    }))
}

/// Adds a refresh token, and drops those that are over.
pub async fn insert_refresh(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
    new: &IssuedRefresh,
    now: Timestamp,
) -> Result<(), Failure> {
    query("DELETE FROM refresh_tokens WHERE expires_at < $1")
        .bind(now.as_microsecond())
        .execute(tx.write())
        .await?;
    tx.write_one(
        query(
            "INSERT INTO refresh_tokens (sandbox_id, token_hash, family, granted, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(sandbox.as_str())
        .bind(hash)
        .bind(new.family.to_string())
        .bind(json(&new.grant)?)
        .bind(new.expires_at.as_microsecond()),
    )
    .await
}

/// Keeps when a refresh token was used first.
pub async fn refresh_used(
    tx: &mut Tx,
    sandbox: &SandboxId,
    hash: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "UPDATE refresh_tokens SET used_at = COALESCE(used_at, $1) \
             WHERE sandbox_id = $2 AND token_hash = $3",
        )
        .bind(at.as_microsecond())
        .bind(sandbox.as_str())
        .bind(hash),
    )
    .await
}

/// Ends all that began with one sign-in.
pub async fn end_refresh_family(
    tx: &mut Tx,
    sandbox: &SandboxId,
    ended: &IssuedRefresh,
) -> Result<(), Failure> {
    query("DELETE FROM refresh_tokens WHERE sandbox_id = $1 AND family = $2")
        .bind(sandbox.as_str())
        .bind(ended.family.to_string())
        .execute(tx.write())
        .await?;
    Ok(())
}
