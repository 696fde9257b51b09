//! Which app calls the token endpoint, and its proof: a secret in the body or by HTTP Basic, or an assertion
//! (fulfillment.md 5). Called by `token`.

use axum::http::{HeaderMap, Uri, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use shared::{
    identity::{issuer_v1, issuer_v2},
    ids::{ClientId, TenantId},
    secret::Secret,
};

use super::{
    params::{Params, shown},
    problem::{Denied, TokenRefusal},
};
use crate::{
    app::App,
    client_assertion::opened,
    commands::UseAssertion,
    domain::identity::{AssertionRefusal, check_assertion},
    http::fulfillment::location,
    store::{Registration, client_keys, registration},
};

/// An app that has proved who it is.
pub struct Client {
    /// The app.
    pub registration: Registration,
    /// `1` by a secret, `2` by an assertion: claim `appidacr`.
    pub proof: &'static str,
}

/// How an app says who it is.
enum Proof {
    Secret(Secret<String>),
    Assertion(Secret<String>),
}

/// The only kind of assertion (RFC 7523 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What was sent of an app: its id and its proof. HTTP Basic comes before the body.
fn sent(headers: &HeaderMap, params: &mut Params) -> Result<(String, Proof), TokenRefusal> {
    if let Some((id, secret)) = basic(headers) {
        return Ok((id, Proof::Secret(Secret::new(secret))));
    }
    let id = params.some("client_id").ok_or(TokenRefusal::Missing("client_id"))?;
    if let Some(assertion) = params.some("client_assertion") {
        let kind = params.some("client_assertion_type");
        let kind = kind.ok_or(TokenRefusal::Missing("client_assertion_type"))?;
        if kind != JWT_BEARER {
            let text = format!("client_assertion_type is {JWT_BEARER}.");
            return Err(TokenRefusal::Malformed(text));
        }
        return Ok((id, Proof::Assertion(Secret::new(assertion))));
    }
    let secret = params.take("client_secret").ok_or(TokenRefusal::Missing("client_secret"))?;
    Ok((id, Proof::Secret(Secret::new(secret))))
}

/// Id and secret of HTTP Basic, each form-encoded (RFC 6749 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let read = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    };
    Some((read(id)?, read(secret)?))
}

/// Where a token endpoint was called.
pub struct Place<'a> {
    /// The tenant of the path.
    pub tenant: &'a str,
    /// With the host that was used.
    pub headers: &'a HeaderMap,
    /// The path.
    pub uri: &'a Uri,
}

impl Place<'_> {
    /// Whom an assertion may be for: the token endpoints of this authority, the authority, and its issuers, under the
    /// names that we are known by. A host that is not ours names somebody else's endpoint.
    fn audiences(&self, app: &App, tenant: TenantId) -> Vec<String> {
        let own = app.public_url.as_ref().unwrap_or(&app.own_url);
        let mut bases = vec![own.clone()];
        if app.hosts.allow(self.headers, self.uri) {
            bases.push(location::absolute(app, self.headers, ""));
        }
        let paths = ["/oauth2/token", "/oauth2/v2.0/token", "/v2.0", "/", ""];
        let of_base = |base: &String| {
            paths.map(|path| format!("{base}/{}{path}", self.tenant.to_ascii_lowercase()))
        };
        let mut all: Vec<_> = bases.iter().flat_map(of_base).collect();
        let tenant = tenant.to_string();
        all.extend([issuer_v1(&tenant), issuer_v2(&tenant)]);
        all
    }
}

/// Whether the assertion was made by the app, for us, and never used before.
async fn prove(
    app: &App,
    call: &Place<'_>,
    registration: &Registration,
    assertion: &Secret<String>,
) -> Result<(), Denied> {
    let (sandbox, client) = (&registration.sandbox, registration.app.client_id);
    let keys = client_keys(&mut *app.store.read().await?, sandbox, client).await?;
    let claims = opened(assertion.expose(), &keys).map_err(TokenRefusal::Assertion)?;
    let audiences = call.audiences(app, registration.app.tenant_id);
    let until = check_assertion(&claims, &client.to_string(), &audiences, app.clock.now());
    let until = until.map_err(TokenRefusal::Assertion)?;
    let used =
        UseAssertion { sandbox: sandbox.clone(), client, jti: Secret::new(claims.jti), until };
    if app.store.execute(used).await? {
        Ok(())
    } else {
        Err(TokenRefusal::Assertion(AssertionRefusal::Replayed).into())
    }
}

/// The app that calls, once it has proved who it is.
pub async fn authenticate(
    app: &App,
    call: &Place<'_>,
    is_of_tenant: impl FnOnce(&Registration) -> bool,
    params: &mut Params,
) -> Result<Client, Denied> {
    let (id, proof) = sent(call.headers, params)?;
    let no_app = || TokenRefusal::App(shown(&id));
    let client: ClientId = id.parse().map_err(|_| no_app())?;
    let found = registration(&mut *app.store.read().await?, client).await?;
    let registration = found.filter(is_of_tenant).ok_or_else(no_app)?;
    let proof = match proof {
        Proof::Secret(secret) => {
            if !registration.app.client_secret.matches(secret.expose()) {
                return Err(TokenRefusal::Secret.into());
            }
            if registration.secret_expires_at.is_some_and(|end| end <= app.clock.now()) {
                return Err(TokenRefusal::SecretExpired(shown(&id)).into());
            }
            "1"
        }
        Proof::Assertion(assertion) => {
            prove(app, call, &registration, &assertion).await?;
            "2"
        }
    };
    if registration.no_principal {
        return Err(TokenRefusal::NoPrincipal(shown(&id)).into());
    }
    Ok(Client { registration, proof })
}
