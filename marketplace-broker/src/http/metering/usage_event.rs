//! POST /api/usageEvent (fulfillment.md 4.1, C58, C60): one usage event.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::metering::{
    UsageEvent, UsageEventBadRequestResponse, UsageEventConflictResponse, UsageEventForbidden,
    UsageEventOkResponse, UsageEventStatus,
};

use super::{
    problem::{self, Problem},
    reading::{self, ReadEvent, SentEvent},
    shape::UsageShape,
};
use crate::{
    app::App,
    commands::ReportUsage,
    http::{
        body::{ReadBody, json},
        extract::MeteringCaller,
        notes::Notes,
    },
};

/// Report what was used of a dimension in an hour
#[utoipa::path(
    post, path = "/api/usageEvent", tag = "metering",
    request_body = UsageEvent,
    responses(
        (status = 200, description = "Accepted", body = UsageEventOkResponse),
        (status = 400, description = "Malformed, expired or in future, not active, or not metered", body = UsageEventBadRequestResponse),
        (status = 403, description = "Not this publisher's", body = UsageEventForbidden),
        (status = 409, description = "The hour has its event already", body = UsageEventConflictResponse),
        (status = 413, description = "Body over 1 MiB", body = UsageEventBadRequestResponse),
    )
)]
pub async fn report_usage(
    State(app): State<App>,
    MeteringCaller(caller): MeteringCaller,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let shape = UsageShape::of(&caller);
    let sent = body.and_then(|bytes| json::<SentEvent>(&bytes));
    let ReadEvent { echo, event } = match sent {
        Ok(sent) => reading::read(sent),
        Err(refusal) => return Problem::from(refusal).noted(shape, &notes),
    };
    if let Some(id) = echo.resource_id {
        notes.subscription(id);
    }
    let command = ReportUsage {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        ids: app.id_seed(),
        events: vec![event],
    };
    match app.store.execute(command).await {
        Ok(mut reported) => match reported.outcomes.pop() {
            Some(Ok(usage)) => {
                Json(problem::accepted(shape, &usage, UsageEventStatus::Accepted)).into_response()
            }
            Some(Err(refusal)) => problem::event(shape, &refusal, &notes),
            None => problem::event(shape, &crate::domain::metering::UsageRefusal::Broken, &notes),
        },
        Err(failure) => Problem::from(failure).noted(shape, &notes),
    }
}
