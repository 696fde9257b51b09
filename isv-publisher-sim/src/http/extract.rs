//! What a request says of its caller: cookies, the form's token, the ids of the path, the purchase token. Called by
//! the pages.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, Uri, request::Parts},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use shared::{
    ids::{SandboxId, StepId},
    secret::Secret,
};

use super::failure::Failure;
use crate::{app::App, clients::marketplace::Caller, domain::AccountKey, store::CookieHash};

/// The cookie of a visit.
pub(super) const VISIT: &str = "isv_visit";
/// The cookie of a console session.
pub(super) const CONSOLE: &str = "isv_console";

/// More than any cookie of ours is long.
const COOKIE_MAX: usize = 200;

/// A cookie of ours, unverified.
pub(super) fn cookie(jar: &CookieJar, name: &str) -> Option<Secret<String>> {
    let value = jar.get(name)?.value();
    (value.len() <= COOKIE_MAX).then(|| Secret::new(value.to_owned()))
}

/// The cookie of a visit as the browser is given it. `Lax`: it must come along when the identity service sends the
/// visitor back.
pub(super) fn visit_cookie(app: &App, caller: &Caller, value: &Secret<String>) -> Cookie<'static> {
    Cookie::build((VISIT, value.expose().clone()))
        .path(format!("/s/{}/{}", caller.sandbox, caller.publisher))
        .http_only(true)
        .secure(app.site.is_secure())
        .same_site(SameSite::Lax)
        .build()
}

/// The token that a form must carry: it follows from the cookie, which no other site can read.
pub(super) fn csrf_token(cookie: &Secret<String>) -> String {
    let hash = Sha256::new().chain_update("form of ").chain_update(cookie.expose()).finalize();
    URL_SAFE_NO_PAD.encode(hash)
}

/// Refuses a form whose token does not follow from the cookie.
pub(super) fn check_csrf(cookie: &Secret<String>, sent: &str) -> Result<(), Failure> {
    if Secret::new(csrf_token(cookie)).matches(sent) { Ok(()) } else { Err(Failure::StaleForm) }
}

/// The purchase token of a link: percent-decoded exactly once, `+` as it is. `None`: the link has none at all.
/// It is no form, so it is never decoded as one.
pub(super) fn purchase_token(uri: &Uri) -> Option<Secret<Vec<u8>>> {
    let pairs = uri.query()?.split('&');
    let mut values = pairs.filter_map(|pair| match pair.split_once('=') {
        Some(("token", value)) => Some(value),
        None if pair == "token" => Some(""),
        _ => None,
    });
    values.next().map(|value| Secret::new(percent_decode_str(value).collect()))
}

/// A landing page's path: whose page in which sandbox. What is not an id is not found.
impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let path = path(parts, app).await?;
        Ok(Self { sandbox: param(&path, "sandbox")?, publisher: param(&path, "publisher")? })
    }
}

/// An account's path.
impl FromRequestParts<Arc<App>> for AccountKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let path = path(parts, app).await?;
        Ok(Self { sandbox: param(&path, "sandbox")?, subscription: param(&path, "subscription")? })
    }
}

/// A step's path.
pub(super) struct StepOf(pub(super) StepId);

impl FromRequestParts<Arc<App>> for StepOf {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self(param(&path(parts, app).await?, "step")?))
    }
}

/// The console's path.
pub(super) struct InSandbox(pub(super) SandboxId);

impl FromRequestParts<Arc<App>> for InSandbox {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self(param(&path(parts, app).await?, "sandbox")?))
    }
}

async fn path(parts: &mut Parts, app: &Arc<App>) -> Result<RawPathParams, Failure> {
    RawPathParams::from_request_parts(parts, app).await.map_err(|_| Failure::NotFound)
}

fn param<T: std::str::FromStr>(path: &RawPathParams, name: &str) -> Result<T, Failure> {
    let found = path.iter().find(|(key, _)| *key == name);
    found.and_then(|(_, value)| value.parse().ok()).ok_or(Failure::NotFound)
}

/// Somebody signed in to the console.
pub(super) struct Operator {
    /// Its cookie.
    pub(super) cookie: Secret<String>,
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let cookie = cookie(&CookieJar::from_headers(&parts.headers), CONSOLE);
        if let Some(cookie) = cookie
            && app.store.is_signed_in(&CookieHash::of(&cookie), app.clock.now()).await?
        {
            return Ok(Self { cookie });
        }
        let sandbox = match path(parts, app).await {
            Ok(path) => param(&path, "sandbox").ok(),
            Err(_) => None,
        };
        Err(Failure::SignInNeeded(sandbox))
    }
}

/// The status of a body that cannot be taken as a form.
pub(super) fn form_failure(rejected: &axum::extract::rejection::FormRejection) -> Failure {
    if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::TooLong
    } else {
        Failure::UnreadableForm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(uri: &str) -> Option<String> {
        let token = purchase_token(&uri.parse().unwrap())?;
        Some(String::from_utf8(token.expose().clone()).unwrap())
    }

    #[test]
    fn a_purchase_token_is_percent_decoded_once_and_plus_stays_plus() {
        for (uri, decoded) in [
            ("/l?token=a%2Bb%2Fc%3D%3D", Some("a+b/c==")),
            ("/l?token=a+b/c==", Some("a+b/c==")),
            ("/l?token=a%252Bb", Some("a%2Bb")),
            ("/l?x=1&token=abc&token=d", Some("abc")),
            ("/l?token=", Some("")),
            ("/l?token", Some("")),
            ("/l?tokens=1", None),
            ("/l", None),
        ] {
            assert_eq!(token(uri).as_deref(), decoded, "{uri}");
        }
    }

    #[test]
    fn a_form_needs_the_token_of_its_own_cookie() {
        let (mine, other) = (Secret::new("mine".to_owned()), Secret::new("other".to_owned()));
        assert!(check_csrf(&mine, &csrf_token(&mine)).is_ok());
        assert!(check_csrf(&mine, &csrf_token(&other)).is_err());
        assert!(check_csrf(&mine, "").is_err());
    }
}
