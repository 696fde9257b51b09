//! Refusals of the control API, and of addresses that are no face's: RFC 9457.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::rehearsal::{FieldError, PROBLEM_JSON, Problem as Wire};

use crate::{domain::refusal::Refusal, http::notes::Notes, store::Failure};

/// A refusal on its way to the wire.
#[derive(Debug)]
pub struct Problem(Failure);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into())
    }
}

impl Problem {
    /// Notes the reason for log and journal, and answers.
    pub fn noted(self, notes: &Notes) -> Response {
        notes.refusal(&self.0);
        self.into_answer()
    }

    /// The answer.
    pub fn into_answer(self) -> Response {
        match &self.0 {
            Failure::Refused(refusal) => refused(refusal),
            failure if failure.is_unavailable() => {
                let detail = "the broker is busy or its database is out of reach; call again";
                let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, detail);
                let soon = HeaderValue::from_static("1");
                response.headers_mut().insert(header::RETRY_AFTER, soon);
                response
            }
            _ => plain(StatusCode::INTERNAL_SERVER_ERROR, "the broker failed; see its log"),
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let detail = refusal.to_string();
    match refusal {
        Refusal::Unknown { .. } => plain(StatusCode::NOT_FOUND, &detail),
        Refusal::NotYours => plain(StatusCode::FORBIDDEN, &detail),
        Refusal::Field { field, reason } => field_error(&detail, field, reason),
        Refusal::BadValue { field, reason } => field_error(&detail, field, reason),
        Refusal::NotInCatalog(_) => field_error(&detail, "planId", &detail),
        Refusal::Impossible { field, reason } => field_error(&detail, field, reason),
        Refusal::NothingAsked => plain(StatusCode::BAD_REQUEST, &detail),
        Refusal::TooLong => plain(StatusCode::PAYLOAD_TOO_LARGE, &detail),
        Refusal::AlreadyActivated
        | Refusal::NotActive
        | Refusal::NotAllowed { .. }
        | Refusal::OperationOpen { .. }
        | Refusal::OperationEnded
        | Refusal::OwnOperation
        | Refusal::Suspended
        | Refusal::Ended
        | Refusal::WrongState { .. }
        | Refusal::NotNow { .. }
        | Refusal::Exists { .. }
        | Refusal::NotReady(_)
        | Refusal::Partner(_)
        | Refusal::Limit(_) => plain(StatusCode::CONFLICT, &detail),
    }
}

fn field_error(detail: &str, field: &str, reason: &str) -> Response {
    let error = FieldError { field: field.to_owned(), reason: reason.to_owned() };
    answer(StatusCode::BAD_REQUEST, detail, vec![error])
}

/// A problem without fields.
pub fn plain(status: StatusCode, detail: &str) -> Response {
    answer(status, detail, Vec::new())
}

fn answer(status: StatusCode, detail: &str, errors: Vec<FieldError>) -> Response {
    let body = Wire {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Refused").to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        errors,
    };
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))];
    (status, kind, Json(body)).into_response()
}

/// No control token, or a wrong one.
pub fn unauthorized() -> Response {
    let detail = "the control API takes the control token as bearer; it is in the file control-token of the data dir";
    let mut response = plain(StatusCode::UNAUTHORIZED, detail);
    let scheme = HeaderValue::from_static("Bearer realm=\"rehearsal\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

/// `Host` or `Origin` is not ours.
pub fn foreign_host() -> Response {
    let detail = "the control API answers only to its own host names and to its own origin; \
                  add a name with --allowed-host";
    plain(StatusCode::FORBIDDEN, detail)
}
