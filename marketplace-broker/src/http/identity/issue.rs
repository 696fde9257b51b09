//! What the authority signs: bearers for programs, id tokens, and access tokens for a person's own profile. Called by
//! `answer` and `token`.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use shared::{
    entropy::random_uuid,
    identity::{IdClaims, IdClaimsV1, PARTNER_CENTER_RESOURCE, issuer_v1, issuer_v2},
    ids::ClientId,
    secret::Secret,
};

use crate::{
    app::App,
    domain::{
        access::Roles,
        identity::{Account, GRAPH, Scopes, TOKEN_LIFETIME as LIFETIME, Version},
    },
    key_ring::{Claims, GraphClaims, KeyError},
    store::Registration,
};

/// How long the same bearer is handed out again.
const REUSE: SignedDuration = SignedDuration::from_mins(5);
/// Bearers kept for that; then all are forgotten.
const FRESH_MAX: usize = 4_096;

/// Who signed in, to which app.
pub struct Person<'a> {
    /// The app.
    pub registration: &'a Registration,
    /// Who.
    pub account: &'a Account,
    /// What was asked for.
    pub scopes: &'a Scopes,
    /// As the request had it.
    pub nonce: Option<String>,
}

impl Person<'_> {
    /// The person, for this app alone.
    pub fn subject(&self) -> String {
        let client = self.registration.app.client_id.to_string();
        URL_SAFE_NO_PAD.encode(self.account.subject(&client))
    }
}

/// An id token, as the version of the endpoint has it.
pub async fn id_token(
    app: &App,
    version: Version,
    person: &Person<'_>,
    c_hash: Option<String>,
) -> Result<Secret<String>, KeyError> {
    let sandbox = &person.registration.sandbox;
    match version {
        Version::V1 => app.keys.sign(&app.store, sandbox, claims_v1(app, person, c_hash)).await,
        Version::V2 => app.keys.sign(&app.store, sandbox, claims_v2(app, person, c_hash)).await,
    }
}

/// Of v1: who it is always stands there, whatever was asked for.
fn claims_v1(app: &App, person: &Person<'_>, c_hash: Option<String>) -> IdClaimsV1 {
    let account = person.account;
    let now = app.clock.now();
    let tid = account.tenant_id.to_string();
    let (given_name, family_name) = account.name.clone();
    IdClaimsV1 {
        aud: person.registration.app.client_id.to_string(),
        iss: issuer_v1(&tid),
        iat: now.as_second(),
        nbf: now.as_second(),
        exp: (now + LIFETIME).as_second(),
        // Whoever signs in at the picker has a second factor.
        amr: vec!["pwd".to_owned(), "mfa".to_owned()],
        c_hash,
        family_name,
        given_name,
        name: account.display_name(),
        nonce: person.nonce.clone(),
        oid: account.object_id.to_string(),
        rh: opaque(app),
        sub: person.subject(),
        tid,
        unique_name: account.user_name.clone(),
        upn: account.user_name.clone(),
        uti: opaque(app),
        ver: "1.0".to_owned(),
    }
}

fn claims_v2(app: &App, person: &Person<'_>, c_hash: Option<String>) -> IdClaims {
    let Person { account, scopes, .. } = person;
    let now = app.clock.now();
    let tid = account.tenant_id.to_string();
    let profile = |value: String| scopes.has("profile").then_some(value);
    IdClaims {
        aud: person.registration.app.client_id.to_string(),
        iss: issuer_v2(&tid),
        iat: now.as_second(),
        nbf: now.as_second(),
        exp: (now + LIFETIME).as_second(),
        aio: opaque(app),
        c_hash,
        email: account.mail.clone().filter(|_| scopes.has("email")),
        name: profile(account.display_name()),
        nonce: person.nonce.clone(),
        oid: account.object_id.to_string(),
        preferred_username: profile(account.user_name.clone()),
        rh: opaque(app),
        sub: person.subject(),
        tid,
        uti: opaque(app),
        ver: "2.0".to_owned(),
    }
}

/// An access token for the person's own profile; to apps it is opaque.
pub async fn graph_token(app: &App, person: &Person<'_>) -> Result<Secret<String>, KeyError> {
    let account = person.account;
    let now = app.clock.now();
    let tid = account.tenant_id.to_string();
    let claims = GraphClaims {
        aud: GRAPH.to_owned(),
        iss: issuer_v1(&tid),
        iat: now.as_second(),
        nbf: now.as_second(),
        exp: (now + LIFETIME).as_second(),
        appid: person.registration.app.client_id.to_string(),
        oid: account.object_id.to_string(),
        scp: person.scopes.of_graph(),
        sub: person.subject(),
        tid,
        uti: opaque(app),
        ver: "1.0".to_owned(),
    };
    app.keys.sign(&app.store, &person.registration.sandbox, claims).await
}

