//! The table `console_sessions`: who may see the console. Cookies are kept as their SHA-256. Called by commands and the
//! checks of `http`.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use shared::secret::Secret;
use sqlx::query;

use super::{Error, Store, Tx, codec::micros};

/// SHA-256 of a cookie, or of another secret that only the browser has, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieHash(String);

impl CookieHash {
    /// Of the cookie's value.
    #[must_use]
    pub fn of(cookie: &Secret<String>) -> Self {
        let hash = Sha256::digest(cookie.expose().as_bytes());
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tx {
    /// Stores a console session until `expires_at`, and clears away those that had expired by `now`; real time.
    pub async fn add_console_session(
        &mut self,
        cookie: &CookieHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        query("DELETE FROM console_sessions WHERE expires_at <= $1")
            .bind(micros(now))
            .execute(self.connection())
            .await?;
        let insert =
            query("INSERT INTO console_sessions (cookie_hash, expires_at) VALUES ($1, $2)")
                .bind(&cookie.0)
                .bind(micros(expires_at));
        self.write_one(insert).await
    }

    /// Ends a console session; it may have ended before.
    pub async fn remove_console_session(&mut self, cookie: &CookieHash) -> Result<(), Error> {
        query("DELETE FROM console_sessions WHERE cookie_hash = $1")
            .bind(&cookie.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Store {
    /// Whether this cookie is signed in to the console at `now`, real time.
    pub async fn is_signed_in(&self, cookie: &CookieHash, now: Timestamp) -> Result<bool, Error> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT expires_at FROM console_sessions WHERE cookie_hash = $1 AND expires_at > $2",
        )
        .bind(&cookie.0)
        .bind(micros(now))
        .fetch_optional(&self.reads)
        .await?;
        Ok(row.is_some())
    }
}
