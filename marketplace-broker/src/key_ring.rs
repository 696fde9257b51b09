//! RS256 keys: they sign and verify bearers, id tokens and webhooks. They belong to the installation; a sandbox gets its
//! own at its first rotation. Stored in the database, so that every broker of an installation accepts what another
//! issued. Called by `http/identity`, by webhooks and by the caller extractor.

mod claims;
mod keys;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use shared::{
    identity::{Key, MARKETPLACE_RESOURCE, PARTNER_CENTER_RESOURCE},
    ids::SandboxId,
    secret::Secret,
};
use tokio::sync::watch;

use crate::{
    commands::{RotateSigningKey, StoreSigningKey},
    domain::identity::GRAPH,
    store::{Failure, Store, newest_signing_key_id, signing_key_ids, signing_keys},
};

pub use claims::{Claims, GraphClaims};
use keys::Keys;

/// How long a caller waits for the first key of a fresh installation.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// The marketplace's resource id before June 2020 (fulfillment.md 5.3; clients.md 3). Whether it is taken is a quirk.
pub const RETIRED_RESOURCE: &str = "62d94f6c-d599-489b-a797-3e10e42fbe22";
/// Audiences a publisher's token may have (fulfillment.md 5.3; clients.md 3).
pub const AUDIENCES: [&str; 3] =
    [MARKETPLACE_RESOURCE, "https://marketplaceapi.microsoft.com", RETIRED_RESOURCE];
/// The resource that the .NET SDK 3.4.0 asks for unless it is told another (partner-center.md P-4). Whether it is taken is
/// a quirk.
pub const GRAPH_WINDOWS_NET: &str = "https://graph.windows.net";
/// Audiences a partner's token may have (partner-center.md 3.1, P-4).
pub const PARTNER_AUDIENCES: [&str; 2] = [PARTNER_CENTER_RESOURCE, GRAPH_WINDOWS_NET];

/// Tokens remembered as sound; then all are forgotten.
const SOUND_MAX: usize = 1_024;
/// Characters of a token at most: ours have a thousand or so.
const TOKEN_MAX: usize = 8 * 1024;

/// Tokens whose signature was found sound, by their SHA-256: a client sends the same one thousands of times, and each
/// signature costs more than the rest of a read. Key and expiry are looked at every time.
type Sound = Mutex<HashMap<[u8; 32], Arc<Claims>>>;

/// The keys, once they are there.
pub struct KeyRing {
    keys: watch::Sender<Option<Arc<Keys>>>,
    sound: Sound,
}

/// No key could be made or read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyError {
    /// Not there yet.
    #[error("the signing key is being made")]
    NotReady,
    /// The crypto library refused.
    #[error("the signing key is not usable")]
    Unusable,
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] Failure),
}

impl KeyRing {
    /// An empty ring; [`KeyRing::fill`] fills it.
    pub fn new() -> Self {
        Self { keys: watch::Sender::new(None), sound: Sound::default() }
    }

    /// Reads the keys from the store, or makes the first one. `given` is used instead of a new one (tests).
    pub async fn fill(&self, store: &Store, given: Option<Secret<String>>) -> Result<(), KeyError> {
        let mut rows = signing_keys(&mut *store.read().await?).await?;
        if rows.is_empty() {
            let row = match given {
                Some(private_key) => keys::row(private_key),
                None => made().await?,
            };
            rows = store.execute_in_turn(StoreSigningKey(row)).await?;
        }
        self.keys.send_replace(Some(Arc::new(Keys::read(rows, None)?)));
        Ok(())
    }

    /// Makes a key that a sandbox signs with from now on; answers its name. Made off the async threads.
    pub async fn rotate(&self, store: &Store, sandbox: &SandboxId) -> Result<String, KeyError> {
        self.ready().await?;
        let key = made().await?;
        let kid = key.kid.clone();
        store.execute(RotateSigningKey { sandbox: sandbox.clone(), key }).await?;
        self.refresh(store).await?;
        Ok(kid)
    }

    /// Whether the keys are there.
    pub fn is_ready(&self) -> bool {
        self.keys.borrow().is_some()
    }

    async fn ready(&self) -> Result<Arc<Keys>, KeyError> {
        let mut keys = self.keys.subscribe();
        let found = tokio::time::timeout(READY_LIMIT, keys.wait_for(Option::is_some)).await;
        let found = found.ok().and_then(Result::ok).and_then(|keys| (*keys).clone());
        found.ok_or(KeyError::NotReady)
    }

    /// The keys as they are stored now: another broker may have made one.
    async fn refresh(&self, store: &Store) -> Result<Arc<Keys>, KeyError> {
        let known = self.ready().await?;
        let mut conn = store.read().await?;
        if known.are(&signing_key_ids(&mut conn).await?) {
            return Ok(known);
        }
        let rows = signing_keys(&mut conn).await?;
        drop(conn);
        let read = tokio::task::spawn_blocking(move || Keys::read(rows, Some(&known)));
        let keys = Arc::new(read.await.map_err(|_| KeyError::Unusable)??);
        self.keys.send_replace(Some(keys.clone()));
        Ok(keys)
    }

