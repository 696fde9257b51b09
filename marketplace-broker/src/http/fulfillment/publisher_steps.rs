//! PUT and GET /api/saas/subscriptions/{subscriptionId}/publisherSteps, POST …/{step}/done (interface.md, S17): what a
//! publisher wants done before some changes. Our extension. The control API reads and shows steps by the same functions.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::fulfillment::{
    DeclareSteps, DeclaredStep, Detail, PublisherStep as WireStep, PublisherSteps, StepDeclarer,
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::{self, FinishStep},
    domain::{
        publisher_step::{Declarer, PublisherStep, Steps, Wanted},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::{PublisherCaller, StepPath, SubscriptionPath},
        notes::Notes,
    },
    queries,
};

/// Replace the publisher's steps that must be done before some changes
#[utoipa::path(
    put, path = "/api/saas/subscriptions/{subscriptionId}/publisherSteps", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    request_body = DeclareSteps,
    responses(
        (status = 200, body = PublisherSteps),
        (status = 400, description = "More than 20 steps, an id twice, no title, no URL, or Unsubscribed", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn declare_steps(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = commands::DeclareSteps {
        sandbox: caller.sandbox,
        publisher: Some(caller.publisher),
        subscription,
        wanted: body.and_then(|bytes| wanted(&bytes)),
    };
    match app.store.execute(command).await {
        Ok(steps) => Json(shown(&steps)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// The steps of a subscription, done or not
#[utoipa::path(
    get, path = "/api/saas/subscriptions/{subscriptionId}/publisherSteps", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = PublisherSteps),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
    )
)]
pub async fn list_steps(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    notes: Notes,
) -> Response {
    match queries::own_steps(&app.store, &caller, subscription).await {
        Ok(steps) => Json(shown(&steps)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Mark a step as done; it may be repeated
#[utoipa::path(
    post, path = "/api/saas/subscriptions/{subscriptionId}/publisherSteps/{step}/done", tag = "fulfillment",
    params(("subscriptionId" = String, Path), ("step" = String, Path)),
    responses(
        (status = 200, body = WireStep),
        (status = 400, description = "Unsubscribed", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription, or no such step", body = Detail),
    )
)]
pub async fn finish_step(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    StepPath(step): StepPath,
    notes: Notes,
) -> Response {
    let command = FinishStep {
        sandbox: caller.sandbox,
        publisher: Some(caller.publisher),
        subscription,
        step,
    };
    match app.store.execute(command).await {
        Ok(step) => Json(one(&step)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Reads a list of steps.
pub fn wanted(bytes: &[u8]) -> Result<Vec<Wanted>, Refusal> {
    let sent: DeclareSteps = json(bytes)?;
    let step = |DeclaredStep { id, title, url, blocks }| Wanted {
        id,
        title,
        url,
        blocks: blocks.into_iter().collect(),
    };
    Ok(sent.steps.into_iter().map(step).collect())
}

/// Steps on the wire.
pub fn shown(steps: &Steps) -> PublisherSteps {
    PublisherSteps { steps: steps.iter().map(one).collect() }
}

/// One step on the wire.
pub fn one(step: &PublisherStep) -> WireStep {
    WireStep {
        id: step.id.to_string(),
        title: step.title.clone(),
        url: step.url.clone(),
        blocks: step.blocks.iter().copied().collect(),
        declared_by: match step.declared_by {
            Declarer::Publisher => None,
            Declarer::Operator => Some(StepDeclarer::Operator),
        },
        done_at: step.done_at.map(Into::into),
    }
}
