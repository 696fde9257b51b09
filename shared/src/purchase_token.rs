//! The purchase token: what a buyer carries from the marketplace to the publisher's landing page (S19).
//!
//! To its holder it is opaque: standard base64 with padding, 216 characters, and every one contains `+`, `/` and
//! `=`, so that a client that decodes it wrongly fails on its first day (fulfillment.md 1.2, clients.md 3).
//! Inside, 160 bytes:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version |
//! | 8 | key id |
//! | 1 + n | rehearsal sandbox, n up to 40 |
//! | 16 | subscription |
//! | 8, 8 | issued, expires: microseconds of sandbox time |
//! | 86 - n | nonce |
//! | 32 | HMAC-SHA256 over all bytes before it |
//!
//! Pure: the instant, the key and the seed are handed in. Not single use (C13). Minted by the broker's purchase
//! and activation-link commands, verified by its resolve.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    ids::{SandboxId, SubscriptionId},
    secret::Secret,
};

/// How long a token resolves, in sandbox time (C12).
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Length of every token in characters; the real one has 216 or 236.
pub const LENGTH: usize = 216;

const VERSION: u8 = 1;
const SIGNED: usize = 128;
const TOTAL: usize = 160;
const FIXED: usize = 1 + 8 + 1 + 16 + 8 + 8;

/// Names a signing key; stands in the token, so that older tokens verify after a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A key that signs purchase tokens of one sandbox.
#[derive(Debug, Clone)]
pub struct TokenKey {
    /// Its name.
    pub id: KeyId,
    /// The HMAC key.
    pub secret: Secret<[u8; 32]>,
}

/// A token as it is carried. It does not show itself; [`PurchaseToken::fingerprint`] names it in logs and journals.
#[derive(Clone)]
pub struct PurchaseToken(Secret<String>);

impl PurchaseToken {
    /// The token itself, for the places it may appear in (architecture.md, Security rules).
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// `tok_` and eight hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self.0.expose())
    }
}

impl fmt::Debug for PurchaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// Names any text that was sent as a token without showing it: `tok_` and eight hexadecimal digits of its SHA-256.
#[must_use]
pub fn fingerprint(token: &str) -> String {
    let hash = Sha256::digest(token.as_bytes());
    format!("tok_{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The sandbox that issued it.
    pub sandbox: SandboxId,
    /// The purchase it stands for.
    pub subscription: SubscriptionId,
    /// When it was issued, sandbox time.
    pub issued_at: Timestamp,
    /// From when on it does not resolve any more, sandbox time.
    pub expires_at: Timestamp,
}

/// Why a token is refused. The publisher sees 400 or 403; log and journal tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Not base64 as issued: cut, not percent-decoded, or `+` turned into a space.
    #[error("undecodable")]
    Undecodable,
    /// Well formed, but no such key signs for that sandbox.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("tampered")]
    Tampered,
    /// Older than its lifetime.
    #[error("expired")]
    Expired,
    /// Sound, but issued for another publisher's offer or in another sandbox.
    #[error("another publisher's")]
    AnotherPublishers,
}

/// Makes a token for `subscription`, valid for [`LIFETIME`] from `issued_at`. The same arguments give the same token;
/// draw i of the nonce comes from (seed, i), until the token holds `+`, `/` and `=`.
#[must_use]
pub fn mint(
    key: &TokenKey,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
    issued_at: Timestamp,
    seed: &[u8; 32],
) -> PurchaseToken {
    let mut bytes = Vec::with_capacity(TOTAL);
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.id.0);
    bytes.push(u8::try_from(sandbox.as_str().len()).unwrap_or(u8::MAX)); // an id has at most 40
    bytes.extend_from_slice(sandbox.as_str().as_bytes());
    bytes.extend_from_slice(subscription.0.as_bytes());
    bytes.extend_from_slice(&issued_at.as_microsecond().to_be_bytes());
    bytes.extend_from_slice(&(issued_at + LIFETIME).as_microsecond().to_be_bytes());
    let head = bytes.len();
    for draw in 0_u32.. {
        bytes.truncate(head);
        extend_with_nonce(&mut bytes, seed, draw);
        let signature = signer(key).chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        let text = STANDARD.encode(&bytes);
        if text.contains('+') && text.contains('/') && text.contains('=') {
            return PurchaseToken(Secret::new(text));
        }
    }
    unreachable!("four thousand million draws without '+' and '/'")
}

