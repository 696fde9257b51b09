//! The keys of a ring, read from their rows; how a new one is made.

use std::{collections::HashMap, sync::Arc};

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
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use shared::{identity::Key, ids::SandboxId, secret::Secret};

use super::KeyError;
use crate::{domain::identity::KEY_OVERLAP, store::SigningKeyRow};

/// A key that signs, or has signed.
pub(super) struct OneKey {
    pub(super) kid: String,
    sandbox: Option<SandboxId>,
    created_at: Timestamp,
    /// When a newer one of the same sandbox came.
    followed_at: Option<Timestamp>,
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    public: Key,
}

impl OneKey {
    /// Whether its last token is over.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.followed_at.is_some_and(|at| now.duration_since(at) >= KEY_OVERLAP)
    }
}

/// All keys of an installation.
pub(super) struct Keys {
    /// Newest first.
    all: Vec<Arc<OneKey>>,
    by_id: HashMap<String, Arc<OneKey>>,
}

impl Keys {
    /// Reads rows, newest first. What did not change since `known` is not read again: it takes a while.
    pub(super) fn read(rows: Vec<SigningKeyRow>, known: Option<&Self>) -> Result<Self, KeyError> {
        let mut newer: HashMap<Option<SandboxId>, Timestamp> = HashMap::new();
        let mut all = Vec::new();
        for row in rows {
            let followed_at = newer.insert(row.sandbox.clone(), row.created_at);
            let same = known.and_then(|known| known.by_id(&row.kid));
            let same = same.filter(|key| key.followed_at == followed_at);
            all.push(match same {
                Some(key) => key.clone(),
                None => Arc::new(read(row, followed_at)?),
            });
        }
        let by_id = all.iter().map(|key| (key.kid.clone(), key.clone())).collect();
        Ok(Self { all, by_id })
    }

    /// Whether these are all their names.
    pub(super) fn are(&self, kids: &[String]) -> bool {
        kids.len() == self.all.len() && kids.iter().all(|kid| self.by_id.contains_key(kid))
    }

    pub(super) fn by_id(&self, kid: &str) -> Option<&Arc<OneKey>> {
        self.by_id.get(kid)
    }

    /// The key a sandbox signs with: its newest, else the installation's.
    pub(super) fn signing(&self, sandbox: &SandboxId) -> Option<&Arc<OneKey>> {
        let of = |owner: Option<&SandboxId>| {
            self.all.iter().find(move |key| key.sandbox.as_ref() == owner)
        };
        of(Some(sandbox)).or_else(|| of(None))
    }

    /// What tokens of a sandbox may be signed with at `now`; of all sandboxes if none is named.
    pub(super) fn published(&self, sandbox: Option<&SandboxId>, now: Timestamp) -> Vec<Key> {
        let own = |key: &&Arc<OneKey>| sandbox.is_some() && key.sandbox.as_ref() == sandbox;
        // Since it has a key of its own, the installation's last tokens of this sandbox are over at some time, too.
        let first_own = self.all.iter().rfind(own).map(|key| key.created_at);
        let rotated_long_ago = first_own.is_some_and(|at| now.duration_since(at) >= KEY_OVERLAP);
        let counts = |key: &&Arc<OneKey>| match &key.sandbox {
            _ if key.is_over(now) => false,
            None => !rotated_long_ago,
            Some(owner) => sandbox.is_none_or(|asked| asked == owner),
        };
        self.all.iter().filter(counts).map(|key| key.public.clone()).collect()
    }
}

fn read(row: SigningKeyRow, followed_at: Option<Timestamp>) -> Result<OneKey, KeyError> {
    let pem = row.private_key.expose();
    let signing = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| KeyError::Unusable)?;
    let parts = public(pem)?;
    Ok(OneKey {
        sandbox: row.sandbox,
        created_at: row.created_at,
        followed_at,
        signing,
        verifying: DecodingKey::from_rsa_raw_components(&parts.n, &parts.e),
        public: Key {
            kty: "RSA".to_owned(),
            usage: "sig".to_owned(),
            alg: "RS256".to_owned(),
            kid: row.kid.clone(),
            n: URL_SAFE_NO_PAD.encode(&parts.n),
            e: URL_SAFE_NO_PAD.encode(&parts.e),
        },
        kid: row.kid,
    })
}

/// Makes a key of 2048 bits. Takes a tenth of a second or so of one core.
pub(super) fn make() -> Result<SigningKeyRow, KeyError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Unusable)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Unusable)?;
    let text = STANDARD.encode(der.as_ref());
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let body = lines.collect::<Vec<_>>().join("\n");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    Ok(row(Secret::new(pem)))
}

/// A key is named after its own hash: two brokers that start with the same key agree on its name. Whose it is and since
/// when it signs says the command that stores it.
pub(super) fn row(private_key: Secret<String>) -> SigningKeyRow {
    let hash = Sha256::digest(private_key.expose().as_bytes());
    let kid = hash[..12].iter().fold(String::new(), |kid, byte| format!("{kid}{byte:02x}"));
    SigningKeyRow { kid, sandbox: None, private_key, created_at: Timestamp::UNIX_EPOCH }
}

fn public(pem: &str) -> Result<PublicKeyComponents<Vec<u8>>, KeyError> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).map_err(|_| KeyError::Unusable)?;
    let pair = KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Unusable)?;
    Ok(pair.public_key().into())
}
