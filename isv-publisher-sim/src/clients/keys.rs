//! The marketplace's public keys, and what a token signed with one of them says. Keys are fetched once and kept; a
//! name that is not among them is looked for again, so that a rotation is survived, but not more than once in a while,
//! so that made-up names reach nobody. Called by the receiver of webhooks and the sign-in of visitors.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, de::DeserializeOwned};
use shared::identity::KeySet;

use super::{Marketplace, exchange::Trouble, memory::Memory};
use crate::domain::{Claims, Unsound};

/// The pause after a fetch that did not bring the key.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The pause after a fetch that failed.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(1);
/// Keys are fetched anew when they are older, so that one that was withdrawn is not trusted for ever.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Longer than any name of a key.
const KID_MAX: usize = 128;

/// Why a token was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenTrouble {
    /// It is not good, whenever it comes.
    #[error(transparent)]
    Unsound(#[from] Unsound),
    /// It cannot be judged now.
    #[error("the keys of the marketplace cannot be fetched now: {0}")]
    Keys(Trouble),
    /// The marketplace knows no such tenant.
    #[error("the keys of the marketplace cannot be fetched now: it knows no such tenant")]
    NoTenant,
}

/// Keys by the path they are published under.
#[derive(Default)]
pub(super) struct Keys(Memory<String, Arc<PublishedKeys>>);

/// The keys under one path.
#[derive(Default)]
struct PublishedKeys {
    known: Mutex<Known>,
    /// Held during a fetch: whoever waits for it finds what it brought.
    fetches: tokio::sync::Mutex<Fetches>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<HashMap<String, DecodingKey>>,
    fetched_at: Option<Timestamp>,
}

/// The last fetch that did not bring what it was made for.
#[derive(Default)]
struct Fetches {
    /// The name that was looked for; none if the fetch failed.
    missing: Option<String>,
    next_at: Option<Timestamp>,
}

impl PublishedKeys {
    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    /// The key of this name, while it is fresh.
    fn fresh(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        let fresh = self.fetched_at.is_some_and(|at| now.duration_since(at) < AGE_MAX);
        self.keys.get(kid).filter(|_| fresh).cloned()
    }
}

/// The claims as they are written; more may stand beside them.
#[derive(Deserialize)]
struct Written {
    aud: String,
    iss: String,
    tid: String,
    appid: Option<String>,
    azp: Option<String>,
    nbf: Option<i64>,
    exp: i64,
}

impl Marketplace {
    /// What a token says that was signed with a key the marketplace publishes for `tenant`. Nothing else is checked.
    pub async fn claims(&self, tenant: &str, token: &str) -> Result<Claims, TokenTrouble> {
        let path = format!("/{tenant}/discovery/v2.0/keys");
        let Written { aud, iss, tid, appid, azp, nbf, exp } = self.signed(&path, token).await?;
        Ok(Claims { aud, iss, tid, appid, azp, nbf, exp })
    }

    /// The claims of a token that was signed with a key published under `path`. Nothing else is checked.
    pub(super) async fn signed<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
    ) -> Result<T, TokenTrouble> {
        let header = jsonwebtoken::decode_header(token);
        // `none` is no algorithm to the library: a token that says so is as unreadable as any other text.
        let header = header.map_err(|_| Unsound::Unreadable)?;
        if header.alg != Algorithm::RS256 {
            return Err(Unsound::Algorithm.into());
        }
        let kid = header.kid.filter(|kid| kid.len() <= KID_MAX).ok_or(Unsound::UnknownKey)?;
        let key = self.key(path, &kid).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        // The claims are held against the clock that was handed in, and against what was expected, by the domain.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let token = jsonwebtoken::decode::<T>(token, &key, &validation);
        Ok(token.map_err(|error| unsound(&error))?.claims)
    }

    async fn key(&self, path: &str, kid: &str) -> Result<DecodingKey, TokenTrouble> {
        let all = &self.keys.0;
        let keys = all.recall(&path.to_owned()).unwrap_or_else(|| {
            let new = Arc::<PublishedKeys>::default();
            all.remember(path.to_owned(), new.clone());
            new
        });
        if let Some(key) = keys.known().fresh(kid, self.clock.now()) {
            return Ok(key);
        }
        let mut fetches = keys.fetches.lock().await;
        let now = self.clock.now();
        let known = keys.known();
        if let Some(key) = known.fresh(kid, now) {
            return Ok(key); // somebody else fetched it meanwhile
        }
        if fetches.next_at.is_some_and(|at| now < at) {
            return known.while_none_is_fetched(kid, fetches.missing.as_deref());
        }
        match self.fetch(path).await {
            Ok(fetched) => {
                let found = fetched.get(kid).cloned();
                let next_at = found.is_none().then_some(now + PAUSE);
                *fetches = Fetches { missing: found.is_none().then(|| kid.to_owned()), next_at };
                let mut known = keys.known.lock().unwrap_or_else(PoisonError::into_inner);
                *known = Known { keys: Arc::new(fetched), fetched_at: Some(now) };
                found.ok_or(TokenTrouble::Unsound(Unsound::UnknownKey))
            }
            Err(trouble) => {
                *fetches = Fetches { missing: None, next_at: Some(now + AFTER_FAILURE) };
                // Old keys are better than none: a broker that starts again shall not cost a webhook.
                known.keys.get(kid).cloned().ok_or(trouble)
            }
        }
    }

    async fn fetch(&self, path: &str) -> Result<HashMap<String, DecodingKey>, TokenTrouble> {
        let set: KeySet = match self.published_keys(path).await {
            Err(Trouble::Refused {
                status: StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND,
                ..
            }) => {
                return Err(TokenTrouble::NoTenant);
            }
            other => other.map_err(TokenTrouble::Keys)?,
        };
        let good = set.keys.into_iter().filter(|key| {
            key.kty == "RSA" && key.usage == "sig" && (key.alg.is_empty() || key.alg == "RS256")
        });
        let read = good.filter_map(|key| {
            let parts = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
            Some((key.kid, parts))
        });
        Ok(read.collect())
    }
}

impl Known {
    /// A name that the last fetch did not bring is made up. Another one might be of a key that is newer than the last
    /// fetch: refusing it would lose a change for good, so the marketplace is asked to come again.
    fn while_none_is_fetched(
        &self,
        kid: &str,
        missing: Option<&str>,
    ) -> Result<DecodingKey, TokenTrouble> {
        match self.keys.get(kid) {
            Some(key) => Ok(key.clone()),
            None if missing == Some(kid) => Err(Unsound::UnknownKey.into()),
            None => {
                let what = "they were asked for a moment ago";
                Err(TokenTrouble::Keys(Trouble::unreachable_for(what, PAUSE)))
            }
        }
    }
}

fn unsound(error: &jsonwebtoken::errors::Error) -> Unsound {
    match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => Unsound::Signature,
        jsonwebtoken::errors::ErrorKind::InvalidAlgorithm => Unsound::Algorithm,
        _ => Unsound::Unreadable,
    }
}