/// Fills up to the signed length with bytes that follow from (seed, draw).
fn extend_with_nonce(bytes: &mut Vec<u8>, seed: &[u8; 32], draw: u32) {
    for block in 0_u8.. {
        let missing = SIGNED - bytes.len();
        if missing == 0 {
            return;
        }
        let hash =
            Sha256::new().chain_update(seed).chain_update(draw.to_be_bytes()).chain_update([block]);
        bytes.extend_from_slice(&hash.finalize()[..missing.min(32)]);
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn signer(key: &TokenKey) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.secret.expose()).expect("HMAC takes a key of any length")
}

/// A token read but not believed: it tells which key to fetch.
#[derive(Debug)]
pub struct Unverified {
    /// The key it names.
    pub key_id: KeyId,
    /// The sandbox it names.
    pub sandbox: SandboxId,
    bytes: [u8; TOTAL],
}

/// Reads a token without believing it. `Undecodable` unless it is base64 of our shape, to the letter.
pub fn read(token: &str) -> Result<Unverified, TokenRefusal> {
    if token.len() != LENGTH {
        return Err(TokenRefusal::Undecodable);
    }
    let bytes = STANDARD.decode(token).map_err(|_| TokenRefusal::Undecodable)?;
    let bytes: [u8; TOTAL] = bytes.try_into().map_err(|_| TokenRefusal::Undecodable)?;
    let length = usize::from(bytes[9]);
    if bytes[0] != VERSION || length > SIGNED - FIXED {
        return Err(TokenRefusal::Undecodable);
    }
    let sandbox = std::str::from_utf8(&bytes[10..10 + length])
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(TokenRefusal::Undecodable)?;
    Ok(Unverified { key_id: KeyId(array(&bytes, 1)), sandbox, bytes })
}

impl Unverified {
    /// Checks the signature with the key the token names, in constant time, then the expiry against `now`
    /// (sandbox time). A token is expired from its `expires_at` on.
    pub fn verify(self, key: &TokenKey, now: Timestamp) -> Result<Claims, TokenRefusal> {
        let (signed, signature) = self.bytes.split_at(SIGNED);
        signer(key)
            .chain_update(signed)
            .verify_slice(signature)
            .map_err(|_| TokenRefusal::Tampered)?;
        let after_sandbox = 10 + self.sandbox.as_str().len();
        let instant = |at: usize| {
            Timestamp::from_microsecond(i64::from_be_bytes(array(&self.bytes, at)))
                .map_err(|_| TokenRefusal::Undecodable)
        };
        let expires_at = instant(after_sandbox + 24)?;
        if now >= expires_at {
            return Err(TokenRefusal::Expired);
        }
        Ok(Claims {
            subscription: SubscriptionId(Uuid::from_bytes(array(&self.bytes, after_sandbox))),
            issued_at: instant(after_sandbox + 16)?,
            expires_at,
            sandbox: self.sandbox,
        })
    }
}

