//! A visitor of landing pages, with a browser that keeps cookies and follows nothing: signs in at the account picker and
//! hands the answer to the app. Called by the tests of sign-in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Method, Url};
use serde_json::Value;
use shared::rehearsal::SignIn;

use super::{Answer, Ask, World, callers::client};

/// PKCE's verifier and its S256 challenge (RFC 7636, appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A person at a browser.
pub struct Visitor {
    http: Client,
    base: String,
}

/// One button of the account picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub text: String,
}

impl Visitor {
    /// Somebody with a fresh browser.
    pub fn new(world: &World) -> Self {
        Self::at(&world.base)
    }

    /// The same, at a broker of which the URL is known.
    pub fn at(base: &str) -> Self {
        let http = client().cookie_store(true).build().expect("a client");
        Self { http, base: base.to_owned() }
    }

    /// Opens a path of the broker.
    pub async fn open(&self, path: &str) -> Answer {
        self.http.get(format!("{}{path}", self.base)).ask().await
    }

    /// Sends the form of a page, with these fields instead of its buttons.
    pub async fn send(&self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let url = format!("{}{}", self.base, action(page));
        let csrf = csrf(page);
        let fields: Vec<_> =
            [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.http.request(Method::POST, url).form(&fields).ask().await
    }

    /// Chooses an account of a picker.
    pub async fn choose(&self, picker: &Answer, object_id: &str) -> Answer {
        self.send(picker, &[("account", object_id)]).await
    }

    /// Signs in as the account whose button shows `text`; answers what the app gets.
    pub async fn sign_in(&self, path: &str, text: &str) -> Vec<(String, String)> {
        let picker = self.open(path).await.is(200);
        let choice = choice(&picker, text);
        let answer = self.choose(&picker, &choice.id).await.is(303);
        sent_back(&answer)
    }
}

/// The address of the authorize endpoint as an app writes it; `change` replaces or adds parameters, and drops those that
/// are given as empty.
pub fn authorize(tenant: &str, app: &SignIn, change: &[(&str, &str)]) -> String {
    let change: Vec<_> =
        [("scope", "openid profile email User.Read")].iter().chain(change).copied().collect();
    format!("/{tenant}/oauth2/v2.0/authorize?{}", query(app, &change))
}

/// The same of v1, which needs no scope.
pub fn authorize_v1(tenant: &str, app: &SignIn, change: &[(&str, &str)]) -> String {
    format!("/{tenant}/oauth2/authorize?{}", query(app, change))
}

fn query(app: &SignIn, change: &[(&str, &str)]) -> String {
    let mut all: Vec<(&str, &str)> = vec![
        ("client_id", &app.client_id),
        ("redirect_uri", app.redirect_uris.first().map_or("", String::as_str)),
        ("response_type", "code"),
        ("state", "state of the app &=%"),
        ("nonce", "nonce-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in change {
        all.retain(|(known, _)| known != name);
        if !value.is_empty() {
            all.push((name, value));
        }
    }
    let url = Url::parse_with_params("http://x/", &all).expect("a URL");
    url.query().unwrap_or_default().to_owned()
}

/// The parameters that an answer takes to the app by its redirect.
pub fn sent_back(answer: &Answer) -> Vec<(String, String)> {
    let url =
        Url::parse(answer.header("location")).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let text = url.fragment().or(url.query()).unwrap_or_default().to_owned();
    let url = Url::parse(&format!("http://x/?{text}")).expect("a URL");
    url.query_pairs().into_owned().collect()
}

/// One of them; empty if it is not there.
pub fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// The form of the token endpoint for a code.
pub fn redeeming<'a>(app: &'a SignIn, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", &app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("code", code),
        ("redirect_uri", &app.redirect_uris[0]),
        ("code_verifier", VERIFIER),
    ]
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64url")).expect("JSON")
}

/// The buttons of a picker, in their order.
pub fn choices(picker: &Answer) -> Vec<Choice> {
    let buttons = picker.text.split("name=\"account\" value=\"").skip(1);
    let read = |button: &str| {
        let (id, rest) = button.split_once("\">").expect("a value");
        let inside = rest.split("</button>").next().expect("an end");
        Choice { id: id.to_owned(), text: inside.to_owned() }
    };
    buttons.map(read).collect()
}

/// The button that shows `text`.
#[track_caller]
pub fn choice(picker: &Answer, text: &str) -> Choice {
    let found = choices(picker).into_iter().find(|choice| choice.text.contains(text));
    found.unwrap_or_else(|| panic!("no account {text}: {picker}"))
}

fn attribute<'a>(page: &'a Answer, before: &str) -> &'a str {
    let rest = page.text.split(before).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {before}: {page}"));
    rest.split('"').next().expect("an end")
}

fn csrf(page: &Answer) -> String {
    attribute(page, "name=\"csrf\" value=\"").to_owned()
}

/// Where the form of a page goes.
pub fn action(page: &Answer) -> String {
    attribute(page, "method=\"post\" action=\"").replace("&#38;", "&").replace("&amp;", "&")
}
