//! POST …/actions: what a customer or the marketplace does to a subscription.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    entropy::random_uuid,
    ids::OperationId,
    rehearsal::{Act, Acted, Action, Problem as ProblemBody},
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::Unsubscribe,
    http::{
        body::{ReadBody, json},
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
};

/// Let something happen to a subscription
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/actions", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)), request_body = Act,
    responses(
        (status = 202, body = Acted), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Not in this state", body = ProblemBody),
    )
)]
pub async fn act(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let operation = OperationId(random_uuid(app.entropy.as_ref()));
    let done = match body.and_then(|bytes| json::<Act>(&bytes)) {
        Ok(Act { action: Action::Unsubscribe }) => {
            app.store.execute(Unsubscribe { sandbox, subscription, operation }).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => {
            let acted = Acted { operation_id: operation.to_string() };
            (StatusCode::ACCEPTED, Json(acted)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
