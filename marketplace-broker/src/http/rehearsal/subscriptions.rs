//! GET …/subscriptions/{subscriptionId}: the whole truth.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{Problem as ProblemBody, SubscriptionTruth};

use super::{problem::Problem, view};
use crate::{
    app::App,
    http::{
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
    queries,
};

/// The whole truth about a subscription
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}", tag = "rehearsal",
    operation_id = "get_subscription_truth",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = SubscriptionTruth), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn get_subscription(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(id): SubscriptionOf,
    notes: Notes,
) -> Response {
    match queries::subscription_truth(&app.store, &sandbox, id).await {
        Ok(found) => Json(view::subscription(&found)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
