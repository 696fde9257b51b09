//! How the publisher face looks under a policy: its one table of quirks of wire shape. Handlers and projections ask
//! here and never the policy.

use axum::http::StatusCode;

use crate::{
    domain::policy::{MissingBearer, Policy, UnknownOperation},
    store::Caller,
};

/// The face as a sandbox's policy has it.
#[derive(Debug, Clone, Copy)]
pub struct Shape(Policy);

/// What is answered for an operation that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOperation {
    /// The status.
    pub status: StatusCode,
    /// The message, unless it is the refusal's own.
    pub message: Option<&'static str>,
    /// The code.
    pub code: &'static str,
}

impl NoOperation {
    /// As documented.
    pub const NOT_FOUND: Self =
        Self { status: StatusCode::NOT_FOUND, message: None, code: "EntityNotFound" };
}

impl Shape {
    /// Of whom the caller's sandbox is.
    pub fn of(caller: &Caller) -> Self {
        Self(caller.policy)
    }

    /// GET of an operation that is not there.
    pub fn no_operation_to_get(self) -> NoOperation {
        self.no_operation("Failed to get operation", "EntityNotFound")
    }

    /// PATCH of an operation that is not there.
    pub fn no_operation_to_update(self) -> NoOperation {
        self.no_operation("Failed to find operation", "NotFound")
    }

    fn no_operation(self, message: &'static str, code: &'static str) -> NoOperation {
        match self.0.get() {
            UnknownOperation::NotFound => NoOperation::NOT_FOUND,
            UnknownOperation::BadRequest => {
                NoOperation { status: StatusCode::BAD_REQUEST, message: Some(message), code }
            }
        }
    }

    /// A call without any bearer, under the policy of `default`.
    pub fn missing_bearer(policy: Policy) -> StatusCode {
        match policy.get() {
            MissingBearer::Forbidden => StatusCode::FORBIDDEN,
            MissingBearer::Unauthorized => StatusCode::UNAUTHORIZED,
        }
    }
}
