//! Sign-in to the landing page (fulfillment.md 1.14): the visitor is sent to the identity service and comes back with a
//! code, which is exchanged for an id token. What the exchange needs is kept by the browser alone: verifier and nonce
//! follow from the visit's cookie and the state. Called by the router and the landing page.

mod refused;

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, header::HOST},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::secret::Secret;

pub(super) use self::refused::SignInFailure;
use super::{
    extract::{self, VISIT, visit_cookie},
    failure::Failure,
};
use crate::{
    app::App,
    clients::{
        Trouble,
        authority::{Asking, SignInRequest},
        marketplace::Caller,
    },
    commands::{BeginSignIn, SignVisitorIn, TakeSignIn},
    domain::{Asked, Place, Visitor},
    queries::{Page, account_of_visit},
    store::{CookieHash, TokenFailure},
};

/// Longer than any code.
const CODE_MAX: usize = 4096;
/// Longer than any state of ours.
const STATE_MAX: usize = 200;

/// What the identity service sends a visitor back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    state: Option<Secret<String>>,
    code: Option<Secret<String>>,
    error: Option<String>,
    #[serde(default)]
    error_description: String,
}

/// `GET /s/{sandbox}/{publisher}/sign-in`: signs in anew, with a choice of accounts.
pub(super) async fn choose(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Failure> {
    let cookie = extract::cookie(&jar, VISIT).ok_or(Failure::Link(TokenFailure::Missing))?;
    let hash = CookieHash::of(&cookie);
    let Caller { sandbox, publisher } = &caller;
    match account_of_visit(&app.store, Some(&hash), sandbox, publisher, app.clock.now()).await? {
        Page::Failed(failure) => Err(Failure::Link(failure)),
        _ => begin(&app, &caller, &headers, &cookie, Asking::Anew, Place::Landing).await,
    }
}

/// Sends the visitor of `cookie` to the identity service, and to `place` afterwards.
pub(super) async fn begin(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    cookie: &Secret<String>,
    asking: Asking,
    place: Place,
) -> Result<Response, Failure> {
    let request = request(app, caller, headers, cookie, app.new_cookie());
    let failed = |trouble| failure(caller, SignInFailure::from(trouble));
    // Registrations may change while a sandbox goes on: the identity service would not send the visitor back.
    let client = app.marketplace.fresh_publisher(caller).await.map_err(failed)?.sign_in.client_id;
    let authority = app.marketplace.authority().await.map_err(failed)?;
    let begun = BeginSignIn {
        cookie: CookieHash::of(cookie),
        state: CookieHash::of(&request.state),
        place,
        now: app.clock.now(),
    };
    app.store.execute(begun).await?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(request.verifier.expose()));
    let url = authority.authorize_url(&client, &challenge, &request, &asking);
    Ok(Redirect::to(url.as_str()).into_response())
}

/// `GET /s/{sandbox}/{publisher}/signed-in`: the visitor comes back.
pub(super) async fn signed_in(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    jar: CookieJar,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Result<Response, Failure> {
    let failed = |why| failure(&caller, why);
    let Some(cookie) = extract::cookie(&jar, VISIT) else {
        // Whose page this would be is looked up first: a made-up address is not found.
        app.marketplace.publisher(&caller).await.map_err(|trouble| failed(trouble.into()))?;
        return Err(failed(SignInFailure::NoVisit));
    };
    let Query(returned) = returned.map_err(|_| failed(SignInFailure::UnknownState))?;
    let state = returned.state.clone().filter(|state| state.expose().len() <= STATE_MAX);
    let state = state.ok_or_else(|| failed(SignInFailure::UnknownState))?;
    let (hash, now) = (CookieHash::of(&cookie), app.clock.now());
    let take = TakeSignIn { cookie: hash.clone(), state: CookieHash::of(&state), now };
    let place = app.store.execute(take).await?;
    let place = place.ok_or_else(|| failed(SignInFailure::UnknownState))?;
    let request = request(&app, &caller, &headers, &cookie, state);
    let visitor = identify(&app, &caller, returned, request).await.map_err(failed)?;
    let new_cookie = app.new_cookie();
    let Caller { sandbox, publisher } = caller.clone();
    let done = app.store.execute(SignVisitorIn {
        sandbox,
        publisher,
        cookie: hash,
        new_cookie: CookieHash::of(&new_cookie),
        visitor,
        now: app.clock.now(),
    });
    if !done.await? {
        return Err(failed(SignInFailure::NoVisit));
    }
    let jar = jar.add(visit_cookie(&app, &caller, &new_cookie));
    Ok((jar, Redirect::to(&path(&caller, &place))).into_response())
}

/// Who came back, by the code that was brought along.
async fn identify(
    app: &App,
    caller: &Caller,
    returned: Returned,
    request: SignInRequest,
) -> Result<Visitor, SignInFailure> {
    if let Some(error) = returned.error {
        return Err(SignInFailure::told(&error, &returned.error_description));
    }
    let code = returned.code.filter(|code| (1..=CODE_MAX).contains(&code.expose().len()));
    let code = code.ok_or_else(|| SignInFailure::Failed("it sent no code".to_owned()))?;
    let authority = app.marketplace.authority().await?;
    let claims = app.marketplace.redeem(caller, &authority, &code, &request).await?;
    let client = app.marketplace.publisher(caller).await?.sign_in.client_id;
    let asked = Asked { client, issuer: authority.issuer, nonce: request.nonce };
    claims.check(&asked, app.clock.now()).map_err(SignInFailure::Unsound)
}

/// A sign-in of this visit under this state. Made once to send the visitor away and once more, the same, at the return.
fn request(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    cookie: &Secret<String>,
    state: Secret<String>,
) -> SignInRequest {
    let derive = |what: &str| {
        let hash = Sha256::new()
            .chain_update(what)
            .chain_update([0])
            .chain_update(cookie.expose())
            .chain_update([0])
            .chain_update(state.expose());
        Secret::new(URL_SAFE_NO_PAD.encode(hash.finalize()))
    };
    let host = host(headers);
    let Caller { sandbox, publisher } = caller;
    SignInRequest {
        redirect_uri: format!("{}/s/{sandbox}/{publisher}/signed-in", app.site.origin(host)),
        nonce: derive("nonce of a sign-in"),
        verifier: derive("verifier of a sign-in"),
        state,
    }
}

/// The path of a page of this publisher's.
pub(super) fn path(caller: &Caller, place: &Place) -> String {
    place.path(&caller.sandbox, &caller.publisher)
}

/// The name that a browser has come by.
pub(super) fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// A page of this publisher's that says why nobody is signed in.
pub(super) fn failure(caller: &Caller, why: SignInFailure) -> Failure {
    match why {
        SignInFailure::Marketplace(
            trouble @ (Trouble::UnknownSandbox | Trouble::UnknownPublisher),
        ) => trouble.into(),
        why => Failure::SignIn(Box::new((caller.clone(), why))),
    }
}
