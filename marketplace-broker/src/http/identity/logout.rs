//! GET /{tenant}/oauth2/v2.0/logout, and the same of v1: the picker forgets who was chosen, and the visitor goes back to the app (OpenID
//! Connect RP-Initiated Logout).

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use shared::ids::ClientId;
use url::Url;

use super::{
    pages::{busy, message},
    params::Params,
    session::Session,
};
use crate::{
    app::App,
    domain::identity::is_registered,
    http::{extract::sandbox_id, fulfillment::location, notes::Notes},
    store::{Failure, partners, publishers, registration},
};

/// Sign out: nobody is remembered any more
#[utoipa::path(
    get, path = "/{tenant}/oauth2/v2.0/logout", tag = "identity",
    params(
        ("tenant" = String, Path, description = "Any"),
        ("post_logout_redirect_uri" = Option<String>, Query, description = "A registered redirect URI"),
        ("client_id" = Option<String>, Query, description = "Whose it is, if there is no id_token_hint"),
        ("id_token_hint" = Option<String>, Query), ("state" = Option<String>, Query),
    ),
    responses(
        (status = 200, description = "Signed out: a page"),
        (status = 303, description = "Signed out, on the way to post_logout_redirect_uri"),
    )
)]
pub async fn logout(
    State(app): State<App>,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    sign_out(&app, &notes, &uri, &headers).await
}

/// Sign out, v1: nobody is remembered any more
#[utoipa::path(
    get, path = "/{tenant}/oauth2/logout", tag = "identity",
    params(
        ("tenant" = String, Path, description = "Any"),
        ("post_logout_redirect_uri" = Option<String>, Query, description = "A registered redirect URI"),
        ("client_id" = Option<String>, Query, description = "Whose it is, if there is no id_token_hint"),
        ("id_token_hint" = Option<String>, Query), ("state" = Option<String>, Query),
    ),
    responses(
        (status = 200, description = "Signed out: a page"),
        (status = 303, description = "Signed out, on the way to post_logout_redirect_uri"),
    )
)]
pub async fn logout_v1(
    State(app): State<App>,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    sign_out(&app, &notes, &uri, &headers).await
}

async fn sign_out(app: &App, notes: &Notes, uri: &Uri, headers: &HeaderMap) -> Response {
    if !app.hosts.allow(headers, uri) {
        notes.refusal("host or origin");
        return message(StatusCode::FORBIDDEN, "sign-in-host", String::new());
    }
    let mut params = Params::read(uri.query().unwrap_or_default().as_bytes());
    let secure = location::absolute(app, headers, "/").starts_with("https:");
    let mut session = Session::read(headers, secure);
    let target = match target(app, notes, &session, &mut params).await {
        Ok(target) => target,
        Err(failure) => {
            notes.refusal(&failure);
            return busy();
        }
    };
    session.forget();
    let response = match target {
        Some(target) => {
            let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            (StatusCode::SEE_OTHER, [(header::LOCATION, target), no_store]).into_response()
        }
        None => message(StatusCode::OK, "signed-out", String::new()),
    };
    (session.into_jar(), response).into_response()
}

/// Where to go back to: only where the app that is named has registered, or, if none is, an app of a sandbox that
/// somebody has signed in to here. Middleware that keeps no tokens names none.
async fn target(
    app: &App,
    notes: &Notes,
    session: &Session,
    params: &mut Params,
) -> Result<Option<HeaderValue>, Failure> {
    let Some(asked) = params.some("post_logout_redirect_uri") else { return Ok(None) };
    let named = params.some("client_id").or_else(|| audience(&params.some("id_token_hint")?));
    let client = match named {
        Some(named) => named.parse().ok(),
        None => signed_in_app(app, session, &asked).await?,
    };
    let Some(client) = client else { return Ok(None) };
    let Some(found) = registration(&mut *app.store.read().await?, client).await? else {
        return Ok(None);
    };
    notes.caller(format!("visitor of {}", found.owner.id()));
    notes.sandbox(&found.sandbox, found.clock);
    let bundled = app.publisher_url.as_deref();
    let registered = found.redirect_uris(bundled).is_some_and(|uris| is_registered(&asked, &uris));
    let Some(mut url) = Url::parse(&asked).ok().filter(|_| registered) else {
        return Ok(None);
    };
    if let Some(state) = params.some("state") {
        url.query_pairs_mut().append_pair("state", &state);
    }
    Ok(HeaderValue::try_from(url.as_str()).ok())
}

/// The app that has registered an address, in a sandbox that somebody has signed in to with this browser.
async fn signed_in_app(
    app: &App,
    session: &Session,
    asked: &str,
) -> Result<Option<ClientId>, Failure> {
    let bundled = app.publisher_url.as_deref();
    let mut conn = app.store.read().await?;
    for sandbox in session.sandboxes() {
        let Ok(sandbox) = sandbox_id(&sandbox) else { continue };
        for publisher in publishers(&mut conn, &sandbox).await? {
            if is_registered(asked, &publisher.redirect_uris(&sandbox, bundled)) {
                return Ok(Some(publisher.sign_in.client_id));
            }
        }
        for partner in partners(&mut conn, &sandbox).await? {
            if is_registered(asked, &partner.redirect_uris()) {
                return Ok(Some(partner.app.client_id));
            }
        }
    }
    Ok(None)
}

/// The app that an id token was made for. Nothing is given for it but a way to that app's own page, so its signature
/// and its end do not matter.
fn audience(id_token: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Hint {
        aud: String,
    }
    Some(jsonwebtoken::dangerous::insecure_decode::<Hint>(id_token).ok()?.claims.aud)
}
