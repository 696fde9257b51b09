//! …/clock: show, advance, freeze, resume a sandbox's clock.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use jiff::Span;
use shared::{
    ids::SandboxId,
    rehearsal::{Advance, Advanced, ClockState, Problem as ProblemBody},
};

use super::{problem::Problem, view};
use crate::{
    app::App,
    commands::{
        SetClock,
        advance_clock::{self, SETTLE, SETTLE_MAX, Target},
    },
    domain::refusal::Refusal,
    http::{
        body::{ReadBody, json},
        extract::OperatorIn,
        notes::Notes,
    },
    queries,
    store::Failure,
};

/// A sandbox's clock
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/clock", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 200, body = ClockState), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_clock(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    shown(state(&app, &sandbox, &notes).await, &notes)
}

/// Move a sandbox's clock forward; answers when everything due on the way was run
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/clock/advance", tag = "rehearsal",
    params(("sandbox" = String, Path)), request_body = Advance,
    responses(
        (status = 200, body = Advanced), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Nothing is due", body = ProblemBody),
    )
)]
pub async fn advance(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let asked = body.and_then(|bytes| json::<Advance>(&bytes));
    let asked = asked.and_then(|asked| Ok((target(&asked)?, settle(&asked)?)));
    let advanced = match asked {
        Ok((target, settle)) => {
            let how = (&target, settle);
            advance_clock::advance(&app.store, app.entropy.as_ref(), &sandbox, how).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let answer = match advanced {
        Ok(advanced) => state(&app, &sandbox, &notes).await.map(|clock| Advanced {
            from: advanced.from.into(),
            clock,
            happened: advanced.happened.iter().map(view::due).collect(),
            deliveries: advanced.deliveries.iter().map(view::delivery).collect(),
        }),
        Err(failure) => Err(failure),
    };
    shown(answer, &notes)
}

/// Let a sandbox's clock stand
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/clock/freeze", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 200, body = ClockState), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn freeze(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    set(&app, sandbox, true, &notes).await
}

/// Let a sandbox's clock run on from where it stands
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/clock/resume", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 200, body = ClockState), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn resume(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    set(&app, sandbox, false, &notes).await
}

async fn set(app: &App, sandbox: SandboxId, frozen: bool, notes: &Notes) -> Response {
    let answer = match app.store.execute(SetClock { sandbox: sandbox.clone(), frozen }).await {
        Ok(()) => state(app, &sandbox, notes).await,
        Err(failure) => Err(failure),
    };
    shown(answer, notes)
}

/// The clock as it is now; the answer's `x-rehearse-now` follows it.
async fn state(app: &App, sandbox: &SandboxId, notes: &Notes) -> Result<ClockState, Failure> {
    let found = queries::clock_view(&app.store, sandbox).await?;
    notes.sandbox(sandbox, found.clock);
    Ok(view::clock(&found))
}

fn shown<T: serde::Serialize>(answer: Result<T, Failure>, notes: &Notes) -> Response {
    match answer {
        Ok(body) => Json(body).into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

/// Reads how long a publisher gets.
fn settle(asked: &Advance) -> Result<Duration, Refusal> {
    let settle = asked.settle.map_or(SETTLE, |millis| Duration::from_millis(millis.into()));
    if settle <= SETTLE_MAX {
        Ok(settle)
    } else {
        Err(Refusal::field("settle", "these are real milliseconds; 60000 at most"))
    }
}

/// Reads how far to go: exactly one of the three.
fn target(asked: &Advance) -> Result<Target, Refusal> {
    match asked {
        Advance { by: Some(by), to: None, to_next_event: None, .. } => {
            let wrong = |why: &str| {
                Refusal::field(
                    "by",
                    format!("{why}: use an ISO 8601 duration such as P1M, P3D or PT6H"),
                )
            };
            let span: Span = by.parse().map_err(|_| wrong("this is no duration"))?;
            if !span.is_positive() {
                return Err(wrong("a clock goes forward only"));
            }
            Ok(Target::By(span))
        }
        Advance { by: None, to: Some(to), to_next_event: None, .. } => Ok(Target::To(to.0)),
        Advance { by: None, to: None, to_next_event: Some(true), .. } => Ok(Target::NextEvent),
        _ => Err(Refusal::field("body", "give exactly one of by, to, and toNextEvent: true")),
    }
}
