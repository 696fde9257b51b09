//! POST /api/saas/subscriptions/resolve (fulfillment.md 1.2).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use shared::{
    fulfillment::{Detail, Resolved},
    headers::MARKETPLACE_TOKEN,
    purchase_token::fingerprint,
};

use super::{problem, projection, shape::Shape};
use crate::{
    app::App,
    http::{extract::PublisherCaller, notes::Notes},
    queries,
};

/// Exchange a purchase token for the subscription it stands for
#[utoipa::path(
    post, path = "/api/saas/subscriptions/resolve", tag = "fulfillment",
    params(
        ("x-ms-marketplace-token" = String, Header, description = "The token, percent-decoded exactly once"),
    ),
    responses(
        (status = 200, body = Resolved),
        (status = 400, description = "Token missing, undecodable, tampered or expired", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "The subscription is gone", body = Detail),
    )
)]
pub async fn resolve(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    notes: Notes,
    headers: HeaderMap,
) -> Response {
    let Some(token) = headers.get(MARKETPLACE_TOKEN).filter(|token| !token.is_empty()) else {
        notes.refusal("token missing");
        let message =
            format!("The header {MARKETPLACE_TOKEN} is missing: send the purchase token in it.");
        let bad = StatusCode::BAD_REQUEST;
        return problem::detail(bad, &message, Some(MARKETPLACE_TOKEN), "HeaderNotPresent");
    };
    let token = token.to_str().unwrap_or_default(); // what is not text is undecodable too
    notes.token(fingerprint(token));
    match queries::resolve(&app.store, &caller, token).await {
        Ok(queries::Resolved(found)) => {
            notes.subscription(found.id);
            let shape = Shape::of(&caller);
            let subscription = projection::subscription(&found, shape);
            shape.answer(&Resolved {
                id: subscription.id.clone(),
                subscription_name: subscription.name.clone(),
                offer_id: subscription.offer_id.clone(),
                plan_id: subscription.plan_id.clone(),
                quantity: subscription.quantity,
                subscription,
            })
        }
        Err(refusal) => problem::resolve(refusal, &notes),
    }
}
