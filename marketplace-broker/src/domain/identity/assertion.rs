//! Client assertions: what a JWT must say that an app proves itself with instead of a secret (fulfillment.md 5.2;
//! RFC 7523 3). Its signature is looked at before.

use jiff::{SignedDuration, Timestamp};

/// Bytes of an assertion at most.
pub const ASSERTION_MAX: usize = 20 * 1024;
/// How far its end may lie ahead.
const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How far the app's clock may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Characters of a `jti` at most.
const JTI_MAX: usize = 300;

/// One audience or several.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum Audiences {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audiences {
    fn has(&self, asked: &str) -> bool {
        match self {
            Self::One(one) => one == asked,
            Self::Many(many) => many.iter().any(|one| one == asked),
        }
    }
}

/// What it says.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct AssertionClaims {
    /// Whom it is for: the token endpoint, or the authority.
    pub aud: Audiences,
    /// Who made it: the app.
    pub iss: String,
    /// Whom it is about: the app.
    pub sub: String,
    /// Its own name: it is taken once.
    pub jti: String,
    /// When it ends, real time.
    pub exp: NumericDate,
    /// When it begins, real time.
    #[serde(default)]
    pub nbf: Option<NumericDate>,
    /// When it was made, real time.
    #[serde(default)]
    pub iat: Option<NumericDate>,
}

/// Seconds since 1970, of which a fraction may be told (RFC 7519 2; MSAL for Python tells one). Whole seconds count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(from = "serde_json::Number")]
pub struct NumericDate(pub i64);

impl From<serde_json::Number> for NumericDate {
    fn from(number: serde_json::Number) -> Self {
        let whole = number.as_i64().or_else(|| {
            let text = number.to_string();
            text.split_once('.').filter(|(_, rest)| !rest.contains(['e', 'E']))?.0.parse().ok()
        });
        // What is no such number is no time: it lies outside of every range.
        Self(whole.unwrap_or(i64::MAX))
    }
}

/// Why an assertion proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefusal {
    /// It is too long, or no JWT, or claims are missing.
    #[error(
        "the assertion is no signed JWT of 20 kB at most with aud, iss, sub, jti and exp; sign one with RS256, PS256 \
         or ES256"
    )]
    Malformed,
    /// No registered key has made its signature.
    #[error(
        "the signature was made by no key registered for this app; register its certificate or JWK, and name it in kid \
         or x5t"
    )]
    Signature,
    /// It is for somebody else.
    #[error("aud is neither this token endpoint nor this authority")]
    Audience,
    /// It is another app's.
    #[error("iss and sub must both be the client_id")]
    Subject,
    /// It is over, not begun, or lives too long.
    #[error("the assertion is not within its valid time range, which is 24 hours at most")]
    Time,
    /// It was used before.
    #[error("the assertion was used before: its jti is taken once")]
    Replayed,
}

