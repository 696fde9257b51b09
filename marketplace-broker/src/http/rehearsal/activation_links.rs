//! POST …/activation-links: a fresh link; older ones resolve until they expire.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    entropy,
    rehearsal::{ActivationLink, Problem as ProblemBody},
    secret::Secret,
};

use super::{problem::Problem, purchases::activation_link};
use crate::{
    app::App,
    commands::IssueActivationLink,
    http::{
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
};

/// Make a fresh activation link
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/activation-links", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 201, body = ActivationLink), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "It has ended", body = ProblemBody),
    )
)]
pub async fn issue_activation_link(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    notes: Notes,
) -> Response {
    let command = IssueActivationLink {
        sandbox,
        subscription,
        seed: entropy::seed(app.entropy.as_ref()),
        bundled_publisher: app.publisher_url.clone(),
    };
    match app.store.execute(command).await {
        Ok(linked) => {
            notes.token(linked.token.fingerprint());
            let link = ActivationLink {
                subscription_id: linked.subscription.id.to_string(),
                activation_link: activation_link(&linked.landing_page, &linked.token),
                authorization_code: Secret::new(linked.token.expose().to_owned()),
                token_expires_at: linked.expires_at.into(),
            };
            (StatusCode::CREATED, Json(link)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
