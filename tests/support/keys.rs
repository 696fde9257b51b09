//! Two RSA keys for tests, so that no test makes one: the broker's own, and one that it does not know.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

/// The key a broker of a test signs with.
pub const SIGNING_KEY: &str = include_str!("signing-key.pem");
const FOREIGN_KEY: &str = include_str!("foreign-key.pem");

/// A bearer with these claims, signed with the broker's own key.
pub fn signed(claims: &Value, kid: Option<String>) -> String {
    sign(SIGNING_KEY, claims, kid)
}

/// A bearer with these claims, signed with a key the broker does not know, under the name of one it does.
pub fn forged(claims: &Value, kid: Option<String>) -> String {
    sign(FOREIGN_KEY, claims, kid)
}

fn sign(pem: &str, claims: &Value, kid: Option<String>) -> String {
    let header = Header { kid, ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
    jsonwebtoken::encode(&header, claims, &key).expect("a token")
}
