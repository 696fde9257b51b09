//! PUT …/subscriptions/{subscriptionId}/publisher-steps and POST …/{step}/done: what a publisher wants done before some
//! changes (S17), set by the operator in its place.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::{
    fulfillment::{DeclareSteps, PublisherStep, PublisherSteps},
    rehearsal::Problem as ProblemBody,
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::{self, FinishStep},
    http::{
        body::ReadBody,
        extract::{OperatorIn, StepPath, SubscriptionOf},
        fulfillment::publisher_steps::{one, shown, wanted},
        notes::Notes,
    },
};

/// Replace the steps that the operator has set beside the publisher's own
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/publisher-steps", tag = "rehearsal",
    operation_id = "set_publisher_steps",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)), request_body = DeclareSteps,
    responses(
        (status = 200, body = PublisherSteps), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "It has ended", body = ProblemBody),
    )
)]
pub async fn declare_steps(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = commands::DeclareSteps {
        sandbox,
        publisher: None,
        subscription,
        wanted: body.and_then(|bytes| wanted(&bytes)),
    };
    match app.store.execute(command).await {
        Ok(steps) => Json(shown(&steps)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Mark a publisher's step as done
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/publisher-steps/{step}/done",
    tag = "rehearsal", operation_id = "set_publisher_step_done",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path), ("step" = String, Path)),
    responses(
        (status = 200, body = PublisherStep), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, description = "It has ended", body = ProblemBody),
    )
)]
pub async fn finish_step(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    StepPath(step): StepPath,
    notes: Notes,
) -> Response {
    let command = FinishStep { sandbox, publisher: None, subscription, step };
    match app.store.execute(command).await {
        Ok(step) => Json(one(&step)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
