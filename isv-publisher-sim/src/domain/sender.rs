//! Who sent a webhook: the claims of its token, held against what the publisher knows of itself (fulfillment.md 3.5).
//! The signature is the client's business; here is what a sound signature does not say. Called by the receiver.

use jiff::Timestamp;

/// How far the sender's clock may be ahead of ours or behind it, in seconds. Machines that keep time by NTP are much
/// closer, and a token that is not renewed in time shall be noticed.
pub const LEEWAY_S: i64 = 10;

/// Claims of a token whose signature is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// For which app.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// For which tenant.
    pub tid: String,
    /// Who calls; v1.
    pub appid: Option<String>,
    /// Who calls; v2.
    pub azp: Option<String>,
    /// Not before, seconds since 1970, real time.
    pub nbf: Option<i64>,
    /// Not from then on, the same.
    pub exp: i64,
}

/// What a token must say to be for this publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The publisher's app.
    pub client: String,
    /// The publisher's tenant.
    pub tenant: String,
    /// That tenant's issuers: v1 and v2.
    pub issuers: [String; 2],
    /// The marketplace's own app.
    pub marketplace: &'static str,
}

/// The shape of a token that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVersion {
    /// `appid`, issuer `https://sts.windows.net/{tenant}/`.
    V1,
    /// `azp`, issuer `https://login.microsoftonline.com/{tenant}/v2.0`.
    V2,
}

/// Why a webhook is not the marketplace's. The words are sent to the caller, so they tell what is wrong and no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// No `Authorization: Bearer`.
    #[error("the bearer token is missing")]
    NoToken,
    /// Not a JWT, or without the claims that it must have.
    #[error("the bearer token cannot be read")]
    Unreadable,
    /// `none`, `HS256` or whatever else.
    #[error("the bearer token is not signed with RS256")]
    Algorithm,
    /// It names no key of the marketplace.
    #[error("the bearer token names no key of the marketplace")]
    UnknownKey,
    /// It names one and was not signed with it.
    #[error("the signature of the bearer token is wrong")]
    Signature,
    /// Too late.
    #[error("the bearer token has expired")]
    Expired,
    /// Too early.
    #[error("the bearer token is not valid yet")]
    NotYet,
    /// For somebody else.
    #[error("the bearer token is for another app")]
    Audience,
    /// Of another tenant.
    #[error("the bearer token is of another tenant")]
    Tenant,
    /// Of another issuer.
    #[error("the bearer token was issued by somebody else")]
    Issuer,
    /// Given to somebody else than the marketplace.
    #[error("the bearer token was not given to the marketplace")]
    Caller,
    /// The three headers of Standard Webhooks are not there.
    #[error("webhook-id, webhook-timestamp or webhook-signature is missing")]
    NoSignature,
    /// They are there and do not fit the body.
    #[error("the Standard Webhooks signature does not fit")]
    WrongSignature,
    /// They are there, and were made too long ago or in the future.
    #[error("webhook-timestamp is too far away")]
    OldSignature,
}

impl Claims {
    /// Whether the token is the marketplace's, for `recipient`, at `now` (real time).
    pub fn check(&self, recipient: &Recipient, now: Timestamp) -> Result<TokenVersion, Unsound> {
        let now = now.as_second();
        if now >= self.exp.saturating_add(LEEWAY_S) {
            return Err(Unsound::Expired);
        }
        if self.nbf.is_some_and(|nbf| now < nbf.saturating_sub(LEEWAY_S)) {
            return Err(Unsound::NotYet);
        }
        if !self.aud.eq_ignore_ascii_case(&recipient.client) {
            return Err(Unsound::Audience);
        }
        if !self.tid.eq_ignore_ascii_case(&recipient.tenant) {
            return Err(Unsound::Tenant);
        }
        if !recipient.issuers.contains(&self.iss) {
            return Err(Unsound::Issuer);
        }
        let named: Vec<_> = self.azp.iter().chain(&self.appid).collect();
        let all = named.iter().all(|app| app.eq_ignore_ascii_case(recipient.marketplace));
        match (named.is_empty() || !all, &self.azp) {
            (true, _) => Err(Unsound::Caller),
            (false, Some(_)) => Ok(TokenVersion::V2),
            (false, None) => Ok(TokenVersion::V1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Claims {
        Claims {
            aud: "app".to_owned(),
            iss: "https://v2".to_owned(),
            tid: "tenant".to_owned(),
            appid: None,
            azp: Some("marketplace".to_owned()),
            nbf: Some(NOW - 300),
            exp: NOW + 300,
        }
    }

    fn check(change: impl FnOnce(&mut Claims), expected: Result<TokenVersion, Unsound>) {
        let recipient = Recipient {
            client: "app".to_owned(),
            tenant: "tenant".to_owned(),
            issuers: ["https://v1".to_owned(), "https://v2".to_owned()],
            marketplace: "marketplace",
        };
        let mut claims = claims();
        change(&mut claims);
        let now = Timestamp::from_second(NOW).unwrap();
        assert_eq!(claims.check(&recipient, now), expected, "{claims:?}");
    }

    #[test]
    fn a_token_of_either_shape_is_taken() {
        check(|_| {}, Ok(TokenVersion::V2));
        check(|c| c.nbf = None, Ok(TokenVersion::V2));
        check(|c| c.aud = "APP".to_owned(), Ok(TokenVersion::V2));
        let v1 = |c: &mut Claims| {
            c.iss = "https://v1".to_owned();
            c.appid = c.azp.take();
        };
        check(v1, Ok(TokenVersion::V1));
    }

    #[test]
    fn the_leeway_is_ten_seconds_to_either_side() {
        check(|c| c.exp = NOW - LEEWAY_S + 1, Ok(TokenVersion::V2));
        check(|c| c.exp = NOW - LEEWAY_S, Err(Unsound::Expired));
        check(|c| c.exp = i64::MAX, Ok(TokenVersion::V2));
        check(|c| c.exp = i64::MIN, Err(Unsound::Expired));
        check(|c| c.nbf = Some(NOW + LEEWAY_S), Ok(TokenVersion::V2));
        check(|c| c.nbf = Some(NOW + LEEWAY_S + 1), Err(Unsound::NotYet));
        check(|c| c.nbf = Some(i64::MIN), Ok(TokenVersion::V2));
    }

    #[test]
    fn every_other_claim_is_looked_at() {
        check(|c| c.aud = String::new(), Err(Unsound::Audience));
        check(|c| c.aud = "other".to_owned(), Err(Unsound::Audience));
        check(|c| c.tid = "other".to_owned(), Err(Unsound::Tenant));
        check(|c| c.iss = "https://v2/".to_owned(), Err(Unsound::Issuer));
        check(|c| c.azp = None, Err(Unsound::Caller));
        check(|c| c.azp = Some("app".to_owned()), Err(Unsound::Caller));
        check(|c| c.appid = Some("app".to_owned()), Err(Unsound::Caller));
    }
}
