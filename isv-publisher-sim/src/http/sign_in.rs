//! Sign-in to the console with the control token, and sign-out.

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
    token: Secret<String>,
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
pub(super) async fn show(Query(towards): Query<Towards>) -> Response {
    page(StatusCode::OK, &SignInPage { sandbox: sandbox(&towards.sandbox), wrong: false })
}

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    let sandbox = sandbox(&form.sandbox);
    if !app.control_token.matches(form.token.expose().trim()) {
        return Ok(page(StatusCode::FORBIDDEN, &SignInPage { sandbox, wrong: true }));
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
