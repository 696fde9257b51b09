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

/// The public half of the foreign key, as an app would register it: a certificate, and a JWK's members.
pub const CERTIFICATE: &str = include_str!("client-certificate.pem");
pub const RSA_JWK: (&str, &str) = (
    "vkrZD0VmG-N79WTnrODqSEFmN5McThqZ8doMGZk3JiKa7-f-nSYK_wK8cF0ljeFBhviyN_3C3sUo2_5yh7SBHhu6pXeOBhPCYm2EwTQ4bNZ3ojC1BgXKtI9dTRst3-hm2Tf5uxfBROTBIoB7UIcdAstdfr3XYAsQYVvQmu3kQxnhnVtM6t1TGyNeObPkUmx_1Fn03-kvIYY46l98CGJDrbTHdFNMom1ZI09O-YusN0AQN3l_ZbxYjluKWUEj54g2o8_JKKA5nNp9-uPY_PC45w4iOhR-LWM_ivLr1JW4aLDij9hNMpY-KLa9dx4wdrR7X1DozKaT-tWHAzpa5x2ZTQ",
    "AQAB",
);
/// A certificate over a P-256 key, and the key's point.
pub const EC_CERTIFICATE: &str = include_str!("client-ec-certificate.pem");
pub const EC_POINT: (&str, &str) =
    ("4cmNN-Mp3zD2T4Y3IZUBPfKFqZrydj5Tqrmf9qmjtJI", "QhNjN8x8q6RcRDr1DyrJrpWbRrgsKaXWF919JxZ1Ctk");
const EC_KEY: &str = include_str!("client-ec-key.pem");

/// A client assertion with this header and these claims: by the foreign RSA key, or the P-256 key for ES256.
pub fn assertion(header: &Header, claims: &Value) -> String {
    let key = match header.alg {
        Algorithm::ES256 => EncodingKey::from_ec_pem(EC_KEY.as_bytes()),
        _ => EncodingKey::from_rsa_pem(FOREIGN_KEY.as_bytes()),
    };
    jsonwebtoken::encode(header, claims, &key.expect("a key")).expect("an assertion")
}
