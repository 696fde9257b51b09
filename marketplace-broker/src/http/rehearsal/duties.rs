//! PUT …/subscriptions/{subscriptionId}/duties/url-sent: the customer was sent the URL to sign in at (S25), recorded by
//! the operator in the partner's place.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::{
    fulfillment::Duties,
    rehearsal::{Problem as ProblemBody, RecordUrlSent},
};

use super::problem::Problem;
use crate::{
    app::App,
    commands,
    http::{
        body::{ReadBody, json},
        extract::{OperatorIn, SubscriptionOf},
        fulfillment::setup::shown,
        notes::Notes,
    },
};

/// Who records it, unless somebody is named.
const OPERATOR: &str = "operator";

/// Record that the customer was sent the sign-in URL; it may be repeated
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/duties/url-sent", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)), request_body = RecordUrlSent,
    responses(
        (status = 200, body = Duties), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "There is no URL yet, or it has ended", body = ProblemBody),
    )
)]
pub async fn record_url_sent(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let by = body.and_then(|bytes| json::<RecordUrlSent>(&bytes));
    let by = by.map(|sent| sent.by.unwrap_or_else(|| OPERATOR.to_owned()));
    match app
        .store
        .execute(commands::RecordUrlSent { sandbox, customer: None, subscription, by })
        .await
    {
        Ok(duties) => Json(shown(&duties)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
