//! Pages of an account behind the sign-in, for the person it was bought for and the one who bought it: the account's own
//! page, which is the sign-in URL the marketplace is told, and one page a step (S17). Unlike the landing page they need
//! no activation link: whoever comes signs in first.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use shared::secret::Secret;

use super::{
    console::{PressForm, settled},
    extract::{self, StepOf, VISIT, check_csrf, csrf_token, form_failure, visit_cookie},
    failure::Failure,
    landing::{opened, refused},
    views::{StepPage, page},
    visitor::{self, SignInFailure},
};
use crate::{
    app::App,
    clients::{authority::Asking, marketplace::Caller},
    commands::{FinishStep, OpenVisit, Opened},
    domain::{Account, AccountKey, Kind, Place, PublisherStep, Visitor},
    queries::{Page, account_of_visit},
    store::{CookieHash, Landing},
};

/// `GET /s/{sandbox}/{publisher}/accounts/{subscription}`
pub(super) async fn account(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: AccountKey,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Failure> {
    let place = Place::Account(key.subscription);
    match enter(&app, &caller, &key, &jar).await? {
        Entry::Inside(inside) => {
            opened(&app, &inside.account, &inside.visitor, &inside.cookie).await
        }
        entry => entry.send_on(&app, &caller, &headers, jar, place).await,
    }
}

/// `GET /s/{sandbox}/{publisher}/accounts/{subscription}/steps/{step}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: AccountKey,
    StepOf(step): StepOf,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Failure> {
    let place = Place::Step(key.subscription, step.clone());
    match enter(&app, &caller, &key, &jar).await? {
        Entry::Inside(Inside { account, visitor, cookie }) => {
            let steps = app.store.publisher_steps(&key).await?;
            let step = steps.iter().find(|known| known.id == step).ok_or(Failure::NotFound)?;
            let own = is_own_page(step, &visitor::path(&caller, &place));
            let view = StepPage::new(&account, &visitor, step, own, csrf_token(&cookie));
            Ok(page(StatusCode::OK, &view))
        }
        entry => entry.send_on(&app, &caller, &headers, jar, place).await,
    }
}

/// `POST /s/{sandbox}/{publisher}/accounts/{subscription}/steps/{step}`: it is done.
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: AccountKey,
    StepOf(step): StepOf,
    jar: CookieJar,
    form: PressForm,
) -> Result<Response, Failure> {
    let press = form.map_err(|rejected| form_failure(&rejected))?.0;
    let Entry::Inside(Inside { cookie, .. }) = enter(&app, &caller, &key, &jar).await? else {
        return Err(visitor::failure(&caller, SignInFailure::Needed));
    };
    check_csrf(&cookie, press.csrf())?;
    let to = visitor::path(&caller, &Place::Step(key.subscription, step.clone()));
    let changes = app.store.changes();
    let at = app.marketplace.sandbox_time(&key.sandbox).await?;
    let (message_id, now) = (app.new_id(), app.clock.now());
    let command = FinishStep { key: key.clone(), step, at, message_id, now };
    let done = app.store.execute(command).await;
    settled(&app, &key, Kind::PublisherSteps, done, changes, &to).await
}

/// Whether a step is done at its page here, and not somewhere else.
fn is_own_page(step: &PublisherStep, path: &str) -> bool {
    step.url.parse::<url::Url>().is_ok_and(|url| url.path() == path)
}

/// Somebody who may see the account.
struct Inside {
    account: Box<Account>,
    visitor: Visitor,
    cookie: Secret<String>,
}

/// How a browser stands to an account.
enum Entry {
    /// Signed in, and let in.
    Inside(Inside),
    /// Known, and not signed in.
    SignIn { cookie: Secret<String>, hint: String },
    /// Without a visit of this account.
    Outside { key: AccountKey, previous: Option<CookieHash>, hint: String },
}

/// Looks whether the account is this publisher's, and how the browser stands to it.
async fn enter(
    app: &App,
    caller: &Caller,
    key: &AccountKey,
    jar: &CookieJar,
) -> Result<Entry, Failure> {
    let account = app.store.account(key).await?;
    let account = account.filter(|account| account.purchase.publisher == caller.publisher);
    let account = account.ok_or(Failure::NotFound)?;
    let hint = account.purchase.beneficiary_email.clone();
    let cookie = extract::cookie(jar, VISIT);
    let hash = cookie.as_ref().map(CookieHash::of);
    let Caller { sandbox, publisher } = caller;
    let (Some(cookie), Some(hash)) = (cookie, hash.clone()) else {
        return Ok(Entry::Outside { key: key.clone(), previous: hash, hint });
    };
    let now = app.clock.now();
    let visit = app.store.visit(&hash, sandbox, publisher, now).await?;
    if visit.is_none_or(|visit| visit.landing != Landing::Account(key.clone())) {
        return Ok(Entry::Outside { key: key.clone(), previous: Some(hash), hint });
    }
    match account_of_visit(&app.store, Some(&hash), sandbox, publisher, now).await? {
        Page::Account(account, visitor) => Ok(Entry::Inside(Inside { account, visitor, cookie })),
        Page::SignInNeeded { hint } => Ok(Entry::SignIn { cookie, hint }),
        closed => Err(refused(caller, closed)),
    }
}

impl Entry {
    /// Sends a browser that is not inside to sign in, and to `place` afterwards. One that was signed in on this
    /// publisher's pages before, as somebody who may see the account, goes there at once.
    async fn send_on(
        self,
        app: &App,
        caller: &Caller,
        headers: &HeaderMap,
        jar: CookieJar,
        place: Place,
    ) -> Result<Response, Failure> {
        let (key, previous, hint) = match self {
            Self::Inside(_) => {
                return Ok(Redirect::to(&visitor::path(caller, &place)).into_response());
            }
            Self::SignIn { cookie, hint } => {
                return visitor::begin(app, caller, headers, &cookie, Asking::Hint(hint), place)
                    .await;
            }
            Self::Outside { key, previous, hint } => (key, previous, hint),
        };
        let cookie = app.new_cookie();
        let visit = OpenVisit {
            sandbox: caller.sandbox.clone(),
            publisher: caller.publisher.clone(),
            cookie: CookieHash::of(&cookie),
            previous,
            opened: Opened::Known(key),
            now: app.clock.now(),
        };
        let is_signed_in = app.store.execute(visit).await?;
        let to = if is_signed_in {
            Redirect::to(&visitor::path(caller, &place)).into_response()
        } else {
            visitor::begin(app, caller, headers, &cookie, Asking::Hint(hint), place).await?
        };
        Ok((jar.add(visit_cookie(app, caller, &cookie)), to).into_response())
    }
}
