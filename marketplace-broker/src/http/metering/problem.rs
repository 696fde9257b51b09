//! Refusals of the metering face: E6 (400), E7 (403) and E8 (409) of fulfillment.md 1.1, from one table.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use shared::{
    fulfillment::FulfillmentInternalServerErrorResponse,
    metering::{
        AcceptedMessage, Quantity, UsageEventBadRequestResponse,
        UsageEventBadRequestResponseDetail, UsageEventConflictResponse, UsageEventForbidden,
        UsageEventOkResponse, UsageEventStatus,
    },
};

use super::shape::UsageShape;
use crate::{
    domain::{
        metering::{AcceptedUsage, UsageRefusal, UsageStatus, Wrong},
        refusal::Refusal,
    },
    http::{
        fulfillment::{self, shape::Shape},
        notes::Notes,
    },
    store::Failure,
};

const BAD_ARGUMENT: &str = "BadArgument";
const BROKEN: &str = "An unexpected error has occurred.";

/// A refusal of the whole call on its way to the wire.
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
    pub fn noted(self, shape: UsageShape, notes: &Notes) -> Response {
        notes.refusal(&self.0);
        self.into_answer(shape)
    }

    /// The answer.
    pub fn into_answer(self, shape: UsageShape) -> Response {
        match self.0 {
            Failure::Refused(refusal) => refused(shape, &refusal),
            failure if failure.is_unavailable() => unavailable(),
            _ => broken(),
        }
    }
}

/// One row a refusal.
fn refused(shape: UsageShape, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NotYours => forbidden(),
        Refusal::Field { field, reason } => {
            let wrong = Wrong { member: field.to_string(), reason: reason.clone() };
            bad_request(shape, StatusCode::BAD_REQUEST, &[wrong])
        }
        Refusal::TooLong => {
            let wrong = Wrong { member: "body".to_owned(), reason: refusal.to_string() };
            bad_request(shape, StatusCode::PAYLOAD_TOO_LARGE, &[wrong])
        }
        other => {
            let wrong = Wrong { member: "request".to_owned(), reason: other.to_string() };
            bad_request(shape, StatusCode::BAD_REQUEST, &[wrong])
        }
    }
}

/// A single event that was not accepted.
pub fn event(shape: UsageShape, refusal: &UsageRefusal, notes: &Notes) -> Response {
    notes.refusal(refusal);
    match refusal.status() {
        UsageStatus::ResourceNotAuthorized => forbidden(),
        UsageStatus::Duplicate => {
            (StatusCode::CONFLICT, Json(error(shape, refusal))).into_response()
        }
        UsageStatus::Error => broken(),
        _ => bad_request(shape, StatusCode::BAD_REQUEST, &refusal.wrong()),
    }
}

/// E8, and what an event of a batch says of itself: the message and the code that the single call would have.
pub fn error(shape: UsageShape, refusal: &UsageRefusal) -> UsageEventConflictResponse {
    let (code, additional_info) = match refusal {
        UsageRefusal::Duplicate(first) => {
            let accepted_message = accepted(shape, first, UsageEventStatus::Duplicate);
            ("Conflict", Some(AcceptedMessage { accepted_message }))
        }
        UsageRefusal::NotAuthorized => ("Forbidden", None),
        UsageRefusal::Broken => ("UnexpectedError", None),
        _ => (BAD_ARGUMENT, None),
    };
    UsageEventConflictResponse { additional_info, message: refusal.to_string(), code: code.into() }
}

/// An event that was accepted, now or before.
pub fn accepted(
    shape: UsageShape,
    usage: &AcceptedUsage,
    status: UsageEventStatus,
) -> UsageEventOkResponse {
    UsageEventOkResponse {
        usage_event_id: usage.id.to_string(),
        status,
        message_time: usage.accepted_at.to_string(),
        resource_id: Some(usage.subscription_id.to_string()),
        resource_uri: usage.resource_uri.clone(),
        quantity: Quantity(usage.quantity),
        dimension: usage.dimension.clone(),
        effective_start_time: shape.start(&usage.start),
        plan_id: usage.plan_id.to_string(),
    }
}

/// A status on the wire.
pub fn status(status: UsageStatus) -> UsageEventStatus {
    match status {
        UsageStatus::Accepted => UsageEventStatus::Accepted,
        UsageStatus::Expired => UsageEventStatus::Expired,
        UsageStatus::Duplicate => UsageEventStatus::Duplicate,
        UsageStatus::Error => UsageEventStatus::Error,
        UsageStatus::ResourceNotFound => UsageEventStatus::ResourceNotFound,
        UsageStatus::ResourceNotAuthorized => UsageEventStatus::ResourceNotAuthorized,
        UsageStatus::ResourceNotActive => UsageEventStatus::ResourceNotActive,
        UsageStatus::InvalidDimension => UsageEventStatus::InvalidDimension,
        UsageStatus::InvalidQuantity => UsageEventStatus::InvalidQuantity,
        UsageStatus::BadArgument => UsageEventStatus::BadArgument,
    }
}

/// E6.
fn bad_request(shape: UsageShape, status: StatusCode, wrong: &[Wrong]) -> Response {
    let details = wrong.iter().map(|wrong| UsageEventBadRequestResponseDetail {
        message: wrong.reason.clone(),
        target: shape.target(&wrong.member),
        code: BAD_ARGUMENT.to_owned(),
    });
    let body = UsageEventBadRequestResponse {
        message: "One or more errors have occurred.".to_owned(),
        target: "usageEventRequest".to_owned(),
        details: details.collect(),
        code: BAD_ARGUMENT.to_owned(),
    };
    (status, Json(body)).into_response()
}

/// E7, for a resource of somebody else's and for a bearer that is none.
fn forbidden() -> Response {
    let body = UsageEventForbidden {
        message: UsageRefusal::NotAuthorized.to_string(),
        code: "Forbidden".to_owned(),
    };
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

/// A call without any bearer: E7, with the status that the fulfillment face has for it.
pub fn without_bearer(shape: Shape) -> Response {
    let (like, _) = fulfillment::problem::without_bearer(shape).into_parts();
    let mut response = forbidden();
    *response.status_mut() = like.status;
    if let Some(scheme) = like.headers.get(header::WWW_AUTHENTICATE) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme.clone());
    }
    response
}

/// E5.
fn broken() -> Response {
    let body = FulfillmentInternalServerErrorResponse::saying(BROKEN);
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

/// The broker is full, or its database is out of reach: come back.
fn unavailable() -> Response {
    let message =
        "The broker is busy or its database is out of reach; call again after Retry-After seconds.";
    let body = json!({"message": message, "code": "ServiceUnavailable"});
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
