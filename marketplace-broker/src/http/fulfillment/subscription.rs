//! GET /api/saas/subscriptions/{subscriptionId} (fulfillment.md 1.5).

use axum::{extract::State, response::Response};
use shared::fulfillment::{Detail, Subscription};

use super::{problem::Problem, projection, shape::Shape};
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
    params(("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Subscription),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
    )
)]
pub async fn get_subscription(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(id): SubscriptionPath,
    notes: Notes,
) -> Response {
    let shape = Shape::of(&caller);
    match queries::own_subscription(&app.store, &caller, id).await {
        Ok(found) => shape.answer(&projection::subscription(&found, shape)),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
