//! …/partners/{partnerId}/client-keys: public keys that a partner's app proves itself with instead of its secret, by itself
//! and for its users (partner-center.md 3.1). Bodies and answers are those of `client_keys`.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{
    ClientKey as Wire, ClientKeys, Problem as ProblemBody, RegisterClientKey as Asked,
};

use super::{
    client_keys::{read, wire},
    problem::Problem,
};
use crate::{
    app::App,
    commands::{DropClientKey, KeyOwner, RegisterClientKey, WhichApp},
    domain::refusal::Refusal,
    http::{
        body::ReadBody,
        extract::{KeyPath, OperatorIn, PartnerPath},
        notes::Notes,
    },
    queries,
    store::Failure,
};

/// The keys that a partner's app proves itself with
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/partners/{partnerId}/client-keys", tag = "rehearsal",
    params(("sandbox" = String, Path), ("partnerId" = String, Path)),
    responses((status = 200, body = ClientKeys), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn list_partner_keys(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PartnerPath(partner): PartnerPath,
    notes: Notes,
) -> Response {
    let found =
        async { queries::client_keys(&app.store, &sandbox, &KeyOwner::Partner(partner?)).await };
    match found.await {
        Ok(keys) => {
            let keys = keys.iter().map(|(_, key)| wire(None, key)).collect();
            Json(ClientKeys { keys }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Register a key of a partner's app, in place of one of the same name
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/partners/{partnerId}/client-keys", tag = "rehearsal",
    params(("sandbox" = String, Path), ("partnerId" = String, Path)), request_body = Asked,
    responses(
        (status = 201, body = Wire), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Too many keys", body = ProblemBody),
    )
)]
pub async fn register_partner_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PartnerPath(partner): PartnerPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let registered = async {
        let owner = KeyOwner::Partner(partner?);
        let (which, key) = read(&body?)?;
        if which.is_some() {
            let reason = "a partner has one app; leave it out";
            return Err(Refusal::field("app", reason).into());
        }
        let shown = wire(None, &key);
        app.store.execute(RegisterClientKey { sandbox, owner, app: WhichApp::Api, key }).await?;
        Ok::<_, Failure>(shown)
    };
    match registered.await {
        Ok(key) => (StatusCode::CREATED, Json(key)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Drop a key of a partner's app
#[utoipa::path(
    delete, path = "/rehearsal/v1/sandboxes/{sandbox}/partners/{partnerId}/client-keys/{kid}", tag = "rehearsal",
    params(("sandbox" = String, Path), ("partnerId" = String, Path), ("kid" = String, Path)),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn drop_partner_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PartnerPath(partner): PartnerPath,
    KeyPath(kid): KeyPath,
    notes: Notes,
) -> Response {
    let dropped = async {
        let owner = KeyOwner::Partner(partner?);
        app.store.execute(DropClientKey { sandbox, owner, kid }).await
    };
    match dropped.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
