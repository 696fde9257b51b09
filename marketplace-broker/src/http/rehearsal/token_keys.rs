//! POST …/token-keys: a new key signs purchase tokens; older ones still verify.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{Problem as ProblemBody, RotatedKey};

use super::{problem::Problem, sandboxes::token_key};
use crate::{
    app::App,
    commands::RotateTokenKey,
    http::{extract::OperatorIn, notes::Notes},
};

/// Rotate the key that signs purchase tokens
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/token-keys", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses(
        (status = 201, body = RotatedKey),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn rotate_token_key(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    let key = token_key(app.entropy.as_ref());
    let key_id = key.id.to_string();
    match app.store.execute(RotateTokenKey { sandbox, key }).await {
        Ok(()) => (StatusCode::CREATED, Json(RotatedKey { key_id })).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