/// Whether the claims prove that `client` calls one of `audiences` at `now`, real time. Whether its `jti` is new is for
/// the caller to find out; until when it must be remembered is the answer.
pub fn check_assertion(
    claims: &AssertionClaims,
    client: &str,
    audiences: &[String],
    now: Timestamp,
) -> Result<Timestamp, AssertionRefusal> {
    if !audiences.iter().any(|audience| claims.aud.has(audience)) {
        return Err(AssertionRefusal::Audience);
    }
    let is_client = |text: &str| text.eq_ignore_ascii_case(client);
    if !is_client(&claims.iss) || !is_client(&claims.sub) {
        return Err(AssertionRefusal::Subject);
    }
    if claims.jti.is_empty() || claims.jti.len() > JTI_MAX {
        return Err(AssertionRefusal::Malformed);
    }
    let at = |date: NumericDate| Timestamp::from_second(date.0).map_err(|_| AssertionRefusal::Time);
    let ends = at(claims.exp)?;
    let begins = [claims.nbf, claims.iat].into_iter().flatten().max();
    let early = begins.map(at).transpose()?.is_some_and(|begins| begins > now + SKEW);
    // The end counts with the skew, so the jti is remembered as long.
    let until = ends.checked_add(SKEW).map_err(|_| AssertionRefusal::Time)?;
    if early || until <= now || ends > now + LIFETIME_MAX + SKEW {
        return Err(AssertionRefusal::Time);
    }
    Ok(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "0f3c1d5e-8a54-4b0e-9d55-1b8f2f1f7a10";
    const ENDPOINT: &str = "http://127.0.0.1:8700/t/oauth2/v2.0/token";

    fn now() -> Timestamp {
        "2027-01-31T09:00:00Z".parse().unwrap()
    }

    fn claims() -> AssertionClaims {
        let seconds = now().as_second();
        AssertionClaims {
            aud: Audiences::One(ENDPOINT.to_owned()),
            iss: CLIENT.to_owned(),
            sub: CLIENT.to_owned(),
            jti: "one".to_owned(),
            exp: NumericDate(seconds + 600),
            nbf: Some(NumericDate(seconds)),
            iat: None,
        }
    }

    fn check(claims: &AssertionClaims) -> Result<Timestamp, AssertionRefusal> {
        check_assertion(claims, CLIENT, &[ENDPOINT.to_owned(), "authority".to_owned()], now())
    }

    #[test]
    fn a_sound_one_is_remembered_until_its_end() {
        assert_eq!(check(&claims()), Ok(now() + SignedDuration::from_mins(15)));
        let many = Audiences::Many(vec!["other".to_owned(), "authority".to_owned()]);
        assert!(check(&AssertionClaims { aud: many, ..claims() }).is_ok());
        let upper = AssertionClaims { iss: CLIENT.to_uppercase(), ..claims() };
        assert!(check(&upper).is_ok());
    }

    #[test]
    fn a_time_may_have_a_fraction() {
        let read = |text: &str| serde_json::from_str::<NumericDate>(text).map(|date| date.0);
        assert_eq!(read("1801386000").unwrap(), 1_801_386_000);
        assert_eq!(read("1801386000.75").unwrap(), 1_801_386_000);
        assert_eq!(read("1e300").unwrap(), i64::MAX);
        assert!(read("\"1801386000\"").is_err() && read("null").is_err());
    }

    #[test]
    fn each_wrong_claim_is_refused_by_its_name() {
        let seconds = now().as_second();
        let early = NumericDate(seconds + 301);
        let other = |aud: &str| Audiences::One(aud.to_owned());
        for (claims, refusal) in [
            (
                AssertionClaims { aud: other("http://127.0.0.1:8700/u/token"), ..claims() },
                AssertionRefusal::Audience,
            ),
            (
                AssertionClaims { aud: Audiences::Many(Vec::new()), ..claims() },
                AssertionRefusal::Audience,
            ),
            (AssertionClaims { iss: "else".to_owned(), ..claims() }, AssertionRefusal::Subject),
            (AssertionClaims { sub: String::new(), ..claims() }, AssertionRefusal::Subject),
            (AssertionClaims { jti: String::new(), ..claims() }, AssertionRefusal::Malformed),
            (
                AssertionClaims { exp: NumericDate(seconds - 300), ..claims() },
                AssertionRefusal::Time,
            ),
            (
                AssertionClaims { exp: NumericDate(seconds + 90_000), ..claims() },
                AssertionRefusal::Time,
            ),
            (AssertionClaims { exp: NumericDate(i64::MAX), ..claims() }, AssertionRefusal::Time),
            (AssertionClaims { nbf: Some(early), ..claims() }, AssertionRefusal::Time),
            (AssertionClaims { iat: Some(early), ..claims() }, AssertionRefusal::Time),
        ] {
            assert_eq!(check(&claims), Err(refusal), "{claims:?}");
        }
    }
}
