//! Why a webhook is not taken, as an answer: a status and one plain line. Called by the receiver.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;

use crate::{
    clients::{TokenTrouble, Trouble},
    domain::Unsound,
    store,
};

/// Why a webhook is not taken.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    /// Sent to whoever called, so it holds no value.
    reason: String,
    retry_after: Option<SignedDuration>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), retry_after: None }
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<Unsound> for Refused {
    fn from(unsound: Unsound) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, unsound.to_string())
    }
}

/// What cannot be judged now is no refusal: 401 would refuse a change for good.
impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        let (status, reason) = match &trouble {
            Trouble::UnknownSandbox | Trouble::UnknownPublisher => {
                (StatusCode::NOT_FOUND, "there is no such sandbox or publisher")
            }
            Trouble::Unreachable { .. } | Trouble::Refused { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "the marketplace cannot be asked now")
            }
        };
        let retry_after = match trouble {
            Trouble::Unreachable { retry_after, .. } => retry_after,
            Trouble::UnknownSandbox | Trouble::UnknownPublisher | Trouble::Refused { .. } => None,
        };
        Self { retry_after, ..Self::new(status, reason) }
    }
}

impl From<TokenTrouble> for Refused {
    fn from(trouble: TokenTrouble) -> Self {
        let reason = trouble.to_string();
        match trouble {
            TokenTrouble::Unsound(unsound) => unsound.into(),
            TokenTrouble::Keys(trouble) => Self { reason, ..trouble.into() },
            TokenTrouble::NoTenant => Self::new(StatusCode::SERVICE_UNAVAILABLE, reason),
        }
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a webhook cannot be stored");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the webhook cannot be stored now")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let text = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
        let mut response = (self.status, text, format!("{}\n", self.reason)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(pause) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().unsigned_abs()));
        }
        response
    }
}
