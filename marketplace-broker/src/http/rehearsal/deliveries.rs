//! …/deliveries: webhooks with every attempt; send again, hold back, let go.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    ids::{OperationId, SandboxId, SubscriptionId},
    rehearsal::{Deliveries, Delivery, DeliverySummary, Problem as ProblemBody, Redeliver as Wire},
};

use super::{problem::Problem, view};
use crate::{
    app::App,
    commands::{HoldDeliveries, Redeliver},
    domain::refusal::Refusal,
    http::{
        body::{ReadBody, json},
        extract::{DeliveryPath, OperatorIn},
        notes::Notes,
    },
    queries,
    store::Failure,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    after: Option<String>,
    subscription_id: Option<String>,
}

/// The webhooks of a sandbox, by id, or of one subscription in the order they were made; 1,000 at a time
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/deliveries", tag = "rehearsal",
    params(
        ("sandbox" = String, Path),
        ("after" = Option<String>, Query, description = "From nextAfter"),
        ("subscriptionId" = Option<String>, Query, description = "Only those of this subscription"),
    ),
    responses(
        (status = 200, body = Deliveries), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody),
    )
)]
pub async fn list_deliveries(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    Query(page): Query<Page>,
    notes: Notes,
) -> Response {
    let found = match read(&page) {
        Ok((subscription, after)) => {
            queries::deliveries(&app.store, &sandbox, subscription, after).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match found {
        Ok((deliveries, more)) => {
            let last = deliveries.last().filter(|_| more);
            Json(Deliveries {
                next_after: last.map(|last| last.operation_id.to_string()),
                deliveries: deliveries.iter().map(view::delivery).collect(),
            })
            .into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(page: &Page) -> Result<(Option<SubscriptionId>, Option<OperationId>), Refusal> {
    let wrong = |field| move |_| Refusal::field(field, "this is no id");
    let subscription = page.subscription_id.as_ref().map(|id| id.parse());
    let after = page.after.as_ref().map(|id| id.parse());
    Ok((
        subscription.transpose().map_err(wrong("subscriptionId"))?,
        after.transpose().map_err(wrong("after"))?,
    ))
}

/// One webhook: what is sent, and every attempt
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/deliveries/{deliveryId}", tag = "rehearsal",
    params(("sandbox" = String, Path), ("deliveryId" = String, Path, description = "The operation's id")),
    responses((status = 200, body = Delivery), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_delivery(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    DeliveryPath(id): DeliveryPath,
    notes: Notes,
) -> Response {
    let found = match id {
        Ok(id) => queries::delivery(&app.store, &sandbox, id).await,
        Err(refusal) => Err(refusal.into()),
    };
    let shown = found.and_then(|(stored, attempts)| {
        let broken = || Failure::Inconsistent("deliveries.notice".to_owned());
        view::whole_delivery(&stored, &attempts).ok_or_else(broken)
    });
    match shown {
        Ok(delivery) => Json(delivery).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Send a webhook again, the same to the letter
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/deliveries/{deliveryId}/redeliver", tag = "rehearsal",
    params(("sandbox" = String, Path), ("deliveryId" = String, Path, description = "The operation's id")),
    request_body(content = Option<Wire>, description = "May be left out"),
    responses(
        (status = 202, body = DeliverySummary), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, description = "It waits for an earlier one", body = ProblemBody),
    )
)]
pub async fn redeliver(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    DeliveryPath(id): DeliveryPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let asked = body.and_then(|bytes| match bytes.is_empty() {
        true => Ok(Wire::default()),
        false => json::<Wire>(&bytes),
    });
    let command = id.and_then(|delivery| {
        let times = i64::from(asked?.times.unwrap_or(1));
        Ok(Redeliver { sandbox, delivery, times })
    });
    let done = match command {
        Ok(command) => app.store.execute(command).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(delivery) => (StatusCode::ACCEPTED, Json(view::delivery(&delivery))).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Hold the webhooks of a sandbox back
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/deliveries/hold", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 204, description = "None leaves from now on"), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn hold_deliveries(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    set(&app, sandbox, true, &notes).await
}

/// Let the webhooks of a sandbox go
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/deliveries/release", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 204, description = "They leave now"), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn release_deliveries(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    set(&app, sandbox, false, &notes).await
}

async fn set(app: &App, sandbox: SandboxId, hold: bool, notes: &Notes) -> Response {
    match app.store.execute(HoldDeliveries { sandbox, hold }).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}
