//! Refusals of the publisher face: error bodies E1, E2, E3, E5 of fulfillment.md 1.1, from one table.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    fulfillment::{Detail, FulfillmentInternalServerErrorResponse, VersionDetail, VersionError},
    purchase_token::TokenRefusal,
};

use super::shape::{NoOperation, Shape};
use crate::{
    domain::refusal::Refusal, http::notes::Notes, queries::ResolveRefusal, store::Failure,
};

/// The only version there is (fulfillment.md 1.1).
pub const API_VERSION: &str = "2018-08-31";

/// What a caller without a right reads; a bare JSON string (C05).
const FORBIDDEN: &str = "The call is not allowed. Either the access token in the authorization header is missing, \
    malformed or expired, or it was issued for another resource, tenant or application than the one registered for \
    the publisher of this offer. Ask the token endpoint for a fresh token with the tenant and client id of this \
    publisher and resource 20e940b3-4c77-4b0b-9a53-9e16a1b010a7.";

/// A refusal on its way to the wire.
#[derive(Debug)]
pub struct Problem {
    failure: Failure,
    /// What `Ended` becomes: 404 for activate (C20), else 400.
    ended: StatusCode,
    /// What an open operation becomes: 409 for DELETE (C41), else 400 (fulfillment.md Q5).
    locked: StatusCode,
    /// What an operation that is not there becomes.
    no_operation: NoOperation,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let bad = StatusCode::BAD_REQUEST;
        Self { failure, ended: bad, locked: bad, no_operation: NoOperation::NOT_FOUND }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Failure::from(refusal).into()
    }
}

impl Problem {
    /// An ended subscription is as one that is not there (C20).
    pub fn ended_is_not_found(self) -> Self {
        Self { ended: StatusCode::NOT_FOUND, ..self }
    }

    /// What an open operation becomes.
    pub fn locked_is(self, locked: StatusCode) -> Self {
        Self { locked, ..self }
    }

    /// What an operation that is not there becomes.
    pub fn no_operation_is(self, no_operation: NoOperation) -> Self {
        Self { no_operation, ..self }
    }

    /// Notes the reason for log and journal, and answers.
    pub fn noted(self, notes: &Notes) -> Response {
        notes.refusal(&self.failure);
        self.into_answer()
    }

    /// The answer.
    pub fn into_answer(self) -> Response {
        match self.failure {
            Failure::Refused(Refusal::Unknown { .. })
                if self.no_operation != NoOperation::NOT_FOUND =>
            {
                let NoOperation { status, message, code } = self.no_operation;
                detail(status, message.unwrap_or_default(), Some("operationId"), code)
            }
            Failure::Refused(refusal) => refused(&refusal, self.ended, self.locked),
            failure if failure.is_unavailable() => unavailable(),
            _ => broken(),
        }
    }
}

/// One row a refusal.
fn refused(refusal: &Refusal, ended: StatusCode, locked: StatusCode) -> Response {
    let bad = StatusCode::BAD_REQUEST;
    let message = refusal.to_string();
    match refusal {
        Refusal::NotYours => forbidden(),
        Refusal::Unknown { what, .. } => {
            let target = match *what {
                "Operation" => "operationId",
                "Step" => "step",
                _ => "subscriptionId",
            };
            detail(StatusCode::NOT_FOUND, &message, Some(target), "EntityNotFound")
        }
        Refusal::Ended if ended == StatusCode::NOT_FOUND => {
            detail(ended, &message, Some("subscriptionId"), "EntityNotFound")
        }
        Refusal::OwnOperation => broken(),
        Refusal::BadValue { field, .. } => detail(bad, &message, Some(field), "InvalidValue"),
        Refusal::Field { field, .. } => detail(bad, &message, Some(field), "BadRequest"),
        Refusal::TooLong => {
            detail(StatusCode::PAYLOAD_TOO_LARGE, &message, Some("body"), "RequestTooLarge")
        }
        Refusal::OperationOpen { .. } => detail(locked, &message, Some("update"), "Failed"),
        Refusal::NotActive | Refusal::NotInCatalog(_) | Refusal::NothingAsked => {
            detail(bad, &message, Some("update"), "BadRequest")
        }
        Refusal::Impossible { .. } => message_only(&message),
        Refusal::AlreadyActivated
        | Refusal::Suspended
        | Refusal::Ended
        | Refusal::OperationEnded
        | Refusal::NotAllowed { .. }
        | Refusal::WrongState { .. }
        | Refusal::NotNow { .. }
        | Refusal::Exists { .. }
        | Refusal::NotReady(_)
        | Refusal::Partner(_)
        | Refusal::Limit(_) => detail(bad, &message, None, "BadRequest"),
    }
}

