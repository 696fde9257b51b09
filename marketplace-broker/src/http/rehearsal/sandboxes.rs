//! /rehearsal/v1/sandboxes: make one, list them, look into one.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    entropy::{self, random_uuid},
    ids::SandboxId,
    purchase_token::{KeyId, TokenKey},
    rehearsal::{
        ClockState, CreateSandbox as Wire, Problem as ProblemBody, Sandbox, SandboxSummary,
        Sandboxes,
    },
    secret::Secret,
};

use super::{problem::Problem, view};
use crate::{
    app::App,
    commands::{CreateSandbox, World},
    domain::{party::check_url, policy::Profile, refusal::Refusal},
    http::{
        body::{ReadBody, json},
        extract::{Operator, OperatorIn, sandbox_id},
        notes::Notes,
    },
    queries,
    store::Failure,
};

/// A new key for purchase tokens.
pub fn token_key(entropy: &dyn entropy::Entropy) -> TokenKey {
    let mut id = [0; 8];
    entropy.fill(&mut id);
    TokenKey { id: KeyId(id), secret: Secret::new(entropy::seed(entropy)) }
}

/// All sandboxes
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes", tag = "rehearsal",
    responses((status = 200, body = Sandboxes), (status = 401, body = ProblemBody))
)]
pub async fn list_sandboxes(State(app): State<App>, _: Operator, notes: Notes) -> Response {
    match queries::sandboxes(&app.store).await {
        Ok(rows) => {
            let now = app.clock.now();
            let summary = |row: crate::store::SandboxRow| SandboxSummary {
                id: row.id.to_string(),
                clock: ClockState {
                    now: row.clock.at(now).into(),
                    frozen: row.clock.is_frozen(),
                    next_event: None,
                },
            };
            Json(Sandboxes { sandboxes: rows.into_iter().map(summary).collect() }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// A sandbox with everything a client needs to work in it
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 200, body = Sandbox), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_sandbox(
    State(app): State<App>,
    OperatorIn(id): OperatorIn,
    notes: Notes,
) -> Response {
    show(&app, &id, StatusCode::OK, &notes).await
}

async fn show(app: &App, id: &SandboxId, status: StatusCode, notes: &Notes) -> Response {
    let shown = queries::sandbox_view(&app.store, id).await.and_then(|found| {
        view::sandbox(id, &found, app.publisher_url.as_deref())
            .ok_or_else(|| Failure::Inconsistent("sandboxes without parties".to_owned()))
    });
    match shown {
        Ok(sandbox) => (status, Json(sandbox)).into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

/// Make a sandbox: a world of its own
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes", tag = "rehearsal", request_body = Wire,
    responses(
        (status = 201, body = Sandbox), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 409, description = "The id is taken", body = ProblemBody),
    )
)]
pub async fn create_sandbox(
    State(app): State<App>,
    _: Operator,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = body.map_err(Failure::from).and_then(|bytes| read(&app, &bytes));
    let command = match command {
        Ok(command) => command,
        Err(failure) => return Problem::from(failure).noted(&notes),
    };
    let id = command.id.clone();
    match app.store.execute(command).await {
        Ok(()) => show(&app, &id, StatusCode::CREATED, &notes).await,
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(app: &App, bytes: &[u8]) -> Result<CreateSandbox, Failure> {
    let empty = bytes.iter().all(u8::is_ascii_whitespace);
    let asked: Wire = if empty { Wire::default() } else { json(bytes)? };
    let entropy = app.entropy.as_ref();
    let id = match &asked.id {
        Some(id) => sandbox_id(id)?,
        None => sandbox_id(&format!("s-{}", &random_uuid(entropy).simple().to_string()[..12]))?,
    };
    let profile = asked.profile.as_deref().map(Profile::named).transpose()?;
    let seed = match asked.seed {
        Some(seed) if seed.len() > 200 => {
            return Err(Refusal::field("seed", "200 characters at most").into());
        }
        Some(seed) => seed,
        None => random_uuid(entropy).to_string(),
    };
    let start_at = asked.start_at.map(|at| at.0);
    let begins = start_at.unwrap_or_else(|| app.clock.now());
    let mut world = World::believable(&id, &seed, begins, entropy)
        .map_err(|error| Failure::Inconsistent(format!("catalogue: {error}")))?;
    if let Some(first) = world.publishers.first_mut() {
        let checked =
            |field, url: Option<String>| url.map(|url| check_url(field, &url)).transpose();
        first.landing_page_url = checked("landingPageUrl", asked.landing_page_url)?;
        first.webhook_url = checked("webhookUrl", asked.webhook_url)?;
    }
    Ok(CreateSandbox {
        id,
        start_at,
        frozen: asked.frozen.unwrap_or(false),
        profile: profile.unwrap_or(Profile::Documented),
        world,
        token_key: token_key(entropy),
    })
}
