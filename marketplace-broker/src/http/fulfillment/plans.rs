//! GET /api/saas/subscriptions/{subscriptionId}/listAvailablePlans (fulfillment.md 1.7, C31, C32).

use axum::{
    extract::{OriginalUri, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::fulfillment::{AvailablePlans, Detail};

use super::{problem::Problem, projection, shape::Shape};
use crate::{
    app::App,
    domain::{catalog::Plan, refusal::Refusal},
    http::{
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
    },
    queries,
    store::Failure,
};

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(rename = "planId")]
    plan_id: Option<String>,
}

/// The plans that a subscription may be on
#[utoipa::path(
    get, path = "/api/saas/subscriptions/{subscriptionId}/listAvailablePlans", tag = "fulfillment",
    params(
        ("subscriptionId" = String, Path),
        ("planId" = Option<String>, Query, description = "Only this plan"),
    ),
    responses(
        (status = 200, body = AvailablePlans),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
    )
)]
pub async fn list_available_plans(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(id): SubscriptionPath,
    OriginalUri(uri): OriginalUri,
    notes: Notes,
) -> Response {
    let shape = Shape::of(&caller);
    let Query(asked) = Query::<Asked>::try_from_uri(&uri).unwrap_or_default();
    match queries::available_plans(&app.store, &caller, id).await {
        Ok(found) => {
            let wanted = |id: &str| asked.plan_id.as_deref().is_none_or(|plan| plan == id);
            let plans = found.plans.iter().filter(|plan| wanted(plan.id.as_str()));
            let country = &found.customer.country;
            let asked = asked.plan_id.is_some();
            let shown = |plan: &Plan| {
                let offers = shape.source_offers(plan, &found.subscription).filter(|_| asked);
                projection::plan(plan, country, offers)
            };
            let plans = plans.map(shown).collect();
            shape.answer_plans(&AvailablePlans { plans })
        }
        Err(Failure::Refused(Refusal::Unknown { what: "Subscription", .. }))
            if shape.has_plans_of_unknown() =>
        {
            StatusCode::OK.into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
