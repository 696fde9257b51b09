//! The landing page: where a buyer arrives by an activation link, signs in, and enters the information. The purchase
//! token is resolved, leaves the address by a redirect, and is kept nowhere.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use shared::{fulfillment::Resolved, secret::Secret};

use super::{
    extract::{self, VISIT, check_csrf, csrf_token, form_failure, purchase_token, visit_cookie},
    failure::Failure,
    views::{LandingPage, page},
    visitor::{self, SignInFailure},
};
use crate::{
    app::App,
    clients::{Trouble, authority::Asking, marketplace::Caller, reading},
    commands::{OpenVisit, Opened, SubmitInformation},
    domain::{Account, AccountKey, Entries, Information, Place, Setup, Visitor},
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
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Failure> {
    if let Some(token) = purchase_token(&uri) {
        return arrive(&app, caller, token, jar).await;
    }
    let Some(cookie) = extract::cookie(&jar, VISIT) else {
        app.marketplace.publisher(&caller).await?;
        return Err(Failure::Link(TokenFailure::Missing));
    };
    match visited(&app, &caller, &cookie).await? {
        Page::Account(account, visitor) => opened(&app, &account, &visitor, &cookie).await,
        Page::SignInNeeded { hint } => {
            let asking = Asking::Hint(hint);
            visitor::begin(&app, &caller, &headers, &cookie, asking, Place::Landing).await
        }
        closed => Err(refused(&caller, closed)),
    }
}

/// The page of an account for its visitor, with the form as it arrived.
pub(super) async fn opened(
    app: &App,
    account: &Account,
    visitor: &Visitor,
    cookie: &Secret<String>,
) -> Result<Response, Failure> {
    let steps = app.store.publisher_steps(&account.key).await?;
    let entries = account.submitted().map(|submitted| submitted.information.entries());
    let view = LandingPage::new(account, visitor, csrf_token(cookie)).publisher_steps(&steps);
    Ok(page(StatusCode::OK, &view.entries(entries.unwrap_or_default())))
}

/// `POST /s/{sandbox}/{publisher}/landing`
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    jar: CookieJar,
    form: Result<Form<InformationForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    let cookie = extract::cookie(&jar, VISIT).ok_or(Failure::Link(TokenFailure::Missing))?;
    let (account, visitor) = match visited(&app, &caller, &cookie).await? {
        Page::Account(account, visitor) => (account, visitor),
        closed => return Err(refused(&caller, closed)),
    };
    check_csrf(&cookie, &form.csrf)?;
    account.may_submit().map_err(Failure::Refused)?;

    let entries = Entries {
        site_address: form.site_address,
        admin_name: form.admin_name,
        admin_email: form.admin_email,
        people: form.people,
    };
    let view = LandingPage::new(&account, &visitor, csrf_token(&cookie));
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
    let place = Place::Account(account.key.subscription);
    let own_page = visitor::path(&caller, &place);
    let setup = Setup {
        sign_in_url: format!("{}{own_page}", app.site.address(visitor::host(&headers))),
        by: visitor.id,
        username: visitor.username,
    };
    let (message_id, now) = (app.new_id(), app.clock.now());
    let key = account.key;
    app.store.execute(SubmitInformation { key, information, at, setup, message_id, now }).await?;
    Ok(Redirect::to(&visitor::path(&caller, &Place::Landing)).into_response())
}

/// What the visit of this cookie may see.
async fn visited(app: &App, caller: &Caller, cookie: &Secret<String>) -> Result<Page, Failure> {
    let (hash, now) = (CookieHash::of(cookie), app.clock.now());
    let Caller { sandbox, publisher } = caller;
    Ok(account_of_visit(&app.store, Some(&hash), sandbox, publisher, now).await?)
}

/// Why a visit may not see its purchase.
pub(super) fn refused(caller: &Caller, page: Page) -> Failure {
    match page {
        Page::Failed(failure) => Failure::Link(failure),
        Page::NotTheirs(visitor) => visitor::failure(caller, SignInFailure::NotTheirs(visitor)),
        Page::SignInNeeded { .. } | Page::Account(..) => {
            visitor::failure(caller, SignInFailure::Needed)
        }
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
    let (cookie, now) = (app.new_cookie(), app.clock.now());
    let visit = OpenVisit {
        sandbox: caller.sandbox.clone(),
        publisher: caller.publisher.clone(),
        cookie: CookieHash::of(&cookie),
        previous: extract::cookie(&jar, VISIT).as_ref().map(CookieHash::of),
        opened,
        now,
    };
    app.store.execute(visit).await?;
    let jar = jar.add(visit_cookie(app, &caller, &cookie));
    Ok((jar, Redirect::to(&visitor::path(&caller, &Place::Landing))).into_response())
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
