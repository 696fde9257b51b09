//! Why a page is not shown, as a page. The one place that turns refusals into statuses. Called by every handler.

use std::any::Any;

use axum::{
    body::Body,
    http::{HeaderValue, Response as HttpResponse, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use jiff::SignedDuration;
use shared::ids::SandboxId;

use super::{
    views::{Action, MessagePage, page},
    visitor::SignInFailure,
};
use crate::{
    clients::{Trouble, marketplace::Caller},
    domain::Refusal,
    store::{self, TokenFailure},
    words::{say, say_with},
};

/// Why a page is not shown.
#[derive(Debug)]
pub enum Failure {
    /// No such page, sandbox, publisher or account.
    NotFound,
    /// Another method.
    MethodNotAllowed,
    /// Asked for under a name that is not ours.
    ForeignHost,
    /// A form another site sent.
    ForeignOrigin,
    /// A form without the token of its session.
    StaleForm,
    /// A body that is no form.
    UnreadableForm,
    /// A body over the limit.
    TooLong,
    /// The console wants to know who asks; where to go afterwards.
    SignInNeeded(Option<SandboxId>),
    /// The visitor's link led nowhere.
    Link(TokenFailure),
    /// The visitor of this publisher's page is not signed in, or not as somebody the purchase is open to.
    SignIn(Box<(Caller, SignInFailure)>),
    /// A rule says no.
    Refused(Refusal),
    /// The marketplace did not help.
    Marketplace(Trouble),
    /// Something broke.
    Store(store::Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Refused(Refusal::UnknownAccount | Refusal::UnknownStep) => Self::NotFound,
            store::Error::Refused(refusal) => Self::Refused(refusal),
            other => Self::Store(other),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::UnknownSandbox | Trouble::UnknownPublisher => Self::NotFound,
            other => Self::Marketplace(other),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (mut retry_after, mut action) = (None, None);
        let (status, name, detail) = match self {
            Self::SignInNeeded(sandbox) => return to_sign_in(sandbox.as_ref()),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", None),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method", None),
            Self::ForeignHost => (StatusCode::MISDIRECTED_REQUEST, "foreign-host", None),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign-origin", None),
            Self::StaleForm => (StatusCode::FORBIDDEN, "stale-form", None),
            Self::UnreadableForm => (StatusCode::BAD_REQUEST, "unreadable-form", None),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too-long", None),
            Self::Link(failure) => link(failure),
            Self::SignIn(refused) => {
                let (caller, why) = *refused;
                let row = why.row();
                tracing::info!(why = row.1, "a visitor is not let in");
                if let SignInFailure::Marketplace(trouble) = &why {
                    tracing::warn!("the marketplace does not help: {trouble}");
                    retry_after = pause(trouble);
                }
                action = why.action(&caller);
                row
            }
            Self::Refused(refusal) => (StatusCode::CONFLICT, "refused", Some(refused(refusal))),
            Self::Marketplace(trouble) => {
                tracing::warn!("the marketplace does not help: {trouble}");
                retry_after = pause(&trouble);
                let said = [("said", trouble.to_string().into())];
                let detail = say_with("marketplace-said", said);
                (StatusCode::BAD_GATEWAY, "marketplace", Some(detail))
            }
            Self::Store(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page broke");
                (StatusCode::INTERNAL_SERVER_ERROR, "broken", None)
            }
        };
        let mut response = message(status, name, detail, action);
        if let Some(pause) = retry_after {
            let seconds = HeaderValue::from(pause.as_secs().unsigned_abs());
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

/// The least pause the marketplace asked for.
fn pause(trouble: &Trouble) -> Option<SignedDuration> {
    match trouble {
        Trouble::Unreachable { retry_after, .. } => *retry_after,
        _ => None,
    }
}

fn message(
    status: StatusCode,
    name: &str,
    detail: Option<String>,
    action: Option<Action>,
) -> Response {
    let (title, text) = (say(&format!("{name}-title")), say(&format!("{name}-text")));
    let detail = detail.unwrap_or_default();
    page(status, &MessagePage { title, text, detail, action, status: status.as_u16() })
}

fn link(failure: TokenFailure) -> (StatusCode, &'static str, Option<String>) {
    match failure {
        TokenFailure::Missing => (StatusCode::BAD_REQUEST, "link-missing", None),
        TokenFailure::Garbled => (StatusCode::BAD_REQUEST, "link-garbled", None),
        TokenFailure::Expired => (StatusCode::GONE, "link-expired", None),
        TokenFailure::AnotherPublishers => (StatusCode::FORBIDDEN, "link-another", None),
    }
}

/// What to do about a refusal, in plain words.
fn refused(refusal: Refusal) -> String {
    say(match refusal {
        Refusal::UnknownAccount | Refusal::UnknownStep => "not-found-text",
        Refusal::TooManySteps => "refused-too-many-steps",
        Refusal::InformationMissing => "refused-information-missing",
        Refusal::InformationComplete => "refused-information-complete",
        Refusal::Underway => "refused-underway",
        Refusal::LicensesAssigned => "refused-licenses-assigned",
        Refusal::NobodyNew => "refused-nobody-new",
        Refusal::FulfillmentConfirmed => "refused-fulfillment-confirmed",
        Refusal::Ended => "refused-ended",
        Refusal::Suspended => "refused-suspended",
    })
}

fn to_sign_in(sandbox: Option<&SandboxId>) -> Response {
    let query = sandbox.map(|id| format!("?sandbox={id}")).unwrap_or_default();
    Redirect::to(&format!("/console/sign-in{query}")).into_response()
}

/// Nothing is served under this path.
pub(super) async fn not_found() -> Failure {
    Failure::NotFound
}

/// Something is, but not so.
pub(super) async fn method_not_allowed() -> Failure {
    Failure::MethodNotAllowed
}

/// A handler panicked; its transaction has been rolled back.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over so")]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!("a page panicked: {}", text.unwrap_or("without words"));
    message(StatusCode::INTERNAL_SERVER_ERROR, "broken", None, None)
}
