//! The control call for scripts and tests: how a publisher answers webhooks, and whether it reports usage. The bearer is the control token; a refusal
//! is a problem (RFC 9457), as on the broker's control API.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use shared::{
    objects::{Object, not_null},
    rehearsal::{FieldError, PROBLEM_JSON, Problem},
};

use super::{failure::Failure, guard};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::SetBehavior,
    domain::{Behavior, Reporting},
    store,
};

/// The answer of the call.
#[derive(Serialize)]
pub(super) struct Shown {
    webhook: &'static str,
    usage: &'static str,
}

/// The body of the call: one of them, or both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, deserialize_with = "not_null")]
    webhook: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    usage: Option<String>,
}

/// How the publisher behaves now.
async fn shown(app: &App, caller: &Caller) -> Result<Json<Shown>, Refused> {
    let Caller { sandbox, publisher } = caller;
    let webhook = app.store.behavior(sandbox, publisher).await?.name();
    let usage = app.store.reporting(sandbox, publisher).await?.name();
    Ok(Json(Shown { webhook, usage }))
}

/// What a body is to be.
const WANTED: &str = "Send an object with the member webhook, usage, or both, each a text.";

/// Why the call changed nothing.
pub(super) struct Refused {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
}

impl Refused {
    fn new(status: StatusCode, detail: &str) -> Self {
        Self { status, detail: detail.to_owned(), errors: Vec::new() }
    }

    fn field(field: &str, reason: &str) -> Self {
        let errors = vec![FieldError { field: field.to_owned(), reason: reason.to_owned() }];
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, reason) }
    }
}

/// `GET /s/{sandbox}/{publisher}/behavior`
pub(super) async fn show_behavior(
    State(app): State<Arc<App>>,
    caller: Result<Caller, Failure>,
    headers: HeaderMap,
) -> Result<Json<Shown>, Refused> {
    let caller = allowed(&app, caller, &Method::GET, &headers).await?;
    shown(&app, &caller).await
}

/// `PUT /s/{sandbox}/{publisher}/behavior`
pub(super) async fn set_behavior(
    State(app): State<Arc<App>>,
    caller: Result<Caller, Failure>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, Refused> {
    let caller = allowed(&app, caller, &Method::PUT, &headers).await?;
    let body = body.map_err(|rejected| Refused::new(rejected.status(), "The body is too long."))?;
    let Object(written) = serde_json::from_slice::<Object<Written>>(&body)
        .map_err(|_| Refused::field("webhook", WANTED))?;
    let (behavior, reporting) = (
        chosen("webhook", written.webhook, Behavior::read, &Behavior::ALL.map(Behavior::name))?,
        chosen("usage", written.usage, Reporting::read, &Reporting::ALL.map(Reporting::name))?,
    );
    if behavior.is_none() && reporting.is_none() {
        return Err(Refused::field("webhook", WANTED));
    }
    let (sandbox, publisher) = (caller.sandbox.clone(), caller.publisher.clone());
    app.store.execute(SetBehavior { sandbox, publisher, behavior, reporting }).await?;
    shown(&app, &caller).await
}

/// The choice of this name; `None` if nothing was chosen.
fn chosen<T>(
    field: &str,
    name: Option<String>,
    read: impl Fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<Option<T>, Refused> {
    let Some(name) = name else { return Ok(None) };
    let found = read(&name);
    let unknown = || Refused::field(field, &format!("Use one of {}.", names.join(", ")));
    found.map(Some).ok_or_else(unknown)
}

/// The publisher meant, if the call comes from here, knows the control token, and there is such a publisher.
async fn allowed(
    app: &App,
    caller: Result<Caller, Failure>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, Refused> {
    guard::check(&app.site, method, headers).map_err(|failure| match failure {
        Failure::ForeignHost => {
            Refused::new(StatusCode::MISDIRECTED_REQUEST, "This is no name of the publisher.")
        }
        _ => Refused::new(StatusCode::FORBIDDEN, "Another site sent this."),
    })?;
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    if !token.is_some_and(|token| app.control_token.matches(token.trim())) {
        return Err(Refused::new(
            StatusCode::UNAUTHORIZED,
            "Send the control token as the bearer.",
        ));
    }
    let missing = || Refused::new(StatusCode::NOT_FOUND, "There is no such sandbox or publisher.");
    let caller = caller.map_err(|_| missing())?;
    match app.marketplace.publisher(&caller).await {
        Ok(_) => Ok(caller),
        Err(Trouble::UnknownSandbox | Trouble::UnknownPublisher) => Err(missing()),
        Err(trouble) => {
            Err(Refused::new(StatusCode::BAD_GATEWAY, &format!("The marketplace: {trouble}.")))
        }
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a control call broke");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something broke here.")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