/// E3 of some validation errors: no target and no code.
fn message_only(message: &str) -> Response {
    let body = Detail { message: message.to_owned(), target: None, code: None };
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// E3.
pub fn detail(status: StatusCode, message: &str, target: Option<&str>, code: &str) -> Response {
    let body = Detail {
        message: message.to_owned(),
        target: target.map(str::to_owned),
        code: Some(code.to_owned()),
    };
    (status, Json(body)).into_response()
}

/// E1.
fn forbidden() -> Response {
    (StatusCode::FORBIDDEN, Json(FORBIDDEN)).into_response()
}

/// A call without any bearer: E1, with the status of the sandbox `default`.
pub fn without_bearer(shape: Shape) -> Response {
    let mut response = forbidden();
    *response.status_mut() = shape.missing_bearer();
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// E5.
fn broken() -> Response {
    let body = FulfillmentInternalServerErrorResponse::saying("An unexpected error has occurred.");
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

/// The broker is full, or its database is out of reach: come back.
fn unavailable() -> Response {
    let message =
        "The broker is busy or its database is out of reach; call again after Retry-After seconds.";
    let mut response = detail(StatusCode::SERVICE_UNAVAILABLE, message, None, "ServiceUnavailable");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// 429: a quirk's, in the form of E3 that both publisher faces have.
pub fn too_many(seconds: u64) -> Response {
    let message = format!("Too many calls: call again in {seconds} seconds.");
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut response = detail(status, &message, None, "TooManyRequests");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// E2, unless the version is the one there is (C01).
pub fn api_version(sent: Option<&str>) -> Option<Response> {
    let (code, message) = match sent {
        Some(API_VERSION) => return None,
        None | Some("") => (
            "ApiVersionUnspecified",
            format!("An API version is required: add ?api-version={API_VERSION}."),
        ),
        Some(other) => {
            let other: String = other.chars().take(60).collect();
            let message = format!("API version '{other}' is not supported: use {API_VERSION}.");
            ("UnsupportedApiVersion", message)
        }
    };
    let body = VersionError { error: VersionDetail { code: code.to_owned(), message } };
    Some((StatusCode::BAD_REQUEST, Json(body)).into_response())
}

/// Refusals of resolve: 400 E3, 403 for another publisher's, 404 for a subscription that is gone (1.2).
pub fn resolve(refusal: ResolveRefusal, notes: &Notes) -> Response {
    notes.refusal(&refusal);
    let invalid = |message| detail(StatusCode::BAD_REQUEST, message, Some("token"), "InvalidValue");
    match refusal {
        ResolveRefusal::Token(TokenRefusal::AnotherPublishers) => forbidden(),
        ResolveRefusal::Token(TokenRefusal::Expired) => invalid(
            "The purchase token has expired: it is valid for 24 hours. Open a fresh activation link.",
        ),
        ResolveRefusal::Token(TokenRefusal::Undecodable) => invalid(
            "The purchase token cannot be decoded. Take the token parameter of the landing page's URL, \
             percent-decode it exactly once, and leave '+' as it is.",
        ),
        ResolveRefusal::Token(TokenRefusal::UnknownKey | TokenRefusal::Tampered) => invalid(
            "The purchase token could be decrypted neither with the primary nor with the secondary secret: \
             it was not issued here, or it was changed on its way.",
        ),
        ResolveRefusal::Gone(refusal) => Problem::from(refusal).into_answer(),
        ResolveRefusal::Failure(failure) => Problem::from(failure).into_answer(),
    }
}
