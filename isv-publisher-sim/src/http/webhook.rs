//! `POST /s/{sandbox}/{publisher}/webhook`: what the marketplace tells the publisher. It is checked, read again at the
//! marketplace's API, stored together with what follows from it, and answered then.

mod refused;
mod sound;
mod told;

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use shared::{clock::Instant, headers::REHEARSE_NOW, rehearsal::Publisher};
use tokio::time::timeout;

use self::refused::Refused;
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::{Finding, NoteRefusedWebhook, ReceiveWebhook},
    domain::{Action, Answer, Behavior, RefusedWebhook, Told, WebhookKey},
};

/// The longest body.
const BODY_MAX: usize = 1024 * 1024;
/// The longest a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(5);
/// The longest the marketplace's API may take; it waits 10 s itself for the answer.
const LOOK_TIME: Duration = Duration::from_secs(8);

/// `POST /s/{sandbox}/{publisher}/webhook`
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // Whoever makes up a sandbox or a publisher leaves no trace here, so that there is no end to making them up.
    let publisher = match app.marketplace.publisher(&caller).await {
        Ok(publisher) => publisher,
        Err(trouble) => return Refused::from(trouble).into_response(),
    };
    let at = parts.headers.get(REHEARSE_NOW).and_then(|text| text.to_str().ok()?.parse().ok());
    let at = at.map(|Instant(at)| at);
    let (told, taken) = match read(body).await {
        Ok(body) => {
            let told = told::read(&body);
            let taken = take(&app, &caller, publisher, &parts.headers, &body, told.as_ref(), at);
            let taken = taken.await;
            (told, taken)
        }
        Err(refused) => (None, Err(refused)),
    };
    let response = match taken {
        Ok(answer) => answered(answer),
        Err(refused) => {
            note(&app, &caller, told, at, &refused).await;
            refused.into_response()
        }
    };
    app.metrics.received(response.status().as_u16());
    response
}

fn answered(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = match answer {
        Answer::Taken => return status.into_response(),
        Answer::Refused => "this publisher refuses the change\n",
        Answer::Unavailable => "this publisher is not available now\n",
    };
    (status, text).into_response()
}

async fn read(body: Body) -> Result<Bytes, Refused> {
    match timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(body)) => Ok(body),
        // A body that broke off is nobody's to answer; one that is too long is the only other case.
        Ok(Err(_)) => Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB")),
        Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}

/// Checks the webhook and takes it.
async fn take(
    app: &App,
    caller: &Caller,
    publisher: Publisher,
    headers: &HeaderMap,
    body: &[u8],
    told: Option<&Told>,
    at: Option<Timestamp>,
) -> Result<Answer, Refused> {
    let checks = sound::check(app, caller, publisher, headers, body).await?;
    let unreadable = "the body is no JSON object with id, subscriptionId and action";
    let told = told.ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, unreadable))?;
    let key = WebhookKey {
        sandbox: caller.sandbox.clone(),
        publisher: caller.publisher.clone(),
        operation: told.operation,
    };
    let known = app.store.webhook(&key).await?;
    let finding = if known.is_some_and(|known| known.is_handled()) {
        Finding::Repeated
    } else {
        find(app, caller, told).await?
    };
    let (told, message_id, now) = (told.clone(), app.new_id(), app.clock.now());
    let command = ReceiveWebhook { key, told, checks, finding, at, message_id, now };
    Ok(app.store.execute(command).await?)
}

/// What there is to find out about a webhook that is the marketplace's.
async fn find(app: &App, caller: &Caller, told: &Told) -> Result<Finding, Refused> {
    let behavior = app.store.behavior(&caller.sandbox, &caller.publisher).await?;
    if behavior == Behavior::Fail {
        return Ok(Finding::Unavailable);
    }
    if matches!(told.action, Action::Unknown(_)) {
        return Ok(Finding::Unknown);
    }
    let looked = timeout(LOOK_TIME, look(app, caller, told, behavior)).await;
    looked.unwrap_or_else(|_| Ok(Finding::Unread("it did not answer in time".to_owned())))
}

/// Reads operation and subscription again. What the API does not show as the webhook tells it is refused with 400:
/// that refuses a change, and there is none, or it is another one; of anything else the marketplace tells again. When
/// the API does not answer, nothing is known, and 503 makes the marketplace tell again in any case.
async fn look(
    app: &App,
    caller: &Caller,
    told: &Told,
    behavior: Behavior,
) -> Result<Finding, Refused> {
    let shown = app.marketplace.operation(caller, told.subscription, told.operation).await;
    let operation = match shown {
        Ok((operation, _)) => operation,
        Err(trouble) => return not_shown(trouble, "the marketplace knows no such operation"),
    };
    operation
        .is_what(told)
        .map_err(|error| Refused::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    match app.marketplace.seen(caller, told.subscription).await {
        Ok(seen) => {
            let (operation, seen) = (Box::new(operation), Box::new(seen));
            Ok(Finding::Read { behavior, operation, seen })
        }
        Err(trouble) => not_shown(trouble, "the marketplace knows no such subscription"),
    }
}

fn not_shown(trouble: Trouble, unknown: &str) -> Result<Finding, Refused> {
    match trouble {
        Trouble::Refused { status: StatusCode::NOT_FOUND, .. } => {
            Err(Refused::new(StatusCode::BAD_REQUEST, unknown))
        }
        trouble => Ok(Finding::Unread(trouble.to_string())),
    }
}

/// Keeps what was refused for the console. That it cannot be kept changes nothing for whoever sent it.
async fn note(
    app: &App,
    caller: &Caller,
    told: Option<Told>,
    at: Option<Timestamp>,
    refused: &Refused,
) {
    tracing::warn!(publisher.id = %caller.publisher, "a webhook was refused: {}", refused.reason());
    let refused = RefusedWebhook {
        sandbox: caller.sandbox.clone(),
        publisher: caller.publisher.clone(),
        told,
        answer: refused.status().as_u16(),
        reason: refused.reason().to_owned(),
        deliveries: 1,
        at,
        received_at: app.clock.now(),
    };
    if let Err(error) = app.store.execute(NoteRefusedWebhook { id: app.new_id(), refused }).await {
        tracing::error!(error = &error as &dyn std::error::Error, "a refusal cannot be noted");
    }
}
