//! The identity service as the landing page uses it: its metadata, where a visitor is sent to sign in, and what the
//! code that comes back is worth (authorization-code flow with PKCE). Called by the sign-in of visitors.

use serde::Deserialize;
use shared::secret::Secret;
use url::Url;

use super::{
    Marketplace, TokenTrouble,
    exchange::{self, Trouble},
    marketplace::{ANSWER_MAX, Caller},
};
use crate::domain::{IdClaims, Unsound, UnsoundIdentity};

/// Every tenant and personal accounts (fulfillment.md 1.14).
const METADATA: &str = "/common/v2.0/.well-known/openid-configuration";
/// Nothing that an administrator must approve.
const SCOPE: &str = "openid profile email";

/// What the page needs to know of the identity service.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Who its tokens say issued them; `{tenantid}` stands for the visitor's tenant.
    pub issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

/// The metadata as it is written (OpenID Connect Discovery 3); more stands beside it.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

/// A sign-in about to begin, or under way.
#[derive(Debug)]
pub struct SignInRequest {
    /// Where the visitor comes back to.
    pub redirect_uri: String,
    /// What the answer must carry.
    pub state: Secret<String>,
    /// What its id token must carry.
    pub nonce: Secret<String>,
    /// What only whoever began it knows.
    pub verifier: Secret<String>,
}

/// How the visitor is asked who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asking {
    /// With the account that is most likely meant first; empty: none is.
    Hint(String),
    /// Anew, whoever is signed in.
    Anew,
}

/// Why a code gave no visitor.
#[derive(Debug)]
pub enum CodeTrouble {
    /// It is used, too old, or of another sign-in; in the identity service's words.
    Code(String),
    /// The id token is not good.
    Unsound(UnsoundIdentity),
    /// The marketplace did not help.
    Marketplace(Trouble),
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Secret<String>,
}

/// RFC 6749, 5.2.
#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// The claims as they are written; more may stand beside them.
#[derive(Deserialize)]
struct Written {
    aud: String,
    iss: String,
    tid: String,
    oid: String,
    nonce: Option<String>,
    nbf: Option<i64>,
    exp: i64,
    name: Option<String>,
    preferred_username: Option<String>,
}

impl Authority {
    /// Refuses metadata whose addresses are none of http or https: a browser would be sent there.
    fn read(metadata: Metadata) -> Result<Self, Trouble> {
        let address = |text: &str| {
            let url = Url::parse(text).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
            url.ok_or_else(|| Trouble::unreachable("its sign-in has no address of http or https"))
        };
        Ok(Self {
            authorization_endpoint: address(&metadata.authorization_endpoint)?,
            token_endpoint: address(&metadata.token_endpoint)?,
            jwks_uri: address(&metadata.jwks_uri)?,
            issuer: metadata.issuer,
        })
    }

    /// The address that a visitor is sent to. It stands as the identity service says, because the visitor's browser may
    /// reach it by another name than this program does.
    #[must_use]
    pub fn authorize_url(
        &self,
        client: &str,
        challenge: &str,
        request: &SignInRequest,
        asking: &Asking,
    ) -> Url {
        let mut url = self.authorization_endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", client)
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", &request.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", request.state.expose())
            .append_pair("nonce", request.nonce.expose())
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        match asking {
            Asking::Hint(hint) if hint.is_empty() => {}
            Asking::Hint(hint) => {
                query.append_pair("login_hint", hint);
            }
            Asking::Anew => {
                query.append_pair("prompt", "select_account");
            }
        }
        drop(query);
        url
    }
}

impl Marketplace {
    /// What the identity service says of itself now: it may have moved.
    pub async fn authority(&self) -> Result<Authority, Trouble> {
        let url = format!("{}{METADATA}", self.base);
        Authority::read(exchange::send(self.http.get(url), ANSWER_MAX).await?.json()?)
    }

    /// The claims of the id token that a code is exchanged for. Only its signature is checked. A registration that is
    /// refused may be old: it is asked for anew, once.
    pub async fn redeem(
        &self,
        caller: &Caller,
        authority: &Authority,
        code: &Secret<String>,
        request: &SignInRequest,
    ) -> Result<IdClaims, CodeTrouble> {
        let app = self.publisher(caller).await?.sign_in;
        let mut answer = self.exchange_code(&app, authority, code, request).await?;
        if answer.as_ref().is_err_and(Refused::is_about_the_app) {
            let app = self.fresh_publisher(caller).await?.sign_in;
            answer = self.exchange_code(&app, authority, code, request).await?;
        }
        let tokens = answer.map_err(Refused::trouble)?;
        let path = path(&authority.jwks_uri);
        let written: Written = self.signed(&path, tokens.id_token.expose()).await?;
        Ok(written.claims())
    }

    async fn exchange_code(
        &self,
        app: &shared::rehearsal::SignIn,
        authority: &Authority,
        code: &Secret<String>,
        request: &SignInRequest,
    ) -> Result<Result<Tokens, Refused>, Trouble> {
        // By the name that this program reaches the marketplace by, which browsers may not.
        let url = format!("{}{}", self.base, path(&authority.token_endpoint));
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &app.client_id),
            ("client_secret", app.client_secret.expose()),
            ("code", code.expose()),
            ("redirect_uri", &request.redirect_uri),
            ("code_verifier", request.verifier.expose()),
            ("scope", SCOPE),
        ];
        match exchange::send_or(self.http.post(url).form(&form), ANSWER_MAX).await? {
            Ok(answer) => Ok(Ok(answer.json()?)),
            Err(refused) => Ok(Err(refused)),
        }
    }
}