    /// The name of the key that a sandbox signs with, as far as this broker knows; empty before there is one.
    pub fn signs_with(&self, sandbox: &SandboxId) -> String {
        let keys = self.keys.borrow();
        keys.as_ref().and_then(|keys| Some(keys.signing(sandbox)?.kid.clone())).unwrap_or_default()
    }

    /// The name of the key that a sandbox signs with, even if another broker has made it.
    pub async fn newest(&self, store: &Store, sandbox: &SandboxId) -> Result<String, KeyError> {
        Ok(self.newest_key(store, sandbox).await?.kid.clone())
    }

    async fn newest_key(
        &self,
        store: &Store,
        sandbox: &SandboxId,
    ) -> Result<Arc<keys::OneKey>, KeyError> {
        let mut keys = self.ready().await?;
        let newest = newest_signing_key_id(&mut *store.read().await?, sandbox).await?;
        if newest.is_some_and(|kid| keys.by_id(&kid).is_none()) {
            keys = self.refresh(store).await?;
        }
        keys.signing(sandbox).cloned().ok_or(KeyError::Unusable)
    }

    /// Signs claims with the sandbox's newest key; off the async threads, because an RS256 signature is milliseconds of
    /// work.
    pub async fn sign<C: Serialize + Send + 'static>(
        &self,
        store: &Store,
        sandbox: &SandboxId,
        claims: C,
    ) -> Result<Secret<String>, KeyError> {
        let key = self.newest_key(store, sandbox).await?;
        let signed = tokio::task::spawn_blocking(move || {
            let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::RS256) };
            jsonwebtoken::encode(&header, &claims, &key.signing)
        });
        let signed = signed.await.map_err(|_| KeyError::Unusable)?;
        signed.map(Secret::new).map_err(|_| KeyError::Unusable)
    }

    /// The public keys that tokens of a sandbox may be signed with at `now`, real time, the newest first; those of all
    /// sandboxes if none is named.
    pub async fn published(
        &self,
        store: &Store,
        sandbox: Option<&SandboxId>,
        now: Timestamp,
    ) -> Result<Vec<Key>, KeyError> {
        Ok(self.refresh(store).await?.published(sandbox, now))
    }

    /// The claims of a sound token of one of these audiences that is valid at `now`, real time. A key of another broker
    /// is read from the store when a token names it.
    pub async fn verify(
        &self,
        store: &Store,
        token: &str,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Option<Arc<Claims>>, KeyError> {
        let Some(key) = self.key_of(store, token, now).await? else { return Ok(None) };
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.sound.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        let claims = match known {
            Some(claims) => claims,
            None => {
                let read = opened::<Claims>(&key, token, audiences);
                let Some(claims) = read.filter(Claims::is_of_its_issuer) else { return Ok(None) };
                let claims = Arc::new(claims);
                let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
                if sound.len() >= SOUND_MAX {
                    sound.clear();
                }
                sound.insert(hash, claims.clone());
                claims
            }
        };
        let seconds = now.as_second();
        // One that was remembered may be of the other face.
        let fits = |claims: &Arc<Claims>| {
            audiences.contains(&claims.aud.as_str())
                && claims.nbf <= seconds
                && seconds < claims.exp
        };
        Ok(Some(claims).filter(fits))
    }

    /// What a token says, whoever made it: for measuring what [`Self::verify`] costs.
    pub fn unverified(token: &str) -> Option<Arc<Claims>> {
        jsonwebtoken::dangerous::insecure_decode::<Claims>(token)
            .ok()
            .map(|data| Arc::new(data.claims))
    }

    /// The claims of a sound token for a person's own profile that is valid at `now`, real time.
    pub async fn verify_graph(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<GraphClaims>, KeyError> {
        let Some(key) = self.key_of(store, token, now).await? else { return Ok(None) };
        let seconds = now.as_second();
        let claims = opened::<GraphClaims>(&key, token, &[GRAPH]);
        Ok(claims.filter(|claims| claims.nbf <= seconds && seconds < claims.exp))
    }

    /// The key that a token names, if it is still published.
    async fn key_of(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<keys::OneKey>>, KeyError> {
        if token.len() > TOKEN_MAX {
            return Ok(None);
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
        let Some(kid) = header.kid.filter(|kid| kid.len() <= 64) else { return Ok(None) };
        let mut keys = self.ready().await?;
        if keys.by_id(&kid).is_none() {
            keys = self.refresh(store).await?;
        }
        Ok(keys.by_id(&kid).filter(|key| !key.is_over(now)).cloned())
    }
}

/// The claims of a token with a sound signature and audience; its time is not looked at.
fn opened<C: DeserializeOwned>(key: &keys::OneKey, token: &str, audiences: &[&str]) -> Option<C> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(audiences);
    // Expiry is checked by the caller, against the clock that was handed in.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    Some(jsonwebtoken::decode::<C>(token, &key.verifying, &validation).ok()?.claims)
}

/// A new key, made off the async threads.
async fn made() -> Result<crate::store::SigningKeyRow, KeyError> {
    tokio::task::spawn_blocking(keys::make).await.map_err(|_| KeyError::Unusable)?
}
