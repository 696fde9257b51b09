//! POST /api/saas/subscriptions/{subscriptionId}/activate (fulfillment.md 1.3): fulfillment confirmed.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::fulfillment::{ActivateRequest, ChangeSubscription, Detail};

use super::problem::Problem;
use crate::{
    app::App,
    commands::ActivateSubscription,
    domain::{refusal::Refusal, subscription::Activation},
    http::{
        body::{ReadBody, json},
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
    },
};

/// Confirm that fulfillment is done; the second key of billing
#[utoipa::path(
    post, path = "/api/saas/subscriptions/{subscriptionId}/activate", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    request_body(content = Option<ChangeSubscription>, description = "May be left out; compared where the quirk activate_body says so"),
    responses(
        (status = 200, description = "Activated; no body"),
        (status = 400, description = "Already Subscribed, Suspended, or a body that is no JSON", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription, or Unsubscribed", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn activate(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = ActivateSubscription {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        license_confirmation: caller.license_confirmation,
        subscription,
        ids: app.id_seed(),
        body: body.and_then(|bytes| read(&bytes)),
    };
    match app.store.execute(command).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(failure) => Problem::from(failure).ended_is_not_found().noted(&notes),
    }
}

/// Nothing, `{}`, `{planId}` and `{planId, quantity}` can all be read (C18).
fn read(bytes: &[u8]) -> Result<Activation, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Activation::default());
    }
    let ActivateRequest { plan_id, quantity } = json(bytes)?;
    Ok(Activation { plan: plan_id, quantity })
}
