//! The landing page: where a buyer arrives by an activation link, and where the information is entered. The purchase
//! token is resolved, leaves the address by a redirect, and is kept nowhere.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;
use shared::{fulfillment::Resolved, secret::Secret};

use super::{
    extract::{self, VISIT, check_csrf, csrf_token, form_failure, purchase_token},
    failure::Failure,
    views::{LandingPage, page},
};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller, reading},
    commands::{OpenVisit, Opened, SubmitInformation},
    domain::{Account, AccountKey, Entries, Information},
    queries::{Page, account_of_visit},
    store::{CookieHash, TokenFailure},
    words::say_with,
};

/// Longer than any purchase token.
const TOKEN_MAX: usize = 2048;

/// The form, as it is sent.
#[derive(Deserialize)]
pub(super) struct InformationForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    site_address: String,
    #[serde(default)]
    admin_name: String,
    #[serde(default)]
    admin_email: String,
    #[serde(default)]
    people: String,
}

/// `GET /s/{sandbox}/{publisher}/landing`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    uri: Uri,
    jar: CookieJar,
) -> Result<Response, Failure> {
    if let Some(token) = purchase_token(&uri) {
        return arrive(&app, caller, token, jar).await;
    }
    let Some(cookie) = extract::cookie(&jar, VISIT) else {
        app.marketplace.publisher(&caller).await?;
        return Err(Failure::Link(TokenFailure::Missing));
    };
    let account = visited(&app, &caller, &cookie).await?;
    let entries = account.submitted().map(|submitted| submitted.information.entries());
    let view = LandingPage::new(&account, csrf_token(&cookie)).entries(entries.unwrap_or_default());
    Ok(page(StatusCode::OK, &view))
}

/// `POST /s/{sandbox}/{publisher}/landing`
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    caller: Caller,
    jar: CookieJar,
    form: Result<Form<InformationForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    let cookie = extract::cookie(&jar, VISIT).ok_or(Failure::Link(TokenFailure::Missing))?;
    let account = visited(&app, &caller, &cookie).await?;
    check_csrf(&cookie, &form.csrf)?;
    account.may_submit().map_err(Failure::Refused)?;

    let entries = Entries {
        site_address: form.site_address,
        admin_name: form.admin_name,
        admin_email: form.admin_email,
        people: form.people,
    };
    let view = LandingPage::new(&account, csrf_token(&cookie));
    let information = match Information::parse(&entries, account.purchase.quantity) {
        Ok(information) => information,
        Err(errors) => {
            let view = view.entries(entries).errors(&errors);
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &view));
        }
    };
    let at = match app.marketplace.sandbox_time(&caller.sandbox).await {
        Ok(at) => at,
        Err(trouble) => {
            let why = say_with("form-not-saved", [("said", trouble.to_string().into())]);
            return Ok(page(StatusCode::BAD_GATEWAY, &view.entries(entries).not_saved(why)));
        }
    };
    app.store.execute(SubmitInformation { key: account.key, information, at }).await?;
    Ok(Redirect::to(&address(&caller)).into_response())
}

fn address(caller: &Caller) -> String {
    format!("/s/{}/{}/landing", caller.sandbox, caller.publisher)
}

async fn visited(app: &App, caller: &Caller, cookie: &Secret<String>) -> Result<Account, Failure> {
    let (hash, now) = (CookieHash::of(cookie), app.clock.now());
    let found =
        account_of_visit(&app.store, Some(&hash), &caller.sandbox, &caller.publisher, now).await?;
    match found {
        Page::Account(account) => Ok(*account),
        Page::Failed(failure) => Err(Failure::Link(failure)),
    }
}

/// A link was followed. Whatever it leads to, the answer moves the token out of the address.
async fn arrive(
    app: &App,
    caller: Caller,
    token: Secret<Vec<u8>>,
    jar: CookieJar,
) -> Result<Response, Failure> {
    let publisher = app.marketplace.publisher(&caller).await?;
    let opened = match resolve(app, &caller, &token).await? {
        Ok((resolved, at)) => {
            let sandbox = app.marketplace.sandbox(&caller.sandbox).await?;
            let key = AccountKey {
                sandbox: caller.sandbox.clone(),
                subscription: resolved.id.parse().map_err(|_| unreadable())?,
            };
            let subscription = &resolved.subscription;
            let standing = reading::standing(subscription.saas_subscription_status);
            let purchase = reading::purchase(&caller, publisher.name, subscription, &sandbox);
            let purchase = Box::new(purchase);
            Opened::Purchase { key, purchase, standing, at }
        }
        Err(failure) => {
            tracing::info!(failure = failure.name(), "an activation link leads nowhere");
            Opened::Failed(failure)
        }
    };
    let (cookie, to, now) = (app.new_cookie(), address(&caller), app.clock.now());
    let Caller { sandbox, publisher } = caller;
    let path = format!("/s/{sandbox}/{publisher}");
    let visit = OpenVisit { sandbox, publisher, cookie: CookieHash::of(&cookie), opened, now };
    app.store.execute(visit).await?;
    let cookie = Cookie::build((VISIT, cookie.expose().clone()))
        .path(path)
        .http_only(true)
        .secure(app.site.is_secure())
        .same_site(SameSite::Lax);
    Ok((jar.add(cookie), Redirect::to(&to)).into_response())
}

fn unreadable() -> Failure {
    let what = "it names no subscription".to_owned();
    Failure::Marketplace(Trouble::Unreachable { what, retry_after: None })
}

type Answer = (Resolved, jiff::Timestamp);

/// What the token stands for, or what is wrong with it; an error if the marketplace could not be asked.
async fn resolve(
    app: &App,
    caller: &Caller,
    token: &Secret<Vec<u8>>,
) -> Result<Result<Answer, TokenFailure>, Failure> {
    let bytes = token.expose();
    if bytes.is_empty() {
        return Ok(Err(TokenFailure::Missing));
    }
    let Some(mut header) =
        HeaderValue::from_bytes(bytes).ok().filter(|header| header.len() <= TOKEN_MAX)
    else {
        return Ok(Err(TokenFailure::Garbled));
    };
    header.set_sensitive(true);
    match app.marketplace.resolve(caller, header).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(Trouble::Refused { status, message }) => match status {
            StatusCode::FORBIDDEN => Ok(Err(TokenFailure::AnotherPublishers)),
            StatusCode::BAD_REQUEST if message.to_lowercase().contains("expired") => {
                Ok(Err(TokenFailure::Expired))
            }
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => Ok(Err(TokenFailure::Garbled)),
            _ => Err(Failure::Marketplace(Trouble::Refused { status, message })),
        },
        Err(trouble) => Err(trouble.into()),
    }
}