/// A URL below its host.
fn path(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", url.path())
}

impl Refused {
    /// Whether it says nothing about the code.
    fn is_about_the_app(&self) -> bool {
        matches!(self.error.as_str(), "invalid_client" | "unauthorized_client")
    }

    fn trouble(self) -> CodeTrouble {
        let said = self.error_description.lines().next().unwrap_or_default();
        let said = if said.is_empty() { &self.error } else { said };
        let said: String = said.chars().take(300).collect();
        if self.error == "invalid_grant" {
            CodeTrouble::Code(said)
        } else {
            CodeTrouble::Marketplace(Trouble::unreachable(format!(
                "our sign-in was refused: {said}"
            )))
        }
    }
}

impl Written {
    fn claims(self) -> IdClaims {
        let Self { aud, iss, tid, oid, nonce, nbf, exp, name, preferred_username } = self;
        IdClaims { aud, iss, tid, oid, nonce, nbf, exp, name, preferred_username }
    }
}

impl From<Trouble> for CodeTrouble {
    fn from(trouble: Trouble) -> Self {
        Self::Marketplace(trouble)
    }
}

impl From<TokenTrouble> for CodeTrouble {
    fn from(trouble: TokenTrouble) -> Self {
        match trouble {
            TokenTrouble::Unsound(unsound) => Self::Unsound(match unsound {
                Unsound::Algorithm => UnsoundIdentity::Algorithm,
                Unsound::UnknownKey => UnsoundIdentity::UnknownKey,
                Unsound::Signature => UnsoundIdentity::Signature,
                _ => UnsoundIdentity::Unreadable,
            }),
            trouble => Self::Marketplace(Trouble::unreachable(trouble.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorize: &str) -> Result<Authority, Trouble> {
        let metadata = serde_json::json!({"issuer": "https://i/{tenantid}/v2.0",
            "authorization_endpoint": authorize,
            "token_endpoint": "https://broker.example/common/oauth2/v2.0/token",
            "jwks_uri": "https://broker.example/common/discovery/v2.0/keys?appid=1", "more": []});
        Authority::read(serde_json::from_value(metadata).unwrap())
    }

    fn authority() -> Authority {
        read("https://broker.example/common/oauth2/v2.0/authorize?slice=1").unwrap()
    }

    #[test]
    fn nobody_is_sent_to_an_address_that_is_no_web_site() {
        for address in ["javascript:alert(1)", "data:text/html,x", "/common", ""] {
            assert!(read(address).is_err(), "{address}");
        }
    }

    fn request() -> SignInRequest {
        let secret = |text: &str| Secret::new(text.to_owned());
        SignInRequest {
            redirect_uri: "http://127.0.0.1:8701/s/default/contoso/signed-in".to_owned(),
            state: secret("s&1"),
            nonce: secret("n1"),
            verifier: secret("v1"),
        }
    }

    #[test]
    fn a_visitor_is_sent_away_with_everything_but_the_verifier() {
        let asked = |asking| authority().authorize_url("app", "challenge", &request(), &asking);
        let url = asked(Asking::Hint("a+b@x.example".to_owned()));
        assert_eq!(url.host_str(), Some("broker.example"));
        let value = |url: &Url, name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        for (name, expected) in [
            ("slice", "1"),
            ("client_id", "app"),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "s&1"),
            ("nonce", "n1"),
            ("code_challenge", "challenge"),
            ("code_challenge_method", "S256"),
            ("login_hint", "a+b@x.example"),
            ("redirect_uri", "http://127.0.0.1:8701/s/default/contoso/signed-in"),
        ] {
            assert_eq!(value(&url, name).as_deref(), Some(expected), "{name}");
        }
        assert!(!url.as_str().contains("v1") && !url.as_str().contains("prompt"));
        let url = asked(Asking::Hint(String::new()));
        assert_eq!((value(&url, "login_hint"), value(&url, "prompt")), (None, None));
        assert_eq!(value(&asked(Asking::Anew), "prompt").as_deref(), Some("select_account"));
    }

    #[test]
    fn an_address_is_called_by_its_path_alone() {
        assert_eq!(path(&authority().jwks_uri), "/common/discovery/v2.0/keys?appid=1");
        assert_eq!(path(&authority().token_endpoint), "/common/oauth2/v2.0/token");
    }

    #[test]
    fn a_refusal_of_the_code_is_told_from_one_of_the_app() {
        let read = |error: &str| {
            let body = format!(r#"{{"error": "{error}", "error_description": "A1\nTrace"}}"#);
            serde_json::from_str::<Refused>(&body).unwrap()
        };
        assert!(read("invalid_client").is_about_the_app());
        assert!(!read("invalid_grant").is_about_the_app());
        assert!(matches!(read("invalid_grant").trouble(), CodeTrouble::Code(said) if said == "A1"));
        assert!(matches!(read("invalid_scope").trouble(), CodeTrouble::Marketplace(_)));
    }
}
