//! Which app calls the token endpoint, and its proof: a secret in the body or by HTTP Basic, or an assertion
//! (fulfillment.md 5). Called by `token`.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use shared::{ids::ClientId, secret::Secret};

use super::{
    params::{Params, shown},
    problem::{Denied, TokenRefusal},
};
use crate::{
    app::App,
    store::{Registration, registration},
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
    None,
}

/// What was sent of an app: its id and its proof. HTTP Basic comes before the body.
fn sent(headers: &HeaderMap, params: &mut Params) -> Result<(String, Proof), TokenRefusal> {
    if let Some((id, secret)) = basic(headers) {
        return Ok((id, Proof::Secret(Secret::new(secret))));
    }
    let id = params.some("client_id").ok_or(TokenRefusal::Missing("client_id"))?;
    let proof = match params.take("client_secret") {
        Some(secret) => Proof::Secret(Secret::new(secret)),
        None => Proof::None,
    };
    Ok((id, proof))
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

/// The app that calls, once it has proved who it is.
pub async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    is_of_tenant: impl FnOnce(&Registration) -> bool,
    params: &mut Params,
) -> Result<Client, Denied> {
    let (id, proof) = sent(headers, params)?;
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
        Proof::None => return Err(TokenRefusal::Missing("client_secret").into()),
    };
    if registration.no_principal {
        return Err(TokenRefusal::NoPrincipal(shown(&id)).into());
    }
    Ok(Client { registration, proof })
}
