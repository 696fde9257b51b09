//! The tables `visits` and `sign_ins`: which browser came by which link, who signed in there, and whose sign-in is under
//! way. Cookies and states are kept as their SHA-256. Called by commands and queries.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    CookieHash, Error, Store, Tx,
    accounts::key,
    codec::{instant, instant_or_null, micros},
};
use crate::domain::{AccountKey, Place, SignedIn, UserId, Visitor};

const TABLE: &str = "visits";

/// The most sign-ins of one visit that are waited for: somebody who goes back and forth, or opens the page in more tabs.
const UNDER_WAY_MAX: i64 = 8;

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
    /// Who signed in.
    pub signed_in: Option<SignedIn>,
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
        let signed_in = visit.signed_in.as_ref();
        let visitor = signed_in.map(|signed_in| &signed_in.visitor);
        let insert = query(
            "INSERT INTO visits (cookie_hash, sandbox_id, publisher_id, subscription_id, failure, \
             expires_at, visitor_tenant, visitor_object, visitor_name, visitor_username, \
             signed_in_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(visit.cookie.as_str())
        .bind(visit.sandbox.as_str())
        .bind(visit.publisher.as_str())
        .bind(subscription)
        .bind(failure)
        .bind(micros(visit.expires_at))
        .bind(visitor.map(|visitor| visitor.id.tenant.clone()))
        .bind(visitor.map(|visitor| visitor.id.object.clone()))
        .bind(visitor.map(|visitor| visitor.name.clone()))
        .bind(visitor.map(|visitor| visitor.username.clone()))
        .bind(signed_in.map(|signed_in| micros(signed_in.at)));
        self.write_one(insert).await
    }

    /// The visit of this cookie, if it belongs to this page and has not expired by `now`.
    pub async fn visit(
        &mut self,
        cookie: &CookieHash,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        now: Timestamp,
    ) -> Result<Option<Visit>, Error> {
        load(self.connection(), cookie, sandbox, publisher, now).await
    }

    /// Removes a visit with the sign-ins it began; it may be gone already.
    pub async fn remove_visit(&mut self, cookie: &CookieHash) -> Result<(), Error> {
        query("DELETE FROM visits WHERE cookie_hash = $1")
            .bind(cookie.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Waits for the answer to a sign-in until `expires_at`, which leads to `place`. Of too many, the oldest are given
    /// up.
    pub async fn add_sign_in(
        &mut self,
        state: &CookieHash,
        cookie: &CookieHash,
        place: &Place,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        query(
            "DELETE FROM sign_ins WHERE cookie_hash = $1 AND state_hash NOT IN \
             (SELECT state_hash FROM sign_ins WHERE cookie_hash = $1 \
             ORDER BY expires_at DESC, state_hash LIMIT $2)",
        )
        .bind(cookie.as_str())
        .bind(UNDER_WAY_MAX - 1)
        .execute(self.connection())
        .await?;
        let (subscription, step) = match place {
            Place::Landing => (None, None),
            Place::Account(subscription) => (Some(subscription.to_string()), None),
            Place::Step(subscription, step) => {
                (Some(subscription.to_string()), Some(step.to_string()))
            }
        };
        let insert = query(
            "INSERT INTO sign_ins (state_hash, cookie_hash, expires_at, return_subscription, \
             return_step) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(state.as_str())
        .bind(cookie.as_str())
        .bind(micros(expires_at))
        .bind(subscription)
        .bind(step);
        self.write_one(insert).await
    }

    /// Takes the sign-in of this state, if this visit began it and it is waited for at `now`. It can be taken once; where
    /// it leads to.
    pub async fn take_sign_in(
        &mut self,
        state: &CookieHash,
        cookie: &CookieHash,
        now: Timestamp,
    ) -> Result<Option<Place>, Error> {
        let taken: Option<(Option<String>, Option<String>)> = sqlx::query_as(
            "DELETE FROM sign_ins WHERE state_hash = $1 AND cookie_hash = $2 AND expires_at > $3 \
             RETURNING return_subscription, return_step",
        )
        .bind(state.as_str())
        .bind(cookie.as_str())
        .bind(micros(now))
        .fetch_optional(self.connection())
        .await?;
        taken
            .map(|(subscription, step)| place(subscription.as_deref(), step.as_deref()))
            .transpose()
    }
}

impl Store {
    /// The visit of this cookie, if it belongs to this page and has not expired by `now`.
    pub async fn visit(
        &self,
        cookie: &CookieHash,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        now: Timestamp,
    ) -> Result<Option<Visit>, Error> {
        let mut connection = self.reads.acquire().await?;
        load(&mut connection, cookie, sandbox, publisher, now).await
    }
}

async fn load(
    connection: &mut AnyConnection,
    cookie: &CookieHash,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    now: Timestamp,
) -> Result<Option<Visit>, Error> {
    let row = query(
        "SELECT subscription_id, failure, expires_at, visitor_tenant, visitor_object, visitor_name, \
         visitor_username, signed_in_at FROM visits WHERE cookie_hash = $1 AND sandbox_id = $2 \
         AND publisher_id = $3 AND expires_at > $4",
    )
    .bind(cookie.as_str())
    .bind(sandbox.as_str())
    .bind(publisher.as_str())
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Visit {
        cookie: cookie.clone(),
        sandbox: sandbox.clone(),
        publisher: publisher.clone(),
        landing: landing(&row, sandbox)?,
        signed_in: signed_in(&row)?,
        expires_at: instant(TABLE, row.try_get("expires_at")?)?,
    }))
}

/// Where a sign-in leads to.
fn place(subscription: Option<&str>, step: Option<&str>) -> Result<Place, Error> {
    let corrupt = |what: &str| Error::corrupt("sign_ins", &format_args!("return to {what}"));
    let Some(subscription) = subscription else { return Ok(Place::Landing) };
    let id = subscription.parse().map_err(|_| corrupt(subscription))?;
    let Some(step) = step else { return Ok(Place::Account(id)) };
    Ok(Place::Step(id, step.parse().map_err(|_| corrupt(step))?))
}

fn landing(row: &AnyRow, sandbox: &SandboxId) -> Result<Landing, Error> {
    if let Some(subscription) = row.try_get::<Option<String>, _>("subscription_id")? {
        return Ok(Landing::Account(key(sandbox.as_str(), &subscription)?));
    }
    let named: Option<String> = row.try_get("failure")?;
    let named = named.unwrap_or_default();
    let failure = TokenFailure::ALL.into_iter().find(|known| known.name() == named);
    let failure = failure.map(Landing::Failed);
    failure.ok_or_else(|| Error::corrupt(TABLE, &format_args!("failure {named}")))
}

fn signed_in(row: &AnyRow) -> Result<Option<SignedIn>, Error> {
    let Some(at) = instant_or_null(TABLE, row.try_get("signed_in_at")?)? else {
        return Ok(None);
    };
    let visitor = Visitor {
        id: UserId {
            tenant: row.try_get("visitor_tenant")?,
            object: row.try_get("visitor_object")?,
        },
        name: row.try_get("visitor_name")?,
        username: row.try_get("visitor_username")?,
    };
    Ok(Some(SignedIn { visitor, at }))
}
