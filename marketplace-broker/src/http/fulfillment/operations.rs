//! GET and PATCH of operations (fulfillment.md 1.10 to 1.12, C43 to C48, C55).

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared::fulfillment::{Detail, Operation, Operations, UpdateOperation};

use super::{problem::Problem, projection, shape::Shape};
use crate::{
    app::App,
    commands::{AnswerOperation, Answered},
    domain::{
        operation::{Answer, Decision},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json as read_json},
        extract::{OperationPath, PublisherCaller, SubscriptionPath},
        notes::Notes,
        observe::RequestIds,
    },
    queries,
    store::Failure,
};

/// The operations of a subscription that are open
#[utoipa::path(
    get, path = "/api/saas/subscriptions/{subscriptionId}/operations", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Operations),
        (status = 400, description = "The subscription's id is no GUID; only where quirk malformed_id says so, else 404", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
    )
)]
pub async fn list_operations(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    path: Result<SubscriptionPath, Response>,
    notes: Notes,
) -> Response {
    let shape = Shape::of(&caller);
    let id = match path {
        Ok(SubscriptionPath(id)) => id,
        Err(_) if shape.refuses_malformed_id() => {
            let reason = "Expected a GUID";
            let refusal = Refusal::BadValue { field: "subscriptionId", reason };
            return Problem::from(refusal).noted(&notes);
        }
        Err(refused) => return refused,
    };
    let now = caller.clock.at(app.store.real_now());
    match queries::open_operations(&app.store, &caller, id).await {
        Ok((subscription, open)) => {
            let listed = open.iter().filter(|operation| shape.lists(operation, now));
            let shown = |operation| projection::operation(operation, &subscription, shape);
            shape.answer_operations(&Operations { operations: listed.map(shown).collect() })
        }
        Err(Failure::Refused(Refusal::Unknown { .. })) if shape.has_operations_of_unknown() => {
            shape.answer_operations(&Operations { operations: Vec::new() })
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// One operation, open or ended
#[utoipa::path(
    get, path = "/api/saas/subscriptions/{subscriptionId}/operations/{operationId}", tag = "fulfillment",
    params(("subscriptionId" = String, Path), ("operationId" = String, Path)),
    responses(
        (status = 200, body = Operation),
        (status = 400, description = "No such operation, where quirk unknown_operation has it so; else 404", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription, or no such operation", body = Detail),
    )
)]
pub async fn get_operation(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    OperationPath(id): OperationPath,
    notes: Notes,
) -> Response {
    let found = match id {
        Ok(id) => queries::operation(&app.store, &caller, subscription, id).await,
        Err(refusal) => {
            // The subscription is looked for first: whose it is comes before what it has.
            let own = queries::own_subscription(&app.store, &caller, subscription).await;
            own.and(Err(refusal.into()))
        }
    };
    let shape = Shape::of(&caller);
    match found {
        Ok((subscription, operation)) => {
            shape.answer(&projection::operation(&operation, &subscription, shape))
        }
        Err(failure) => {
            let problem = Problem::from(failure).no_operation_is(shape.no_operation_to_get());
            problem.noted(&notes)
        }
    }
}

/// Answer a change: Success or Failure
#[utoipa::path(
    patch, path = "/api/saas/subscriptions/{subscriptionId}/operations/{operationId}", tag = "fulfillment",
    params(("subscriptionId" = String, Path), ("operationId" = String, Path)),
    request_body = UpdateOperation,
    responses(
        (status = 200, description = "Taken; no body"),
        (status = 400, description = "Neither Success nor Failure", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription, or no such operation", body = Detail),
        (status = 409, description = "The operation has ended already", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn update_operation(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    OperationPath(operation): OperationPath,
    (ids, notes): (RequestIds, Notes),
    ReadBody(body): ReadBody,
) -> Response {
    let shape = Shape::of(&caller);
    let command = AnswerOperation {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        subscription,
        operation,
        answer: body.and_then(|bytes| read(&bytes, shape)),
        ids: app.id_seed(),
    };
    match app.store.execute(command).await {
        Ok(Answered::InTime) => StatusCode::OK.into_response(),
        Ok(Answered::TooLate) | Err(Failure::Refused(Refusal::OperationEnded)) => {
            ended(&ids, &notes)
        }
        Err(failure) => {
            let problem = Problem::from(failure).no_operation_is(shape.no_operation_to_update());
            problem.noted(&notes)
        }
    }
}

/// E4: the id of the request, and nothing else.
fn ended(ids: &RequestIds, notes: &Notes) -> Response {
    notes.refusal(Refusal::OperationEnded);
    let id = ids.request.to_str().unwrap_or_default();
    (StatusCode::CONFLICT, Json(json!({"message": id}))).into_response()
}

fn read(bytes: &[u8], shape: Shape) -> Result<Answer, Refusal> {
    let UpdateOperation { status, plan_id: plan, quantity } = read_json(bytes)?;
    // Older documents have the quantity as a text.
    let text = quantity.as_ref().and_then(Value::as_str).map(str::parse);
    let quantity = text.and_then(Result::ok).or(quantity.as_ref().and_then(Value::as_i64));
    Ok(Answer { decision: decision(&status, shape)?, plan, quantity })
}

fn decision(status: &str, shape: Shape) -> Result<Option<Decision>, Refusal> {
    if status.eq_ignore_ascii_case("Success") {
        Ok(Some(Decision::Success))
    } else if status.eq_ignore_ascii_case("Failure") {
        Ok(Some(Decision::Failure))
    } else if shape.takes_any_status() {
        Ok(None)
    } else {
        Err(Refusal::BadValue { field: "status", reason: "Expected Success or Failure" })
    }
}
