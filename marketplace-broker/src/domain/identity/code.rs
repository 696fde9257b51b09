//! Authorization codes: sixty seconds, once, and only for the app, redirect URI and verifier they were made for
//! (RFC 6749 4.1; RFC 7636).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use shared::{
    ids::{ClientId, TenantId},
    secret::Secret,
};
use uuid::Uuid;

use super::{refresh::RefreshGrant, scope::Scopes, version::Door};

/// How long a code is good, real time.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CodeGrant {
    /// The app that asked.
    pub client_id: ClientId,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// PKCE's S256 challenge, if there was one.
    pub challenge: Option<String>,
    /// Comes back in the id token.
    pub nonce: Option<String>,
    /// What was asked for.
    pub scope: String,
    /// Who signed in: the tenant.
    pub tenant_id: TenantId,
    /// Who signed in.
    pub object_id: Uuid,
}

impl CodeGrant {
    /// What a refresh token stands for that is given for it; `None`: none was asked for.
    #[must_use]
    pub fn refresh(&self) -> Option<RefreshGrant> {
        self.scope.split(' ').any(|scope| scope == "offline_access").then(|| RefreshGrant {
            client_id: self.client_id,
            scope: self.scope.clone(),
            tenant_id: self.tenant_id,
            object_id: self.object_id,
        })
    }
}

/// A code as it is stored, without the code itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCode {
    /// What it stands for.
    pub grant: CodeGrant,
    /// When it ends, real time.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
}

/// Who wants to redeem a code, and by which proof.
#[derive(Debug, Clone)]
pub struct Redeeming {
    /// The app, which has proved who it is.
    pub client_id: ClientId,
    /// The redirect URI it says the code came by.
    pub redirect_uri: String,
    /// PKCE's verifier.
    pub verifier: Option<Secret<String>>,
    /// What must have been granted; nothing if absent.
    pub needs: Option<Scopes>,
    /// Where.
    pub door: Door,
}

/// Why a code is not redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// No such code, or another app's, or of somebody who does not sign in where it was brought to.
    Unknown,
    /// It was redeemed before.
    Redeemed,
    /// Its sixty seconds are over.
    Expired,
    /// It was sent to another redirect URI.
    RedirectUri,
    /// The verifier is missing, is none, or is not the challenge's.
    Verifier,
    /// What is asked for was not granted when the user signed in.
    Scope,
}

impl IssuedCode {
    /// What the code stands for, if it may be redeemed at `now`.
    pub fn redeem(&self, by: &Redeeming, now: Timestamp) -> Result<&CodeGrant, CodeRefusal> {
        if self.grant.client_id != by.client_id || !by.door.admits(self.grant.tenant_id) {
            return Err(CodeRefusal::Unknown);
        }
        if self.redeemed_at.is_some() {
            return Err(CodeRefusal::Redeemed);
        }
        if now >= self.expires_at {
            return Err(CodeRefusal::Expired);
        }
        if self.grant.redirect_uri != by.redirect_uri {
            return Err(CodeRefusal::RedirectUri);
        }
        let fits = match (&self.grant.challenge, &by.verifier) {
            (None, None) => true,
            // A verifier without a challenge: the challenge was taken out of the request on its way.
            (None, Some(_)) | (Some(_), None) => false,
            (Some(challenge), Some(verifier)) => {
                is_verifier(verifier.expose())
                    && Secret::new(challenge.clone()).matches(challenge_of(verifier.expose()))
            }
        };
        if !fits {
            return Err(CodeRefusal::Verifier);
        }
        if by.needs.as_ref().is_some_and(|needs| !needs.is_within(&self.grant.scope)) {
            return Err(CodeRefusal::Scope);
        }
        Ok(&self.grant)
    }
}

/// PKCE's S256.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whether a text can be a verifier or a challenge: 43 to 128 unreserved characters (RFC 7636 4.1, 4.2).
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            authority::{Authority, CONSUMERS},
            scope::Asker,
            version::Version,
        },
        *,
    };

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn now() -> Timestamp {
        "2027-01-31T09:00:00Z".parse().unwrap()
    }

    fn issued() -> IssuedCode {
        IssuedCode {
            grant: CodeGrant {
                client_id: ClientId(Uuid::from_u128(1)),
                redirect_uri: "https://app.example/back".to_owned(),
                challenge: Some(CHALLENGE.to_owned()),
                nonce: None,
                scope: "openid".to_owned(),
                tenant_id: TenantId(Uuid::from_u128(2)),
                object_id: Uuid::from_u128(3),
            },
            expires_at: now() + CODE_LIFETIME,
            redeemed_at: None,
        }
    }

    fn redeeming() -> Redeeming {
        Redeeming {
            client_id: ClientId(Uuid::from_u128(1)),
            redirect_uri: "https://app.example/back".to_owned(),
            verifier: Some(Secret::new(VERIFIER.to_owned())),
            needs: None,
            door: Door { authority: Authority::Common, version: Version::V1 },
        }
    }

    #[test]
    fn a_code_is_redeemed_within_its_minute_by_its_app_with_its_verifier() {
        let last = now() + CODE_LIFETIME - SignedDuration::from_micros(1);
        for at in [now(), last] {
            assert_eq!(issued().redeem(&redeeming(), at), Ok(&issued().grant));
        }
        let plain =
            IssuedCode { grant: CodeGrant { challenge: None, ..issued().grant }, ..issued() };
        let without = Redeeming { verifier: None, ..redeeming() };
        assert!(plain.redeem(&without, now()).is_ok());
    }

    #[test]
    fn each_other_way_is_refused() {
        let check = |issued: &IssuedCode, by: Redeeming, at, refusal| {
            assert_eq!(issued.redeem(&by, at), Err(refusal), "{issued:?} {by:?}");
        };
        let code = issued();
        let other = ClientId(Uuid::from_u128(9));
        check(&code, Redeeming { client_id: other, ..redeeming() }, now(), CodeRefusal::Unknown);
        check(&code, redeeming(), now() + CODE_LIFETIME, CodeRefusal::Expired);
        for uri in ["https://app.example/back/", "https://app.example/Back", ""] {
            let by = Redeeming { redirect_uri: uri.to_owned(), ..redeeming() };
            check(&code, by, now(), CodeRefusal::RedirectUri);
        }
        let longer = format!("{VERIFIER}x");
        for verifier in [None, Some(""), Some(CHALLENGE), Some(&*longer), Some("short")] {
            let verifier = verifier.map(|text| Secret::new(text.to_owned()));
            check(&code, Redeeming { verifier, ..redeeming() }, now(), CodeRefusal::Verifier);
        }
        let plain =
            IssuedCode { grant: CodeGrant { challenge: None, ..issued().grant }, ..issued() };
        check(&plain, redeeming(), now(), CodeRefusal::Verifier);
        let mut personal = code.clone();
        personal.grant.tenant_id = CONSUMERS;
        check(&personal, redeeming(), now(), CodeRefusal::Unknown);
        let door = Door { version: Version::V2, ..redeeming().door };
        assert!(personal.redeem(&Redeeming { door, ..redeeming() }, now()).is_ok());
        let needs = Some(Scopes::read("User.Read", Asker::LandingPage).unwrap());
        check(&code, Redeeming { needs, ..redeeming() }, now(), CodeRefusal::Scope);
        let redeemed = IssuedCode { redeemed_at: Some(now()), ..issued() };
        check(&redeemed, redeeming(), now(), CodeRefusal::Redeemed);
    }
}
