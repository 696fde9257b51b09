//! PATCH /api/saas/subscriptions/{subscriptionId} (fulfillment.md 1.8, C33 to C39): another plan or quantity.

use axum::{extract::State, http::HeaderMap, response::Response};
use shared::fulfillment::{ChangeSubscription as Wire, Detail};

use super::{location, problem::Problem, shape::Shape};
use crate::{
    app::App,
    commands::ChangeSubscription,
    domain::{change::Wish, refusal::Refusal},
    http::{
        body::{ReadBody, json},
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
        observe::RequestIds,
    },
};

/// Ask for another plan or another quantity
#[utoipa::path(
    patch, path = "/api/saas/subscriptions/{subscriptionId}", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    request_body = Wire,
    responses(
        (status = 202, description = "Accepted; look at Operation-Location after Retry-After seconds", headers(
            ("operation-location" = String), ("operation-id" = String), ("retry-after" = String),
        )),
        (status = 400, description = "Not possible; or not Subscribed, or another operation is open", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
        (status = 409, description = "Another operation is open, where quirk pending_patch has it so; else 400", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn change_subscription(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    (ids, notes): (RequestIds, Notes),
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let shape = Shape::of(&caller);
    let operation = app.operation_id(&ids);
    let command = ChangeSubscription {
        sandbox: caller.sandbox,
        publisher: Some(caller.publisher),
        subscription,
        wish: body.and_then(|bytes| read(&bytes, shape)),
        operation,
        ids: app.id_seed(),
    };
    match app.store.execute(command).await {
        Ok(()) => location::accepted(&app, &headers, (subscription, operation), true),
        Err(failure) => Problem::from(failure).locked_is(shape.locked_patch()).noted(&notes),
    }
}

fn read(bytes: &[u8], shape: Shape) -> Result<Wish, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::NothingAsked);
    }
    let Wire { plan_id, quantity } = json(bytes)?;
    // What cannot be the id of a plan is the id of none.
    let unknown = |_| Refusal::NotInCatalog("those of listAvailablePlans".to_owned());
    shape.wish(plan_id.map(|id| id.parse().map_err(unknown)).transpose()?, quantity)
}
