//! POST …/signing-keys: a new key signs bearers, id tokens and webhooks of the sandbox; older ones verify for as long as
//! a token lives.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{Problem as ProblemBody, RotatedKey};

use super::problem::Problem;
use crate::{
    app::App,
    http::{extract::OperatorIn, notes::Notes},
    key_ring::KeyError,
    store::Failure,
};

/// Rotate the key that signs bearers, id tokens and webhooks
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/signing-keys", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses(
        (status = 201, body = RotatedKey),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, description = "Too many keys side by side", body = ProblemBody),
    )
)]
pub async fn rotate_signing_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    match app.keys.rotate(&app.store, &sandbox).await {
        Ok(key_id) => (StatusCode::CREATED, Json(RotatedKey { key_id })).into_response(),
        Err(KeyError::Store(failure)) => Problem::from(failure).noted(&notes),
        Err(KeyError::NotReady | KeyError::Unusable) => Problem::from(Failure::Busy).noted(&notes),
    }
}
