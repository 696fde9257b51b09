//! Sign-in to the console, and sign-out: with the control token on loopback, with the installation's access code where
//! others reach the publisher (architecture.md, Security rules). The control token opens it everywhere.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;
use shared::{ids::SandboxId, secret::Secret};

use super::{
    extract::{CONSOLE, Operator, check_csrf, form_failure},
    failure::Failure,
    views::{SignInPage, page},
};
use crate::{
    app::App,
    commands::{SignIn, SignOut},
    store::CookieHash,
};

const DEFAULT_SANDBOX: &str = "default";

/// Where to go after signing in.
#[derive(Deserialize)]
pub(super) struct Towards {
    #[serde(default)]
    sandbox: String,
}

/// The form of the sign-in page.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    token: Option<Secret<String>>,
    access_code: Option<Secret<String>>,
    #[serde(default)]
    sandbox: String,
}

/// The button to sign out.
#[derive(Deserialize)]
pub(super) struct SignOutForm {
    #[serde(default)]
    csrf: String,
}

/// `GET /console/sign-in`
pub(super) async fn show(State(app): State<Arc<App>>, Query(towards): Query<Towards>) -> Response {
    let by_code = app.access_code.is_some();
    page(StatusCode::OK, &SignInPage { sandbox: sandbox(&towards.sandbox), by_code, wrong: false })
}

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    let sandbox = sandbox(&form.sandbox);
    let opens = |sent: &Secret<String>| {
        let sent = sent.expose().trim();
        let by_code = app.access_code.as_ref().is_some_and(|code| code.matches(sent));
        app.control_token.matches(sent) || by_code
    };
    if ![form.access_code, form.token].iter().flatten().any(opens) {
        let by_code = app.access_code.is_some();
        return Ok(page(StatusCode::FORBIDDEN, &SignInPage { sandbox, by_code, wrong: true }));
    }
    let cookie = app.new_cookie();
    app.store.execute(SignIn { cookie: CookieHash::of(&cookie), now: app.clock.now() }).await?;
    let cookie = Cookie::build((CONSOLE, cookie.expose().clone()))
        .path("/")
        .http_only(true)
        .secure(app.site.is_secure())
        .same_site(SameSite::Strict);
    Ok((jar.add(cookie), Redirect::to(&format!("/s/{sandbox}/console"))).into_response())
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    operator: Operator,
    jar: CookieJar,
    form: Result<Form<SignOutForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    check_csrf(&operator.cookie, &form.csrf)?;
    app.store.execute(SignOut { cookie: CookieHash::of(&operator.cookie) }).await?;
    let jar = jar.remove(Cookie::build(CONSOLE).path("/"));
    Ok((jar, Redirect::to("/console/sign-in")).into_response())
}

/// The sandbox to go to; what is not one is the default, so that the redirect stays here.
fn sandbox(text: &str) -> String {
    text.parse::<SandboxId>().map_or_else(|_| DEFAULT_SANDBOX.to_owned(), |id| id.to_string())
}
