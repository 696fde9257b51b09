//! The installation's RS256 keys: they sign and verify bearer tokens. Made in the background after start, stored in
//! the database, so that every broker of an installation accepts what another issued. Called by `http/identity` and
//! by the caller extractor.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::{
    identity::{Key, MARKETPLACE_RESOURCE, issuer_v1},
    secret::Secret,
};
use tokio::sync::watch;

use crate::{
    commands::StoreSigningKey,
    store::{Failure, SigningKeyRow, Store, signing_keys},
};

/// How long a caller waits for the first key of a fresh installation.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// The marketplace's resource id before June 2020 (fulfillment.md 5.3; clients.md 3). Whether it is taken is a quirk.
pub const RETIRED_RESOURCE: &str = "62d94f6c-d599-489b-a797-3e10e42fbe22";
/// Audiences a publisher's token may have (fulfillment.md 5.3; clients.md 3).
pub const AUDIENCES: [&str; 3] =
    [MARKETPLACE_RESOURCE, "https://marketplaceapi.microsoft.com", RETIRED_RESOURCE];

/// Claims of a publisher's bearer token, v1 (fulfillment.md 5.3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The resource.
    pub aud: String,
    /// `https://sts.windows.net/{tid}/`.
    pub iss: String,
    /// The tenant.
    pub tid: String,
    /// The app.
    pub appid: String,
    /// The app's service principal.
    pub oid: String,
    /// The same.
    pub sub: String,
    /// Seconds, real time.
    pub iat: i64,
    /// Seconds, real time.
    pub nbf: i64,
    /// Seconds, real time.
    pub exp: i64,
    /// `1.0`.
    pub ver: String,
}

struct Keys {
    kid: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    /// The public halves, the newest first.
    published: Vec<Key>,
    /// Tokens whose signature was found sound, by their SHA-256: a client sends the same one thousands of times, and
    /// each signature costs more than the rest of a read. Expiry is looked at every time.
    sound: Mutex<HashMap<[u8; 32], Arc<Claims>>>,
}

/// Tokens remembered as sound; then all are forgotten.
const SOUND_MAX: usize = 1_024;

/// The keys, once they are there.
pub struct KeyRing {
    keys: watch::Sender<Option<Arc<Keys>>>,
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
        Self { keys: watch::Sender::new(None) }
    }

    /// Reads the keys from the store, or makes the first one. `given` is used instead of a new one (tests).
    pub async fn fill(&self, store: &Store, given: Option<Secret<String>>) -> Result<(), KeyError> {
        let mut rows = signing_keys(&mut *store.read().await?).await?;
        if rows.is_empty() {
            let row = match given {
                Some(private_key) => row(private_key),
                None => {
                    tokio::task::spawn_blocking(make).await.map_err(|_| KeyError::Unusable)??
                }
            };
            rows = store.execute_in_turn(StoreSigningKey(row)).await?;
        }
        self.keys.send_replace(Some(Arc::new(Keys::read(&rows)?)));
        Ok(())
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

    /// Signs claims; off the async threads, because an RS256 signature is milliseconds of work.
    pub async fn sign<C: Serialize + Send + 'static>(
        &self,
        claims: C,
    ) -> Result<Secret<String>, KeyError> {
        let keys = self.ready().await?;
        let signed = tokio::task::spawn_blocking(move || {
            let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::RS256) };
            jsonwebtoken::encode(&header, &claims, &keys.signing)
        });
        let signed = signed.await.map_err(|_| KeyError::Unusable)?;
        signed.map(Secret::new).map_err(|_| KeyError::Unusable)
    }

    /// The public keys, the newest first; those of other brokers on the same database included.
    pub async fn published(&self, store: &Store) -> Result<Vec<Key>, KeyError> {
        let mut keys = self.ready().await?;
        let rows = signing_keys(&mut *store.read().await?).await?;
        if rows.len() != keys.verifying.len() {
            keys = Arc::new(Keys::read(&rows)?);
            self.keys.send_replace(Some(keys.clone()));
        }
        Ok(keys.published.clone())
    }

    /// The claims of a sound token of one of [`AUDIENCES`] that is valid at `now`, real time. A key of another broker
    /// is read from the store when a token names it.
    pub async fn verify(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Claims>>, KeyError> {
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
        let Some(kid) = header.kid.filter(|kid| kid.len() <= 64) else { return Ok(None) };
        let mut keys = self.ready().await?;
        if !keys.verifying.contains_key(&kid) {
            let rows = signing_keys(&mut *store.read().await?).await?;
            if rows.len() == keys.verifying.len() {
                return Ok(None); // nothing new: the name is made up
            }
            keys = Arc::new(Keys::read(&rows)?);
            self.keys.send_replace(Some(keys.clone()));
        }
        let seconds = now.as_second();
        let lives = |claims: &Arc<Claims>| claims.nbf <= seconds && seconds < claims.exp;
        Ok(keys.sound(&kid, token).filter(lives))
    }
}

impl Keys {
    fn read(rows: &[SigningKeyRow]) -> Result<Self, KeyError> {
        let newest = rows.first().ok_or(KeyError::Unusable)?;
        let signing = EncodingKey::from_rsa_pem(newest.private_key.expose().as_bytes());
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for row in rows {
            let parts = public(row.private_key.expose())?;
            let key = DecodingKey::from_rsa_raw_components(&parts.n, &parts.e);
            verifying.insert(row.kid.clone(), key);
            published.push(Key {
                kty: "RSA".to_owned(),
                usage: "sig".to_owned(),
                alg: "RS256".to_owned(),
                kid: row.kid.clone(),
                n: URL_SAFE_NO_PAD.encode(&parts.n),
                e: URL_SAFE_NO_PAD.encode(&parts.e),
            });
        }
        Ok(Self {
            kid: newest.kid.clone(),
            signing: signing.map_err(|_| KeyError::Unusable)?,
            verifying,
            published,
            sound: Mutex::new(HashMap::new()),
        })
    }

    /// The claims of a token with a sound signature, audience and issuer; its expiry is not looked at.
    fn sound(&self, kid: &str, token: &str) -> Option<Arc<Claims>> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.sound.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        if known.is_some() {
            return known;
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&AUDIENCES);
        // Expiry is checked by the caller, against the clock that was handed in.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let key = self.verifying.get(kid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims;
        let claims = Arc::new(Some(claims).filter(|claims| claims.iss == issuer_v1(&claims.tid))?);
        let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        if sound.len() >= SOUND_MAX {
            sound.clear();
        }
        sound.insert(hash, claims.clone());
        Some(claims)
    }
}

/// Makes a key of 2048 bits. Takes a tenth of a second or so of one core.
fn make() -> Result<SigningKeyRow, KeyError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Unusable)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Unusable)?;
    let text = STANDARD.encode(der.as_ref());
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let body = lines.collect::<Vec<_>>().join("\n");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    Ok(row(Secret::new(pem)))
}

/// A key is named after its own hash: two brokers that start with the same key agree on its name.
fn row(private_key: Secret<String>) -> SigningKeyRow {
    let hash = Sha256::digest(private_key.expose().as_bytes());
    let kid = hash[..12].iter().fold(String::new(), |kid, byte| format!("{kid}{byte:02x}"));
    SigningKeyRow { kid, private_key }
}

fn public(pem: &str) -> Result<PublicKeyComponents<Vec<u8>>, KeyError> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).map_err(|_| KeyError::Unusable)?;
    let pair = KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Unusable)?;
    Ok(pair.public_key().into())
}
