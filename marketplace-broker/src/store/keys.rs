//! Keys: HMAC keys of purchase tokens, per sandbox; RS256 keys of bearer tokens, of the installation and of sandboxes
//! that have rotated.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use shared::{
    ids::SandboxId,
    purchase_token::{KeyId, TokenKey},
    secret::Secret,
};
use sqlx::{AnyConnection, any::AnyRow, query};

use super::{codec::Reader, failure::Failure, tx::Tx};

fn decode(row: &AnyRow) -> Result<TokenKey, Failure> {
    let reader = Reader { table: "token_keys", row };
    let id = u64::from_str_radix(&reader.text("id")?, 16).map_err(|_| reader.odd("id"))?;
    let secret = STANDARD.decode(reader.text("secret")?).ok().and_then(|s| s.try_into().ok());
    Ok(TokenKey {
        id: KeyId(id.to_be_bytes()),
        secret: Secret::new(secret.ok_or_else(|| reader.odd("secret"))?),
    })
}

/// The key that signs.
pub async fn newest_token_key(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<TokenKey, Failure> {
    let row = query(
        "SELECT id, secret FROM token_keys WHERE sandbox_id = $1 ORDER BY generation DESC LIMIT 1",
    )
    .bind(sandbox.as_str())
    .fetch_one(conn)
    .await?;
    decode(&row)
}

/// A key by its name.
pub async fn token_key(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    id: KeyId,
) -> Result<Option<TokenKey>, Failure> {
    let row = query("SELECT id, secret FROM token_keys WHERE sandbox_id = $1 AND id = $2")
        .bind(sandbox.as_str())
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(decode).transpose()
}

/// Adds a key; it is the newest from now on.
pub async fn insert_token_key(
    tx: &mut Tx,
    sandbox: &SandboxId,
    key: &TokenKey,
) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO token_keys (sandbox_id, id, secret, generation) \
             SELECT $1, $2, $3, COALESCE(MAX(generation), 0) + 1 FROM token_keys \
             WHERE sandbox_id = $1",
        )
        .bind(sandbox.as_str())
        .bind(key.id.to_string())
        .bind(STANDARD.encode(key.secret.expose())),
    )
    .await
}

/// An RS256 key as stored: PKCS#8 PEM.
#[derive(Debug, Clone)]
pub struct SigningKeyRow {
    /// Its name, in the header of each token.
    pub kid: String,
    /// The sandbox that signs with it; `None`: the installation's.
    pub sandbox: Option<SandboxId>,
    /// PKCS#8 PEM.
    pub private_key: Secret<String>,
    /// Since when it signs, real time.
    pub created_at: Timestamp,
}

/// All RS256 keys, newest first.
pub async fn signing_keys(conn: &mut AnyConnection) -> Result<Vec<SigningKeyRow>, Failure> {
    let rows = query(
        "SELECT kid, sandbox_id, private_key, created_at FROM signing_keys \
         ORDER BY created_at DESC, kid",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode_signing).collect()
}

fn decode_signing(row: &AnyRow) -> Result<SigningKeyRow, Failure> {
    let reader = Reader { table: "signing_keys", row };
    let sandbox = match reader.maybe_text("sandbox_id")? {
        None => None,
        Some(id) => Some(id.parse().map_err(|_| reader.odd("sandbox_id"))?),
    };
    Ok(SigningKeyRow {
        kid: reader.text("kid")?,
        sandbox,
        private_key: Secret::new(reader.text("private_key")?),
        created_at: reader.at("created_at")?,
    })
}

/// The names of all RS256 keys, in their order: enough to see whether one is new.
pub async fn signing_key_ids(conn: &mut AnyConnection) -> Result<Vec<String>, Failure> {
    let rows = query("SELECT kid FROM signing_keys ORDER BY kid").fetch_all(conn).await?;
    rows.iter().map(|row| Reader { table: "signing_keys", row }.text("kid")).collect()
}

/// The name of the key that a sandbox signs with, if it has one of its own.
pub async fn newest_signing_key_id(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
) -> Result<Option<String>, Failure> {
    let row = query(
        "SELECT kid FROM signing_keys WHERE sandbox_id = $1 ORDER BY created_at DESC, kid LIMIT 1",
    )
    .bind(sandbox.as_str())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Reader { table: "signing_keys", row: &row }.text("kid")).transpose()
}

/// Adds an RS256 key.
pub async fn insert_signing_key(tx: &mut Tx, key: &SigningKeyRow) -> Result<(), Failure> {
    tx.write_one(
        query(
            "INSERT INTO signing_keys (kid, sandbox_id, private_key, created_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(key.kid.as_str())
        .bind(key.sandbox.as_ref().map(SandboxId::as_str))
        .bind(key.private_key.expose().as_str())
        .bind(key.created_at.as_microsecond()),
    )
    .await
}

/// Drops a key whose last token is over.
pub async fn delete_signing_key(tx: &mut Tx, kid: &str) -> Result<(), Failure> {
    query("DELETE FROM signing_keys WHERE kid = $1").bind(kid).execute(tx.write()).await?;
    Ok(())
}
