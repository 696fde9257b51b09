//! GET …/charges: the charge lines of a subscription.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{Charges, Problem as ProblemBody};

use super::{problem::Problem, view};
use crate::{
    app::App,
    http::{
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
    queries,
};

/// The charge lines of a subscription
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/charges", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)),
    responses((status = 200, body = Charges), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_charges(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(id): SubscriptionOf,
    notes: Notes,
) -> Response {
    match queries::charges(&app.store, &sandbox, id).await {
        Ok(lines) => {
            Json(Charges { charges: lines.iter().map(view::charge).collect() }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
