//! A public key that an app proves itself with instead of its secret: a JWK, or a certificate in PEM, as it would be
//! uploaded to its registration (fulfillment.md 5.2).

/// Keys of one app.
pub const CLIENT_KEYS_MAX: usize = 10;
/// Characters of a key at most.
pub const CLIENT_KEY_MAX: usize = 10_000;

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// RFC 7517, as JSON.
    Jwk,
    /// X.509, as PEM.
    Certificate,
}

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// What the header of an assertion names it by.
    pub kid: String,
    /// How it is written.
    pub form: KeyForm,
    /// For a certificate: `x5t`, the base64url of its SHA-1.
    pub thumbprint: Option<String>,
    /// The key.
    pub key: String,
}

/// The keys that an assertion's header means: those with its `kid`, else its `x5t`; all if it names none. What else a
/// header may say about keys (`jku`, `x5u`, `jwk`, `x5c`) counts for nothing: whoever makes an assertion writes it.
pub fn named<'a>(
    keys: &'a [ClientKey],
    kid: Option<&'a str>,
    x5t: Option<&'a str>,
) -> impl Iterator<Item = &'a ClientKey> {
    let fits = move |key: &&ClientKey| {
        let by_kid = kid.is_some_and(|kid| key.kid == kid || key.is_thumbprint(kid));
        let by_x5t = x5t.is_some_and(|x5t| key.is_thumbprint(x5t));
        by_kid || by_x5t || (kid.is_none() && x5t.is_none())
    };
    keys.iter().filter(fits)
}

impl ClientKey {
    /// Libraries write a thumbprint as base64url, with or without padding, or, in `kid`, as hexadecimal digits in upper
    /// case.
    fn is_thumbprint(&self, text: &str) -> bool {
        let text = text.trim_end_matches('=');
        self.thumbprint
            .as_deref()
            .is_some_and(|known| known == text || hex(known) == text.to_uppercase())
    }
}

fn hex(base64url: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(base64url).unwrap_or_default();
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_a_key_by_its_id_or_its_thumbprint() {
        let key = |kid: &str, thumbprint: Option<&str>| ClientKey {
            kid: kid.to_owned(),
            form: KeyForm::Jwk,
            thumbprint: thumbprint.map(str::to_owned),
            key: String::new(),
        };
        let keys = [key("one", None), key("two", Some("q80"))];
        let found = |kid, x5t| named(&keys, kid, x5t).map(|key| &*key.kid).collect::<Vec<_>>();
        assert_eq!(found(Some("one"), None), ["one"]);
        assert_eq!(found(None, Some("q80")), ["two"]);
        assert_eq!(found(None, Some("q80=")), ["two"]);
        assert_eq!(found(Some("ABCD"), None), ["two"]);
        assert_eq!(found(Some("other"), Some("q80")), ["two"]);
        assert_eq!(found(None, None), ["one", "two"]);
        assert!(found(Some("three"), None).is_empty());
    }
}
