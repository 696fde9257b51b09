//! GET /oidc/userinfo, the same under v1's address, and GET /v1.0/me: who is signed in, by the access token of the sign-in (OpenID Connect Core 5.3;
//! Microsoft Graph's shape, fulfillment.md 1.14).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    entropy::random_uuid,
    identity::{GraphError, GraphInnerError, GraphProblem, GraphUser, UserInfo},
    ids::ClientId,
};

use super::problem::unavailable;
use crate::{
    app::App,
    domain::identity::Account,
    http::{extract::bearer, notes::Notes},
    key_ring::{GraphClaims, KeyError},
    queries,
    store::registration,
};

/// Who is signed in, as OpenID Connect has it
#[utoipa::path(
    get, path = "/oidc/userinfo", tag = "identity",
    responses(
        (status = 200, body = UserInfo),
        (status = 401, description = "No access token of a sign-in", body = GraphProblem),
    )
)]
pub async fn userinfo(State(app): State<App>, notes: Notes, headers: HeaderMap) -> Response {
    info(&app, &notes, &headers).await
}

/// Who is signed in, under the address that v1's metadata name
#[utoipa::path(
    get, path = "/{tenant}/openid/userinfo", tag = "identity",
    params(("tenant" = String, Path, description = "Any")),
    responses(
        (status = 200, body = UserInfo),
        (status = 401, description = "No access token of a sign-in", body = GraphProblem),
    )
)]
pub async fn userinfo_v1(State(app): State<App>, notes: Notes, headers: HeaderMap) -> Response {
    info(&app, &notes, &headers).await
}

async fn info(app: &App, notes: &Notes, headers: &HeaderMap) -> Response {
    match person(app, notes, headers).await {
        Ok(Some((claims, account))) => {
            let has_email = claims.scp.split(' ').any(|scope| scope == "email");
            let (given_name, family_name) = account.name.clone();
            let info = UserInfo {
                sub: claims.sub,
                name: account.display_name(),
                family_name,
                given_name,
                email: account.mail.filter(|_| has_email),
            };
            no_store(StatusCode::OK, info)
        }
        Ok(None) => refused(app, StatusCode::UNAUTHORIZED, INVALID),
        Err(failure) => broken(notes, &failure),
    }
}

/// Who is signed in, as Microsoft Graph has it
#[utoipa::path(
    get, path = "/v1.0/me", tag = "identity",
    responses(
        (status = 200, body = GraphUser),
        (status = 401, description = "No access token of a sign-in", body = GraphProblem),
        (status = 403, description = "The sign-in did not ask for User.Read", body = GraphProblem),
    )
)]
pub async fn me(State(app): State<App>, notes: Notes, headers: HeaderMap) -> Response {
    match person(&app, &notes, &headers).await {
        Ok(Some((claims, account))) if claims.scp.split(' ').any(|one| one == "User.Read") => {
            let display_name = account.display_name();
            let (given_name, surname) = account.name;
            let user = GraphUser {
                context: "https://graph.microsoft.com/v1.0/$metadata#users/$entity".to_owned(),
                business_phones: Vec::new(),
                display_name,
                given_name,
                job_title: None,
                mail: account.mail,
                mobile_phone: None,
                office_location: None,
                preferred_language: None,
                surname,
                user_principal_name: account.user_name,
                id: account.object_id.to_string(),
            };
            no_store(StatusCode::OK, user)
        }
        Ok(Some(_)) => {
            notes.refusal("no User.Read");
            let text =
                "Insufficient privileges to complete the operation. Ask for the scope User.Read.";
            refused(&app, StatusCode::FORBIDDEN, ("Authorization_RequestDenied", text))
        }
        Ok(None) => refused(&app, StatusCode::UNAUTHORIZED, INVALID),
        Err(failure) => broken(&notes, &failure),
    }
}

const INVALID: (&str, &str) = (
    "InvalidAuthenticationToken",
    "Access token is empty, over, or not for this resource. Send the access_token of a sign-in as bearer.",
);

/// The person whom the bearer stands for.
async fn person(
    app: &App,
    notes: &Notes,
    headers: &HeaderMap,
) -> Result<Option<(GraphClaims, Account)>, KeyError> {
    let refuse = || {
        notes.refusal("bearer");
        Ok(None)
    };
    let Some(token) = bearer(headers) else { return refuse() };
    let claims = app.keys.verify_graph(&app.store, token, app.clock.now()).await?;
    let Some(claims) = claims else { return refuse() };
    let Ok(client) = claims.appid.parse::<ClientId>() else { return refuse() };
    let found = registration(&mut *app.store.read().await?, client).await?;
    let Some(found) = found else { return refuse() };
    notes.caller(format!("visitor of {}", found.owner.id()));
    notes.sandbox(&found.sandbox, found.clock);
    let accounts = queries::accounts_of(&app.store, &found.sandbox).await?;
    let is_it = |account: &Account| {
        account.object_id.to_string() == claims.oid && account.tenant_id.to_string() == claims.tid
    };
    match accounts.into_iter().find(is_it) {
        Some(account) => Ok(Some((claims, account))),
        None => refuse(),
    }
}

fn no_store(status: StatusCode, body: impl serde::Serialize) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, no_store, Json(body)).into_response()
}

/// Microsoft Graph's error.
fn refused(app: &App, status: StatusCode, (code, message): (&str, &str)) -> Response {
    let request = random_uuid(app.entropy.as_ref()).to_string();
    let date = app.clock.now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let inner_error =
        GraphInnerError { date, request_id: request.clone(), client_request_id: request };
    let (code, message) = (code.to_owned(), message.to_owned());
    let mut response =
        no_store(status, GraphProblem { error: GraphError { code, message, inner_error } });
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

fn broken(notes: &Notes, error: &KeyError) -> Response {
    notes.refusal(error);
    unavailable()
}