/// `N` bytes from `at` on; the callers stay inside by the layout.
fn array<const N: usize>(bytes: &[u8; TOTAL], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(id: u8) -> TokenKey {
        TokenKey { id: KeyId([id; 8]), secret: Secret::new([id; 32]) }
    }

    fn sandbox() -> SandboxId {
        "default".parse().unwrap()
    }

    fn subscription() -> SubscriptionId {
        SubscriptionId(Uuid::from_u128(0x1234_5678))
    }

    fn noon() -> Timestamp {
        "2027-01-31T12:00:00Z".parse().unwrap()
    }

    fn minted(draw: u64) -> PurchaseToken {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&draw.to_be_bytes());
        mint(&key(1), &sandbox(), subscription(), noon(), &seed)
    }

    #[test]
    fn ten_thousand_minted_tokens_all_contain_plus_slash_and_equals() {
        for draw in 0..10_000 {
            let token = minted(draw);
            let text = token.expose();
            assert_eq!(text.len(), LENGTH);
            assert!(text.contains('+') && text.contains('/') && text.ends_with('='), "{draw}");
        }
    }

    #[test]
    fn a_token_tells_what_it_was_made_for_until_it_expires() {
        let token = minted(7);
        let claims = read(token.expose()).unwrap().verify(&key(1), noon()).unwrap();
        assert_eq!(claims.sandbox, sandbox());
        assert_eq!(claims.subscription, subscription());
        assert_eq!(claims.issued_at, noon());
        assert_eq!(claims.expires_at, noon() + LIFETIME);

        let verify_at = |at| read(token.expose()).unwrap().verify(&key(1), at);
        let last = noon() + LIFETIME - SignedDuration::from_micros(1);
        assert!(verify_at(last).is_ok());
        assert_eq!(verify_at(noon() + LIFETIME), Err(TokenRefusal::Expired));
    }

    #[test]
    fn the_longest_sandbox_id_fits() {
        let long: SandboxId = "x".repeat(40).parse().unwrap();
        let token = mint(&key(1), &long, subscription(), noon(), &[9; 32]);
        let claims = read(token.expose()).unwrap().verify(&key(1), noon()).unwrap();
        assert_eq!((claims.sandbox, claims.subscription), (long, subscription()));
    }

    #[test]
    fn another_key_of_the_same_name_is_tampering_and_a_token_names_its_key() {
        let token = minted(1);
        let unverified = read(token.expose()).unwrap();
        assert_eq!(unverified.key_id, KeyId([1; 8]));
        let wrong = TokenKey { id: KeyId([1; 8]), secret: Secret::new([2; 32]) };
        assert_eq!(unverified.verify(&wrong, noon()), Err(TokenRefusal::Tampered));
    }

    #[test]
    fn what_a_careless_client_makes_of_a_token_is_undecodable() {
        let token = minted(3);
        let text = token.expose();
        let percent_encoded = text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for garbled in [
            text.replace('+', " "),
            percent_encoded,
            text.trim_end_matches('=').to_owned(),
            format!(" {text}"),
            text[..100].to_owned(),
            String::new(),
            text.replace('+', "-").replace('/', "_"),
        ] {
            assert_eq!(read(&garbled).unwrap_err(), TokenRefusal::Undecodable, "{garbled}");
        }
    }

    #[test]
    fn a_token_shows_only_its_fingerprint() {
        let token = minted(5);
        let shown = format!("{token:?}");
        assert!(shown.starts_with("tok_") && shown.len() == 12);
        assert_eq!(shown, fingerprint(token.expose()));
    }

    proptest! {
        #[test]
        fn no_changed_byte_passes(draw: u64, at in 0..TOTAL, change in 1..=255_u8) {
            let token = minted(draw);
            let mut bytes = STANDARD.decode(token.expose()).unwrap();
            bytes[at] ^= change;
            let garbled = STANDARD.encode(&bytes);
            let verified = read(&garbled).and_then(|read| read.verify(&key(1), noon()));
            prop_assert!(verified.is_err());
        }

        #[test]
        fn no_changed_character_passes(draw: u64, at in 0..LENGTH, to in "[ -~]") {
            let token = minted(draw);
            let mut text = token.expose().to_owned();
            prop_assume!(text[at..=at] != to);
            text.replace_range(at..=at, &to);
            prop_assert!(read(&text).and_then(|read| read.verify(&key(1), noon())).is_err());
        }
    }
}
