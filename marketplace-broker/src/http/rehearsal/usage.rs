//! GET …/usage: what a subscription used in its present term, and what that would cost.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{Problem as ProblemBody, Usage};

use super::{problem::Problem, view};
use crate::{
    app::App,
    http::{
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
    queries,
};

/// Usage of a subscription in its present term
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/usage", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)),
    responses((status = 200, body = Usage), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_usage(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(id): SubscriptionOf,
    notes: Notes,
) -> Response {
    match queries::usage(&app.store, &sandbox, id).await {
        Ok(found) => Json(view::usage(&found)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
