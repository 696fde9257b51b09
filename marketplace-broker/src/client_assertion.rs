//! Reads client assertions and the public keys that verify them. What an assertion must say is for the domain
//! (`domain/identity/assertion.rs`). Called by `http/identity/clients` and `http/rehearsal/client_keys`.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk},
};
use sha2::{Digest, Sha256};

use crate::domain::identity::{
    ASSERTION_MAX, AssertionClaims, AssertionRefusal, ClientKey, KeyForm, named,
};

/// What a key can sign: RSA by two algorithms, P-256 by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Rsa,
    Ec,
}

/// Bytes of a coordinate.
const P256: usize = 32;

impl Family {
    fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => Some(Self::Rsa),
            Algorithm::ES256 => Some(Self::Ec),
            _ => None,
        }
    }
}

/// The claims of an assertion that was signed with one of `keys`.
pub fn opened(assertion: &str, keys: &[ClientKey]) -> Result<AssertionClaims, AssertionRefusal> {
    if assertion.len() > ASSERTION_MAX {
        return Err(AssertionRefusal::Malformed);
    }
    let header = jsonwebtoken::decode_header(assertion);
    let header = header.map_err(|_| AssertionRefusal::Malformed)?;
    let family = Family::of(header.alg).ok_or(AssertionRefusal::Malformed)?;
    if header.crit.is_some() {
        return Err(AssertionRefusal::Malformed); // nothing critical is understood (RFC 7515 4.1.11)
    }
    let mut rules = Validation::new(header.alg);
    // Audience and time are the domain's, by the clock that was handed in.
    rules.validate_aud = false;
    rules.validate_exp = false;
    rules.required_spec_claims.clear();
    for key in named(keys, header.kid.as_deref(), header.x5t.as_deref()) {
        let Some((known, verifying)) = verifying(key) else { continue };
        if known != family {
            continue;
        }
        match jsonwebtoken::decode::<AssertionClaims>(assertion, &verifying, &rules) {
            Ok(opened) => return Ok(opened.claims),
            Err(error) => match error.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidSignature => {}
                // Signed by a key of the app, but not with what an assertion says.
                _ => return Err(AssertionRefusal::Malformed),
            },
        }
    }
    Err(AssertionRefusal::Signature)
}

fn verifying(key: &ClientKey) -> Option<(Family, DecodingKey)> {
    match key.form {
        KeyForm::Jwk => from_jwk(&serde_json::from_str(&key.key).ok()?),
        KeyForm::Certificate => from_certificate(key.key.as_bytes()),
    }
}

fn from_jwk(jwk: &Jwk) -> Option<(Family, DecodingKey)> {
    let length = |text: &str| URL_SAFE_NO_PAD.decode(text).map_or(0, |bytes| bytes.len());
    let family = match &jwk.algorithm {
        // 2048 to 8192 bits: what the crypto library verifies with.
        AlgorithmParameters::RSA(parts) if (256..=1_024).contains(&length(&parts.n)) => Family::Rsa,
        AlgorithmParameters::EllipticCurve(parts)
            if parts.curve == EllipticCurve::P256
                && length(&parts.x) == P256
                && length(&parts.y) == P256 =>
        {
            Family::Ec
        }
        _ => return None,
    };
    Some((family, DecodingKey::from_jwk(jwk).ok()?))
}

fn from_certificate(pem: &[u8]) -> Option<(Family, DecodingKey)> {
    let rsa = DecodingKey::from_rsa_pem(pem).map(|key| (Family::Rsa, key));
    if let Ok(key) = rsa {
        return Some(key);
    }
    let key = DecodingKey::from_ec_pem(pem).ok()?;
    // A point of P-256, uncompressed.
    (key.try_get_as_bytes().ok()?.len() == 1 + 2 * P256).then_some((Family::Ec, key))
}

/// Reads a JWK that is to be registered. Only its public members are kept; `kid` is its own, or its hash.
pub fn read_jwk(jwk: &serde_json::Value) -> Option<ClientKey> {
    let members: &[&str] = match jwk.get("kty")?.as_str()? {
        "RSA" => &["kty", "n", "e"],
        "EC" => &["kty", "crv", "x", "y"],
        _ => return None,
    };
    let mut public = serde_json::Map::new();
    for member in members {
        public.insert((*member).to_owned(), jwk.get(member)?.as_str()?.into());
    }
    let key = serde_json::Value::Object(public).to_string();
    let parsed: Jwk = serde_json::from_str(&key).ok()?;
    from_jwk(&parsed)?;
    let kid = match jwk.get("kid") {
        Some(kid) => kid.as_str().filter(|kid| is_name(kid))?.to_owned(),
        None => short_hash(key.as_bytes()),
    };
    Some(ClientKey { kid, form: KeyForm::Jwk, thumbprint: None, key })
}

/// Reads a certificate that is to be registered. Its `kid` is its thumbprint.
pub fn read_certificate(pem: &str) -> Option<ClientKey> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let (_, rest) = pem.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(&body).ok()?;
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let key = format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"));
    from_certificate(key.as_bytes())?;
    // What x5t is defined as (RFC 7515 4.1.7); it names the key and proves nothing.
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der));
    let (kid, thumbprint) = (thumbprint.clone(), Some(thumbprint));
    Some(ClientKey { kid, form: KeyForm::Certificate, thumbprint, key })
}

/// What may stand in a path.
fn is_name(kid: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=100).contains(&kid.len()) && kid.bytes().all(fits)
}

fn short_hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..16])
}
