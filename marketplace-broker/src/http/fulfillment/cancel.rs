//! DELETE /api/saas/subscriptions/{subscriptionId} (fulfillment.md 1.9, C39 to C41): the publisher unsubscribes.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use shared::fulfillment::Detail;

use super::{location, problem::Problem, shape::Shape};
use crate::{
    app::App,
    commands::{CancelSubscription, Canceled},
    http::{
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
        observe::RequestIds,
    },
};

/// Unsubscribe; the subscription ends some seconds later, and a webhook tells so
#[utoipa::path(
    delete, path = "/api/saas/subscriptions/{subscriptionId}", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    responses(
        (status = 202, description = "Accepted; look at Operation-Location after Retry-After seconds", headers(
            ("operation-location" = String), ("operation-id" = String), ("retry-after" = String),
        )),
        (status = 200, description = "It has ended already, where quirk delete_unsubscribed has it so; else 202"),
        (status = 400, description = "Delete is not in allowedCustomerOperations", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
        (status = 409, description = "Another operation is open", body = Detail),
    )
)]
pub async fn cancel_subscription(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    (ids, notes): (RequestIds, Notes),
    headers: HeaderMap,
) -> Response {
    let shape = Shape::of(&caller);
    let operation = app.operation_id(&ids);
    let command = CancelSubscription {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        subscription,
        operation,
        ids: app.id_seed(),
    };
    match app.store.execute(command).await {
        Ok(Canceled::Started) => {
            let all_headers = shape.delete_has_all_headers();
            location::accepted(&app, &headers, (subscription, operation), all_headers)
        }
        Ok(Canceled::AlreadyEnded) => StatusCode::OK.into_response(),
        Err(failure) => {
            let problem = Problem::from(failure).locked_is(shape.locked_delete());
            problem.ended_is_not_found().noted(&notes)
        }
    }
}
