//! GET /api/saas/subscriptions/{subscriptionId} (fulfillment.md 1.5).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::fulfillment::{Detail, Subscription};

use super::{problem::Problem, projection};
use crate::{
    app::App,
    http::{
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
    },
    queries,
};

/// One subscription
#[utoipa::path(
    get, path = "/api/saas/subscriptions/{subscriptionId}", tag = "fulfillment",
    params(
        ("subscriptionId" = String, Path),
        ("api-version" = String, Query, description = "2018-08-31"),
    ),
    responses(
        (status = 200, body = Subscription),
        (status = 403, description = "Not this publisher's", body = String),
        (status = 404, description = "No such subscription", body = Detail),
    )
)]
pub async fn get_subscription(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(id): SubscriptionPath,
    notes: Notes,
) -> Response {
    match queries::own_subscription(&app.store, &caller, id).await {
        Ok(found) => Json(projection::subscription(&found)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
