//! POST /generatetoken and /v3/generatetoken: a partner's token for another one of the partner face, as clients older than
//! the secure application model do it (partner-center.md 3.1, P-4). The new one ends with the old one.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    identity::{ExchangedToken, PARTNER_CENTER_RESOURCE, TokenError, TransientError},
    partner_center::Error as PartnerError,
};

use super::{
    params::{Params, shown},
    problem::{TokenRefusal, unavailable},
};
use crate::{
    app::App,
    domain::access::Errand,
    http::{
        body::ReadBody,
        notes::Notes,
        partner_center::{caller::PartnerCaller, problem::Problem},
    },
    key_ring::Claims,
    store::Failure,
};

/// A partner's token for one of the partner face
#[utoipa::path(
    post, path = "/generatetoken", tag = "identity",
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=jwt_token; client_id, if there is one, is the bearer's app"
    ),
    responses(
        (status = 200, body = ExchangedToken),
        (status = 400, description = "The grant is another", body = TokenError),
        (status = 401, description = "No sound bearer of a partner", body = PartnerError),
        (status = 413, description = "The body is too long", body = TokenError),
        (status = 503, description = "The signing key is being made", body = TransientError),
    )
)]
pub async fn generate_token(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    body: ReadBody,
) -> Response {
    exchange(&app, &caller, &notes, body).await
}

/// The same under its present address
#[utoipa::path(
    post, path = "/v3/generatetoken", tag = "identity",
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=jwt_token; client_id, if there is one, is the bearer's app"
    ),
    responses(
        (status = 200, body = ExchangedToken),
        (status = 400, description = "The grant is another", body = TokenError),
        (status = 401, description = "No sound bearer of a partner", body = PartnerError),
        (status = 413, description = "The body is too long", body = TokenError),
        (status = 503, description = "The signing key is being made", body = TransientError),
    )
)]
pub async fn generate_token_v3(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    body: ReadBody,
) -> Response {
    exchange(&app, &caller, &notes, body).await
}

async fn exchange(
    app: &App,
    caller: &PartnerCaller,
    notes: &Notes,
    ReadBody(body): ReadBody,
) -> Response {
    if let Err(refusal) = caller.may(Errand::ExchangeToken) {
        return Problem::from(Failure::from(refusal)).noted(notes);
    }
    let Ok(body) = body else {
        notes.refusal(&TokenRefusal::TooLong);
        return TokenRefusal::TooLong.into_answer(app);
    };
    let mut params = Params::read(&body);
    let is_callers = |client: &str| client.eq_ignore_ascii_case(&caller.client.to_string());
    let refused = match params.some("grant_type").as_deref() {
        Some("jwt_token") => params
            .some("client_id")
            .filter(|sent| !is_callers(sent))
            .map(|_| TokenRefusal::Malformed("client_id is not the app of the bearer.".to_owned())),
        Some(other) => {
            let text = format!("grant_type is '{}'; send jwt_token.", shown(other));
            Some(TokenRefusal::Malformed(text))
        }
        None => Some(TokenRefusal::Missing("grant_type")),
    };
    if let Some(refusal) = refused {
        notes.refusal(&refusal);
        return refusal.into_answer(app);
    }
    let now = app.clock.now().as_second();
    let aud = PARTNER_CENTER_RESOURCE.to_owned();
    let claims = Claims { aud, iat: now, nbf: now, ..(*caller.claims).clone() };
    let expires_in = claims.exp - now;
    match app.keys.sign(&app.store, &caller.sandbox, claims).await {
        Ok(access_token) => {
            let token_type = "bearer".to_owned();
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            let body = ExchangedToken { access_token, token_type, expires_in };
            (StatusCode::OK, no_store, Json(body)).into_response()
        }
        Err(error) => {
            notes.refusal(&error);
            unavailable()
        }
    }
}
