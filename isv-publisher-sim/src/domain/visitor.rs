//! Who stands at the landing page: what the id token of a sign-in must say, and whom a purchase lets in
//! (fulfillment.md 1.14). The signature is the client's business. Called by the sign-in, the landing page and commands.

use jiff::{SignedDuration, Timestamp};
use shared::secret::Secret;

use super::{Purchase, sender::LEEWAY_S};

/// How long a sign-in holds, real time: as long as a visit.
const HOLDS: SignedDuration = SignedDuration::from_hours(24);

/// What a page shows of a name at most, in characters.
const NAME_MAX: usize = 120;

/// The tenant that stands in for one in an issuer for all of them.
const ANY_TENANT: &str = "{tenantid}";

/// A user of a tenant. People are told apart by this pair and by nothing else: a mail address can pass to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserId {
    /// The tenant.
    pub tenant: String,
    /// The user's object id in it.
    pub object: String,
}

impl UserId {
    /// Whether both are the same user. One that is not known whole is nobody.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        !self.tenant.is_empty()
            && !self.object.is_empty()
            && self.tenant.eq_ignore_ascii_case(&other.tenant)
            && self.object.eq_ignore_ascii_case(&other.object)
    }
}

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Who it is.
    pub id: UserId,
    /// How the person is called; shown, never compared.
    pub name: String,
    /// What the person signs in as; shown, never compared.
    pub username: String,
}

/// A sign-in that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub visitor: Visitor,
    /// When, real time.
    pub at: Timestamp,
}

impl SignedIn {
    /// Whether it still counts at `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < HOLDS
    }
}

impl Purchase {
    /// Whether this person may open the purchase: who bought it or who it is for.
    #[must_use]
    pub fn admits(&self, visitor: &Visitor) -> bool {
        self.beneficiary_user.is(&visitor.id) || self.purchaser_user.is(&visitor.id)
    }
}

/// Claims of an id token whose signature is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdClaims {
    /// For which app.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// The visitor's tenant.
    pub tid: String,
    /// The visitor in that tenant.
    pub oid: String,
    /// Of the sign-in it answers.
    pub nonce: Option<String>,
    /// Not before, seconds since 1970, real time.
    pub nbf: Option<i64>,
    /// Not from then on, the same.
    pub exp: i64,
    /// How the visitor is called.
    pub name: Option<String>,
    /// What the visitor signs in as.
    pub preferred_username: Option<String>,
}

/// What was asked for when the sign-in began.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The page's app.
    pub client: String,
    /// The issuer; `{tenantid}` in it stands for the visitor's tenant.
    pub issuer: String,
    /// What the answer must repeat.
    pub nonce: Secret<String>,
}

/// Why an id token says nothing about the visitor. The words are shown, so they tell what is wrong and no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsoundIdentity {
    /// Not a JWT, or without the claims that it must have.
    #[error("the id token cannot be read")]
    Unreadable,
    /// `none`, `HS256` or whatever else.
    #[error("the id token is not signed with RS256")]
    Algorithm,
    /// It names no published key.
    #[error("the id token names no published key")]
    UnknownKey,
    /// It names one and was not signed with it.
    #[error("the signature of the id token is wrong")]
    Signature,
    /// Too late.
    #[error("the id token has expired")]
    Expired,
    /// Too early.
    #[error("the id token is not valid yet")]
    NotYet,
    /// For somebody else.
    #[error("the id token is for another app")]
    Audience,
    /// Of somebody else.
    #[error("the id token was issued by somebody else")]
    Issuer,
    /// Of another sign-in.
    #[error("the id token belongs to another sign-in")]
    Nonce,
}

impl IdClaims {
    /// Who signed in, if the token answers what was `asked`, at `now` (real time).
    pub fn check(self, asked: &Asked, now: Timestamp) -> Result<Visitor, UnsoundIdentity> {
        let now = now.as_second();
        if now >= self.exp.saturating_add(LEEWAY_S) {
            return Err(UnsoundIdentity::Expired);
        }
        if self.nbf.is_some_and(|nbf| now < nbf.saturating_sub(LEEWAY_S)) {
            return Err(UnsoundIdentity::NotYet);
        }
        if !self.aud.eq_ignore_ascii_case(&asked.client) {
            return Err(UnsoundIdentity::Audience);
        }
        // A tenant that is no id could make an issuer of its own.
        let is_id = |text: &str| text.parse::<shared::ids::TenantId>().is_ok();
        if !is_id(&self.tid) || self.iss != asked.issuer.replace(ANY_TENANT, &self.tid) {
            return Err(UnsoundIdentity::Issuer);
        }
        if !self.nonce.is_some_and(|nonce| asked.nonce.matches(nonce)) {
            return Err(UnsoundIdentity::Nonce);
        }
        if self.oid.is_empty() {
            return Err(UnsoundIdentity::Unreadable);
        }
        let shown = |text: Option<String>| {
            text.unwrap_or_default().chars().take(NAME_MAX).collect::<String>()
        };
        let username = shown(self.preferred_username);
        let name = Some(shown(self.name)).filter(|name| !name.trim().is_empty());
        let name = name.unwrap_or_else(|| username.clone());
        Ok(Visitor { id: UserId { tenant: self.tid, object: self.oid }, name, username })
    }
}

#[cfg(test)]
#[path = "visitor_tests.rs"]
mod tests;