/// Text that means something to whoever issued it alone.
fn opaque(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(random_uuid(app.entropy.as_ref()))
}

/// A bearer, and when it is good: seconds, real time.
#[derive(Clone)]
pub struct Issued {
    /// The bearer.
    pub token: Secret<String>,
    /// Since when.
    pub begins: i64,
    /// Until when.
    pub ends: i64,
}

/// Bearers for programs that were signed a moment ago: a program that asks again and again gets the same one, because a
/// signature is the dearest thing here.
#[derive(Default)]
pub struct Fresh(Mutex<HashMap<FreshKey, Issued>>);

/// Whose, for what, proved how, signed with which key.
type FreshKey = (ClientId, String, &'static str, String);

impl Fresh {
    fn get(&self, key: &FreshKey, now: Timestamp) -> Option<Issued> {
        let issued = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        let age = |issued: &Issued| now.as_second() - issued.begins;
        issued.filter(|issued| (0..REUSE.as_secs()).contains(&age(issued)))
    }

    fn put(&self, key: FreshKey, issued: Issued) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= FRESH_MAX {
            all.clear();
        }
        all.insert(key, issued);
    }
}

/// A bearer for a publisher's or partner's program. It is of v1, as Entra issues for these resources whichever endpoint
/// was asked (fulfillment.md 5.3).
pub async fn api_token(
    app: &App,
    registration: &Registration,
    proof: &'static str,
    audience: &str,
) -> Result<Issued, KeyError> {
    let api = &registration.app;
    let kid = app.keys.newest(&app.store, &registration.sandbox).await?;
    let key = (api.client_id, audience.to_owned(), proof, kid);
    let now = app.clock.now();
    if let Some(issued) = app.fresh_tokens.get(&key, now) {
        return Ok(issued);
    }
    let (begins, ends) = (now.as_second(), (now + LIFETIME).as_second());
    let (tid, id) = (api.tenant_id.to_string(), api.client_id.to_string());
    let claims = Claims {
        aud: audience.to_owned(),
        iss: issuer_v1(&tid),
        tid,
        appid: Some(id.clone()),
        azp: None,
        appidacr: Some(proof.to_owned()),
        oid: id.clone(),
        sub: id,
        scp: None,
        upn: None,
        amr: Vec::new(),
        roles: Vec::new(),
        iat: begins,
        nbf: begins,
        exp: ends,
        ver: "1.0".to_owned(),
    };
    let token = app.keys.sign(&app.store, &registration.sandbox, claims).await?;
    let issued = Issued { token, begins, ends };
    app.fresh_tokens.put(key, issued.clone());
    Ok(issued)
}

/// A user of a partner, who has let its app call.
pub struct TokenUser<'a> {
    /// Who.
    pub account: &'a Account,
    /// What it is in the partner's tenant.
    pub roles: Roles,
    /// Whether it has signed in with a second factor.
    pub mfa: bool,
}

/// A bearer of the partner face for an app and a user (App+User, partner-center.md 3.1).
pub async fn user_token(
    app: &App,
    registration: &Registration,
    proof: &'static str,
    user: &TokenUser<'_>,
) -> Result<Issued, KeyError> {
    let account = user.account;
    let now = app.clock.now();
    let (begins, ends) = (now.as_second(), (now + LIFETIME).as_second());
    let tid = account.tenant_id.to_string();
    let client = registration.app.client_id.to_string();
    let factors: &[&str] = if user.mfa { &["pwd", "mfa"] } else { &["pwd"] };
    let claims = Claims {
        aud: PARTNER_CENTER_RESOURCE.to_owned(),
        iss: issuer_v1(&tid),
        tid,
        azp: None,
        appidacr: Some(proof.to_owned()),
        oid: account.object_id.to_string(),
        sub: URL_SAFE_NO_PAD.encode(account.subject(&client)),
        appid: Some(client),
        scp: Some("user_impersonation".to_owned()),
        upn: Some(account.user_name.clone()),
        amr: factors.iter().map(|&factor| factor.to_owned()).collect(),
        roles: user.roles.names().map(str::to_owned).collect(),
        iat: begins,
        nbf: begins,
        exp: ends,
        ver: "1.0".to_owned(),
    };
    let token = app.keys.sign(&app.store, &registration.sandbox, claims).await?;
    Ok(Issued { token, begins, ends })
}
