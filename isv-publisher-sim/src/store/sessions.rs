//! The tables `visits` and `console_sessions`: who may see a landing page, and who the console. Cookies are kept as
//! their SHA-256. Called by commands, queries and the checks of `http`.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use shared::{
    ids::{PublisherId, SandboxId},
    secret::Secret,
};
use sqlx::query;

use super::{Error, Store, Tx, accounts::key, codec::micros};
use crate::domain::AccountKey;

/// SHA-256 of a cookie, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieHash(String);

impl CookieHash {
    /// Of the cookie's value.
    #[must_use]
    pub fn of(cookie: &Secret<String>) -> Self {
        let hash = Sha256::digest(cookie.expose().as_bytes());
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// What was wrong with the purchase token a visitor came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFailure {
    /// There was none.
    Missing,
    /// The marketplace cannot read it.
    Garbled,
    /// It is older than 24 h of sandbox time.
    Expired,
    /// It was made for another publisher's offer.
    AnotherPublishers,
}

impl TokenFailure {
    const ALL: [Self; 4] = [Self::Missing, Self::Garbled, Self::Expired, Self::AnotherPublishers];

    /// Its name, in the database and in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Garbled => "garbled",
            Self::Expired => "expired",
            Self::AnotherPublishers => "anotherPublishers",
        }
    }
}

/// Where a link led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// To a purchase.
    Account(AccountKey),
    /// To nothing.
    Failed(TokenFailure),
}

/// A browser that came by a link.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its cookie.
    pub cookie: CookieHash,
    /// Where it came to.
    pub sandbox: SandboxId,
    /// Whose page it is.
    pub publisher: PublisherId,
    /// Where its link led.
    pub landing: Landing,
    /// Real time.
    pub expires_at: Timestamp,
}

impl Tx {
    /// Stores a visit, and clears away those that had expired by `now`, real time.
    pub async fn add_visit(&mut self, visit: &Visit, now: Timestamp) -> Result<(), Error> {
        query("DELETE FROM visits WHERE expires_at <= $1")
            .bind(micros(now))
            .execute(self.connection())
            .await?;
        let (subscription, failure) = match &visit.landing {
            Landing::Account(key) => (Some(key.subscription.to_string()), None),
            Landing::Failed(failure) => (None, Some(failure.name())),
        };
        let insert = query(
            "INSERT INTO visits (cookie_hash, sandbox_id, publisher_id, subscription_id, failure, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&visit.cookie.0)
        .bind(visit.sandbox.as_str())
        .bind(visit.publisher.as_str())
        .bind(subscription)
        .bind(failure)
        .bind(micros(visit.expires_at));
        self.write_one(insert).await
    }

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
    /// Where the visit of this cookie led, if it belongs to this page and has not expired.
    pub async fn visit(
        &self,
        cookie: &CookieHash,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        now: Timestamp,
    ) -> Result<Option<Landing>, Error> {
        let row: Option<(Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT subscription_id, failure FROM visits WHERE cookie_hash = $1 AND sandbox_id = $2 \
             AND publisher_id = $3 AND expires_at > $4",
        )
        .bind(&cookie.0)
        .bind(sandbox.as_str())
        .bind(publisher.as_str())
        .bind(micros(now))
        .fetch_optional(&self.reads)
        .await?;
        match row {
            None => Ok(None),
            Some((Some(subscription), None)) => {
                Ok(Some(Landing::Account(key(sandbox.as_str(), &subscription)?)))
            }
            Some((_, failure)) => {
                let named = failure.unwrap_or_default();
                let failure = TokenFailure::ALL.into_iter().find(|known| known.name() == named);
                failure
                    .map(|failure| Some(Landing::Failed(failure)))
                    .ok_or_else(|| Error::corrupt("visits", &format_args!("failure {named}")))
            }
        }
    }

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
