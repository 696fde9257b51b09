//! Standard Webhooks (<https://www.standardwebhooks.com>): HMAC-SHA256 over `id.timestamp.body`. Signed by the
//! broker where a publisher asks for it, verified by the publisher. Pure: key, time and bytes are handed in.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// How far the sender's clock may be from the receiver's.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// What a written secret begins with.
pub const PREFIX: &str = "whsec_";

/// The secret of a signature.
#[derive(Debug, Clone)]
pub struct SignatureKey(Secret<Vec<u8>>);

/// Why a signature is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// `webhook-timestamp` is no number of seconds.
    #[error("webhook-timestamp is no number of seconds")]
    NoTime,
    /// Sent too long ago, or from the future.
    #[error("webhook-timestamp is more than five minutes away")]
    NotFresh,
    /// No signature of the header fits.
    #[error("no signature in webhook-signature fits")]
    Wrong,
}

impl SignatureKey {
    /// A key from random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes.to_vec()))
    }

    /// Reads `whsec_…`; `None` if it is no such text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (!bytes.is_empty()).then(|| Self(Secret::new(bytes)))
    }

    /// The key as it is written: `whsec_…`.
    #[must_use]
    pub fn written(&self) -> Secret<String> {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0.expose())))
    }

    fn mac(&self, id: &str, at: i64, body: &[u8]) -> Vec<u8> {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else {
            return Vec::new();
        };
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body);
        mac.finalize().into_bytes().to_vec()
    }

    /// The value of `webhook-signature`.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.mac(id, at.as_second(), body)))
    }

    /// Checks the three headers against the raw body. Several signatures, separated by blanks, are a rotation: one
    /// that fits is enough.
    pub fn verify(
        &self,
        (id, timestamp, signatures): (&str, &str, &str),
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureRefusal> {
        let at: i64 = timestamp.parse().map_err(|_| SignatureRefusal::NoTime)?;
        let sent = Timestamp::from_second(at).map_err(|_| SignatureRefusal::NoTime)?;
        if now.duration_since(sent).abs() > TOLERANCE {
            return Err(SignatureRefusal::NotFresh);
        }
        let expected = self.mac(id, at, body);
        let fits = |signature: &str| {
            let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
            bytes.is_some_and(|bytes| !expected.is_empty() && bool::from(bytes.ct_eq(&expected)))
        };
        if signatures.split(' ').any(fits) { Ok(()) } else { Err(SignatureRefusal::Wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_published_example() {
        let key = SignatureKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, time) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330");
        let body = br#"{"test": 2432232314}"#;
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        let signature = key.sign(id, now, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let verify = |id, time, signature: &str, body: &[u8], now| {
            key.verify((id, time, signature), body, now)
        };
        assert_eq!(verify(id, time, &signature, body, now), Ok(()));
        let rotated = format!("v1,AAAA v2,xyz {signature}");
        assert_eq!(verify(id, time, &rotated, body, now), Ok(()));
        let wrong = Err(SignatureRefusal::Wrong);
        assert_eq!(verify(id, time, &signature, b"{}", now), wrong);
        assert_eq!(verify("msg_other", time, &signature, body, now), wrong);
        assert_eq!(verify(id, "1614265331", &signature, body, now), wrong);
        assert_eq!(verify(id, time, "", body, now), wrong);
        assert_eq!(verify(id, "soon", &signature, body, now), Err(SignatureRefusal::NoTime));
        let late = now + SignedDuration::from_mins(6);
        assert_eq!(verify(id, time, &signature, body, late), Err(SignatureRefusal::NotFresh));
    }

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let key = SignatureKey::new([7; 32]);
        let again = SignatureKey::parse(key.written().expose()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(key.sign("a", now, b"b"), again.sign("a", now, b"b"));
        assert!(SignatureKey::parse("MfKQ9r8G").is_none());
        assert!(!format!("{key:?}").contains('7'));
    }
}
