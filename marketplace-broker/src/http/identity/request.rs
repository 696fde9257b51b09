//! What an app asks of the authorize endpoint: first who asks and where the answer goes, of which nothing may be wrong
//! before anybody is sent anywhere (RFC 6749 4.1.2.1); then what is asked for.

use shared::ids::ClientId;

use super::{
    params::{Params, shown},
    problem::TokenRefusal,
};
use crate::{
    app::App,
    domain::identity::{
        Account, Asker, Authority, Resource, Scopes, Version, is_registered, is_verifier,
    },
    store::{Failure, Registration, registration, tenant_exists},
};

/// How the answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// Behind its `#`.
    Fragment,
    /// As a form.
    FormPost,
}

/// Who asks, and where the answer goes.
#[derive(Debug, Clone)]
pub struct Asking {
    /// By which version of the endpoint.
    pub version: Version,
    /// Whose accounts.
    pub authority: Authority,
    /// The app.
    pub registration: Registration,
    /// Where the answer goes; registered.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// Comes back as it was sent.
    pub state: Option<String>,
}

impl Asking {
    /// Whether an account may sign in here.
    pub fn admits(&self, account: &Account) -> bool {
        let tenant = account.tenant_id;
        self.version.takes(account)
            && self.authority.admits(tenant)
            && self.registration.admits(tenant)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// An authorization code.
    pub code: bool,
    /// An id token, at once.
    pub id_token: bool,
    /// About whom, and what for.
    pub scopes: Scopes,
    /// Comes back in the id token.
    pub nonce: Option<String>,
    /// PKCE's S256 challenge.
    pub challenge: Option<String>,
    /// Whether a person may be asked, must be, or may not.
    pub prompt: Prompt,
    /// Who is expected.
    pub hint: Option<String>,
    /// From where: a domain, `organizations` or `consumers`.
    pub domain_hint: Option<String>,
}

/// Whether a person may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Only if nobody is remembered.
    IfNeeded,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Why nobody is sent anywhere: told on a page.
pub enum Unsent {
    /// What to mend, as Entra says it.
    Refused(String),
    /// The store gave no answer.
    Failed(Failure),
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A refusal that goes back to the app: `error` and `error_description`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBack {
    /// The OAuth error.
    pub error: &'static str,
    /// `AADSTS…`
    pub description: String,
}

impl SentBack {
    /// An error with its description.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    fn invalid(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
}

/// Reads who asks and where the answer goes.
pub async fn asking(
    app: &App,
    (tenant, version): (&str, Version),
    params: &mut Params,
) -> Result<Asking, Unsent> {
    let refuse = |text: String| Err(Unsent::Refused(text));
    let mut conn = app.store.read().await?;
    let authority = match Authority::read(tenant) {
        Some(Authority::Tenant(id)) if !tenant_exists(&mut conn, id).await? => None,
        read => read,
    };
    let Some(authority) = authority else {
        return refuse(format!("AADSTS90002: Tenant '{}' not found.", shown(tenant)));
    };
    let Some(client) = params.some("client_id") else {
        return refuse("AADSTS900144: The request must contain the parameter 'client_id'.".into());
    };
    let found = match client.parse::<ClientId>() {
        Ok(id) => registration(&mut conn, id).await?,
        Err(_) => None,
    };
    let Some(found) = found else {
        let client = shown(&client);
        return refuse(format!(
            "AADSTS700016: Application '{client}' was not found. Take signIn.clientId of the sandbox's publisher, or clientId of its \
             partner."
        ));
    };
    let Some(registered) = found.redirect_uris(bundled(app)) else {
        return refuse(format!(
            "AADSTS700016: Application '{client}' calls the API and signs nobody in. Take signIn.clientId of its \
             publisher: sign-in has a registration of its own."
        ));
    };
    let Some(redirect_uri) = params.some("redirect_uri") else {
        return refuse("AADSTS900971: No reply address provided. Send redirect_uri.".into());
    };
    if !is_registered(&redirect_uri, &registered) {
        let uri: String = redirect_uri.chars().take(300).collect();
        return refuse(format!(
            "AADSTS50011: The redirect URI '{uri}' specified in the request does not match the redirect URIs configured \
             for the application '{client}'. Register it to the letter: redirectUris of the publisher or partner."
        ));
    }
    let mode = match params.some("response_mode").as_deref() {
        Some("query") => ResponseMode::Query,
        Some("fragment") => ResponseMode::Fragment,
        Some("form_post") => ResponseMode::FormPost,
        Some(other) => {
            let other = shown(other);
            return refuse(format!(
                "AADSTS70007: '{other}' is not a supported value of 'response_mode'. Use query, fragment or form_post."
            ));
        }
        None => default_mode(params),
    };
    let state = params.some("state");
    Ok(Asking { version, authority, registration: found, redirect_uri, mode, state })
}

/// Base of the bundled publisher.
fn bundled(app: &App) -> Option<&str> {
    app.publisher_url.as_deref()
}

/// A code comes in the query, an id token behind the `#` (OAuth 2.0 Multiple Response Types).
fn default_mode(params: &Params) -> ResponseMode {
    let types = params.get("response_type").unwrap_or_default();
    if types.split_whitespace().any(|one| one == "id_token") {
        ResponseMode::Fragment
    } else {
        ResponseMode::Query
    }
}

/// Reads what is asked for.
pub fn asked(
    (version, mode): (Version, ResponseMode),
    asker: Asker,
    params: &mut Params,
) -> Result<Asked, SentBack> {
    if let Some(name) = params.repeated() {
        return Err(SentBack::invalid(format!(
            "AADSTS9002313: Invalid request. The parameter '{name}' is there twice."
        )));
    }
    let types = need(params, "response_type")?;
    let scopes = scopes(version, asker, params);
    let (mut code, mut id_token) = (false, false);
    for one in types.split_whitespace() {
        match one {
            "code" => code = true,
            "id_token" => id_token = true,
            other => {
                return Err(SentBack::new(
                    "unsupported_response_type",
                    format!(
                        "AADSTS70005: response_type '{}' is not supported. Use code, id_token or 'code id_token'.",
                        shown(other)
                    ),
                ));
            }
        }
    }
    if id_token && mode == ResponseMode::Query {
        return Err(SentBack::invalid(
            "AADSTS70007: 'query' is not a supported value of 'response_mode' when a token is asked for.",
        ));
    }
    let scopes = scopes?;
    let nonce = params.some("nonce");
    if id_token && (nonce.is_none() || !scopes.has("openid")) {
        return Err(SentBack::invalid(
            "AADSTS900144: The request must contain the parameter 'nonce', and the scope openid, to get an id_token.",
        ));
    }
    Ok(Asked {
        code,
        id_token,
        scopes,
        nonce,
        challenge: challenge(params)?,
        prompt: prompt(version, params)?,
        hint: params.some("login_hint"),
        domain_hint: params.some("domain_hint"),
    })
}

fn need(params: &mut Params, name: &'static str) -> Result<String, SentBack> {
    let text = format!("AADSTS900144: The request must contain the parameter '{name}'.");
    params.some(name).ok_or_else(|| SentBack::invalid(text))
}

/// About whom, and what for: v2 names scopes, v1 a resource, if any; there `scope` counts for nothing.
fn scopes(version: Version, asker: Asker, params: &mut Params) -> Result<Scopes, SentBack> {
    let resource = params.some("resource");
    match (version, resource) {
        (Version::V1, None) => Ok(Scopes::by_resource(None, asker)),
        (Version::V1, Some(named)) => {
            let read = Resource::read(&named, asker);
            let read = read.ok_or_else(|| {
                let refused = TokenRefusal::Resource(shown(&named));
                SentBack::new("invalid_resource", format!("AADSTS500011: {refused}"))
            })?;
            Ok(Scopes::by_resource(Some(read), asker))
        }
        (Version::V2, Some(_)) => {
            Err(SentBack::invalid(format!("AADSTS901002: {}", TokenRefusal::ResourceInV2)))
        }
        (Version::V2, None) => {
            let scope = need(params, "scope")?;
            Scopes::read(&scope, asker).map_err(|unknown| {
                let text = format!(
                    "AADSTS650053: The application asked for scope '{unknown}', which needs an administrator or is not \
                     here. A landing page asks for openid, profile, email and User.Read only, a partner's app also for \
                     https://api.partnercenter.microsoft.com/user_impersonation."
                );
                SentBack::new("invalid_scope", text)
            })
        }
    }
}

fn challenge(params: &mut Params) -> Result<Option<String>, SentBack> {
    let challenge = params.some("code_challenge");
    match (challenge, params.some("code_challenge_method").as_deref()) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if challenge.len() == 43 && is_verifier(&challenge) => {
            Ok(Some(challenge))
        }
        (Some(_), Some("S256")) => Err(SentBack::invalid(
            "AADSTS501491: Invalid size of Code_Challenge parameter: it is the base64url of a SHA-256, 43 characters.",
        )),
        // Plain would hand the verifier to whoever reads the request (RFC 9700 2.1.1).
        _ => Err(SentBack::invalid(
            "AADSTS9002313: Invalid request. Send code_challenge and code_challenge_method=S256 together.",
        )),
    }
}

fn prompt(version: Version, params: &mut Params) -> Result<Prompt, SentBack> {
    match params.some("prompt").as_deref() {
        None => Ok(Prompt::IfNeeded),
        Some("none") => Ok(Prompt::Never),
        Some("login" | "select_account" | "consent") => Ok(Prompt::Always),
        Some("admin_consent") if version == Version::V1 => Ok(Prompt::Always),
        Some(other) => Err(SentBack::invalid(format!(
            "AADSTS90023: Unsupported 'prompt' value '{}'. Use none, login, select_account or consent.",
            shown(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::GRAPH;

    fn read(query: &str, mode: ResponseMode) -> Result<Asked, SentBack> {
        asked((Version::V2, mode), Asker::LandingPage, &mut Params::read(query.as_bytes()))
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let query = "response_type=code&scope=openid+profile&nonce=n&prompt=none&login_hint=a%40b.example\
                     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        let asked = read(query, ResponseMode::Query).unwrap();
        assert!(asked.code && !asked.id_token);
        assert_eq!(asked.prompt, Prompt::Never);
        assert_eq!(asked.hint.as_deref(), Some("a@b.example"));
        assert!(asked.challenge.is_some());
        let both = "response_type=code+id_token&scope=openid&nonce=n";
        let both = read(both, ResponseMode::FormPost).unwrap();
        assert!(both.code && both.id_token && both.challenge.is_none());
    }

    #[test]
    fn v1_asks_by_resource_and_needs_no_scope() {
        let read = |query: &str, asker| {
            asked((Version::V1, ResponseMode::Query), asker, &mut Params::read(query.as_bytes()))
        };
        let bare = "response_type=code&prompt=admin_consent&scope=Directory.Read.All";
        let asked = read(bare, Asker::LandingPage).unwrap();
        assert_eq!(asked.scopes, Scopes::by_resource(None, Asker::LandingPage));
        assert_eq!(asked.prompt, Prompt::Always);
        let partner = "response_type=code&resource=https%3A%2F%2Fapi.partnercenter.microsoft.com";
        assert_eq!(
            read(partner, Asker::Partner).unwrap().scopes.resource(),
            Resource::PartnerCenter
        );
        for (query, error) in [
            (partner, "invalid_resource"),
            ("response_type=code&resource=https%3A%2F%2Fgraph.windows.net", "invalid_resource"),
            ("resource=", "invalid_request"),
        ] {
            let refused = read(query, Asker::LandingPage).unwrap_err();
            assert_eq!(refused.error, error, "{query}: {refused:?}");
        }
    }

    #[test]
    fn each_wrong_parameter_has_its_error() {
        let base = "response_type=code&scope=openid";
        for (query, mode, error) in [
            ("scope=openid".to_owned(), ResponseMode::Query, "invalid_request"),
            ("response_type=code&scope=".to_owned(), ResponseMode::Query, "invalid_request"),
            (
                "response_type=token&scope=openid".to_owned(),
                ResponseMode::Query,
                "unsupported_response_type",
            ),
            (
                "response_type=id_token&scope=openid&nonce=n".to_owned(),
                ResponseMode::Query,
                "invalid_request",
            ),
            (
                "response_type=id_token&scope=openid".to_owned(),
                ResponseMode::Fragment,
                "invalid_request",
            ),
            (
                "response_type=code&scope=Directory.Read.All".to_owned(),
                ResponseMode::Query,
                "invalid_scope",
            ),
            (format!("{base}&prompt=maybe"), ResponseMode::Query, "invalid_request"),
            (format!("{base}&prompt=admin_consent"), ResponseMode::Query, "invalid_request"),
            (format!("{base}&resource={GRAPH}"), ResponseMode::Query, "invalid_request"),
            (format!("{base}&scope=email"), ResponseMode::Query, "invalid_request"),
            (format!("{base}&code_challenge=x"), ResponseMode::Query, "invalid_request"),
            (
                format!("{base}&code_challenge_method=S256&code_challenge=x"),
                ResponseMode::Query,
                "invalid_request",
            ),
            (
                format!("{base}&code_challenge_method=plain&code_challenge={}", "x".repeat(43)),
                ResponseMode::Query,
                "invalid_request",
            ),
            (format!("{base}&code_challenge_method=S256"), ResponseMode::Query, "invalid_request"),
        ] {
            let refused = read(&query, mode).unwrap_err();
            assert_eq!(refused.error, error, "{query}: {refused:?}");
            assert!(refused.description.starts_with("AADSTS"), "{refused:?}");
        }
    }
}
