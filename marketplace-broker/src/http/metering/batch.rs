//! POST /api/batchUsageEvent (fulfillment.md 4.3, C58, C59): up to 25 usage events, each with a status of its own.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use serde_json::Value;
use shared::metering::{
    BATCH_MAX, BatchUsageEvent, BatchUsageEventOkResponse, UsageBatchEventOkMessage,
    UsageEventBadRequestResponse, UsageEventForbidden,
};

use super::{
    problem::{self, Problem},
    reading::{self, Echo},
    shape::UsageShape,
};
use crate::{
    app::App,
    commands::{ReportUsage, Reported},
    domain::{
        metering::{AcceptedUsage, UsageRefusal, UsageStatus},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::MeteringCaller,
        notes::Notes,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    request: Vec<Value>,
}

/// Report up to 25 usage events at once
#[utoipa::path(
    post, path = "/api/batchUsageEvent", tag = "metering",
    request_body = BatchUsageEvent,
    responses(
        (status = 200, description = "A status for each event", body = BatchUsageEventOkResponse),
        (status = 400, description = "Not 1 to 25 events", body = UsageEventBadRequestResponse),
        (status = 403, description = "Not a publisher of this marketplace", body = UsageEventForbidden),
        (status = 413, description = "Body over 1 MiB", body = UsageEventBadRequestResponse),
    )
)]
pub async fn report_usage_batch(
    State(app): State<App>,
    MeteringCaller(caller): MeteringCaller,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let shape = UsageShape::of(&caller);
    let sent = match body.and_then(|bytes| read(&bytes)) {
        Ok(sent) => sent,
        Err(refusal) => return Problem::from(refusal).noted(shape, &notes),
    };
    let (echoes, events): (Vec<_>, Vec<_>) =
        sent.into_iter().map(reading::item).map(|read| (read.echo, read.event)).unzip();
    let command = ReportUsage {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        ids: app.id_seed(),
        events,
    };
    match app.store.execute(command).await {
        Ok(reported) => {
            note(shape, &reported, &notes);
            shape.batch(answer(shape, echoes, &reported))
        }
        Err(failure) => Problem::from(failure).noted(shape, &notes),
    }
}

/// The events; a batch has 1 to 25 (C59; the fewest by the file's minItems).
fn read(bytes: &[u8]) -> Result<Vec<Value>, Refusal> {
    let Sent { request } = json(bytes)?;
    if (1..=BATCH_MAX).contains(&request.len()) {
        return Ok(request);
    }
    let reason = format!("a batch has 1 to {BATCH_MAX} usage events, not {}", request.len());
    Err(Refusal::field("request", reason))
}

/// The journal tells what was not accepted: `2 of 25 not accepted: Duplicate 1, Expired 1`.
fn note(shape: UsageShape, reported: &Reported, notes: &Notes) {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for refusal in reported.outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        *refused.entry(format!("{:?}", shape.status(refusal))).or_default() += 1;
    }
    if refused.is_empty() {
        return;
    }
    let sum: usize = refused.values().sum();
    let each: Vec<_> = refused.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let all = reported.outcomes.len();
    notes.refusal(format!("{sum} of {all} not accepted: {}", each.join(", ")));
}

fn answer(shape: UsageShape, echoes: Vec<Echo>, reported: &Reported) -> BatchUsageEventOkResponse {
    let message_time = reported.message_time.to_string();
    let outcomes = echoes.into_iter().zip(&reported.outcomes);
    let result: Vec<_> =
        outcomes.map(|(echo, outcome)| message(shape, echo, outcome, &message_time)).collect();
    BatchUsageEventOkResponse { count: result.len(), result }
}

fn message(
    shape: UsageShape,
    echo: Echo,
    outcome: &Result<AcceptedUsage, UsageRefusal>,
    call: &str,
) -> UsageBatchEventOkMessage {
    let (usage_event_id, status, error) = match outcome {
        Ok(usage) => (Some(usage.id.to_string()), UsageStatus::Accepted, None),
        Err(refusal) => (None, shape.status(refusal), Some(problem::error(shape, refusal))),
    };
    UsageBatchEventOkMessage {
        usage_event_id,
        status: problem::status(status),
        message_time: shape.message_time(status, call),
        error,
        resource_id: echo.resource_id.map(|id| id.to_string()),
        resource_uri: echo.resource_uri,
        quantity: echo.quantity,
        dimension: echo.dimension,
        effective_start_time: echo.start.map(|start| shape.start(&start)),
        plan_id: echo.plan_id,
    }
}
