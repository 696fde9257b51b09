//! Refusals of the token endpoints, in Entra's shape (fulfillment.md 5.4).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    entropy::random_uuid,
    identity::{TokenError, TransientError},
};

use crate::{
    app::App,
    domain::identity::{AssertionRefusal, CodeRefusal, RefreshRefusal},
    http::body::BODY_MAX,
    key_ring::KeyError,
    store::Failure,
};

/// Why no token is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// A parameter is missing.
    #[error("The request body must contain the parameter '{0}'.")]
    Missing(&'static str),
    /// The request breaks the form.
    #[error("Invalid request. {0}")]
    Malformed(String),
    /// The body is no form.
    #[error(
        "The request body must contain the parameter '{1}', as application/x-www-form-urlencoded; its Content-Type is \
         '{0}'."
    )]
    NotForm(String, &'static str),
    /// The body is longer than any.
    #[error("Invalid request. The body has more than {BODY_MAX} bytes.")]
    TooLong,
    /// Another method than POST.
    #[error("The endpoint only accepts POST requests. Received a {0} request.")]
    Method(String),
    /// Another grant.
    #[error(
        "The app requested the grant type '{0}'; use client_credentials or, where somebody signs in, authorization_code \
         and refresh_token."
    )]
    GrantType(String),
    /// No such tenant.
    #[error(
        "Tenant '{0}' not found. Take the tenant id from the sandbox's publishers or partners."
    )]
    Tenant(String),
    /// No such app in this tenant.
    #[error("Application '{0}' was not found in this tenant. Check client_id and tenant.")]
    App(String),
    /// The secret is wrong.
    #[error("Invalid client secret provided. Send the secret's value, not its id.")]
    Secret,
    /// The secret is over.
    #[error(
        "The provided client secret keys for app '{0}' are expired. Set clientSecretExpiresAt of the publisher."
    )]
    SecretExpired(String),
    /// The tenant has no service principal for the app.
    #[error(
        "The client application '{0}' is missing service principal in the tenant. Set servicePrincipal of the publisher."
    )]
    NoPrincipal(String),
    /// A resource at v2, which knows scopes only.
    #[error(
        "The 'resource' request parameter is not supported at v2.0. Send scope=<resource>/.default, or call v1."
    )]
    ResourceInV2,
    /// No such resource.
    #[error(
        "The resource principal named '{0}' was not found. A publisher asks for 20e940b3-4c77-4b0b-9a53-9e16a1b010a7, a \
         partner for https://api.partnercenter.microsoft.com."
    )]
    Resource(String),
    /// The scope is not of the form for programs.
    #[error(
        "The provided value for the input parameter 'scope' is not valid: '{0}'. A program asks for one resource, with \
         /.default behind it: a publisher for 20e940b3-4c77-4b0b-9a53-9e16a1b010a7/.default, a partner for \
         https://api.partnercenter.microsoft.com/.default."
    )]
    Scope(String),
    /// The assertion proves nothing.
    #[error("Client assertion: {0}.")]
    Assertion(AssertionRefusal),
    /// The code is not redeemed.
    #[error("{}", words_of(*.0))]
    Code(CodeRefusal),
    /// The refresh token is worth nothing.
    #[error("{}", words_of_refresh(*.0))]
    Refresh(RefreshRefusal),
}

const NOT_GRANTED: &str = "The user has not consented to this scope. Sign in again and ask for it; for Partner Center: \
    https://api.partnercenter.microsoft.com/user_impersonation.";

fn words_of(refusal: CodeRefusal) -> &'static str {
    match refusal {
        CodeRefusal::Unknown => {
            "The provided value for the 'code' parameter is not valid: it is none of this app's."
        }
        CodeRefusal::Redeemed => {
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code."
        }
        CodeRefusal::Expired => {
            "The provided authorization code has expired: it is good for 60 seconds. Sign in again."
        }
        CodeRefusal::RedirectUri => {
            "The redirect_uri does not match the one that the authorization code was sent to."
        }
        CodeRefusal::Verifier => {
            "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        }
        CodeRefusal::Scope => NOT_GRANTED,
    }
}

fn words_of_refresh(refusal: RefreshRefusal) -> &'static str {
    match refusal {
        RefreshRefusal::Unknown => {
            "The provided value for the input parameter 'refresh_token' is not valid: it is none of this app's, or was \
             revoked. Sign in again."
        }
        RefreshRefusal::Expired => {
            "The refresh token has expired: it is good for 90 days. Sign in again."
        }
        RefreshRefusal::Scope => NOT_GRANTED,
        RefreshRefusal::Reused => {
            "The provided grant was revoked: the refresh token was used before, so all that began with the same sign-in \
             has ended. Sign in again, and keep the newest refresh_token."
        }
    }
}

impl TokenRefusal {
    /// Status, OAuth error, number.
    fn row(&self) -> (StatusCode, &'static str, u32) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        match self {
            Self::Missing(_) | Self::NotForm(..) => (BAD, "invalid_request", 900_144),
            Self::Malformed(_) => (BAD, "invalid_request", 9_002_313),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", 9_002_313),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request", 900_561),
            Self::ResourceInV2 => (BAD, "invalid_request", 901_002),
            Self::GrantType(_) => (BAD, "unsupported_grant_type", 70_003),
            Self::Tenant(_) => (BAD, "invalid_request", 90_002),
            Self::App(_) => (BAD, "unauthorized_client", 700_016),
            Self::Secret => (UNAUTHORIZED, "invalid_client", 7_000_215),
            Self::SecretExpired(_) => (UNAUTHORIZED, "invalid_client", 7_000_222),
            Self::NoPrincipal(_) => (UNAUTHORIZED, "invalid_client", 7_000_229),
            Self::Resource(_) => (BAD, "invalid_resource", 500_011),
            Self::Scope(_) => (BAD, "invalid_scope", 70_011),
            Self::Assertion(refusal) => {
                let number = match refusal {
                    AssertionRefusal::Malformed => 50_027,
                    AssertionRefusal::Signature => 700_027,
                    AssertionRefusal::Audience => 700_023,
                    AssertionRefusal::Subject => 700_021,
                    AssertionRefusal::Time => 700_024,
                    AssertionRefusal::Replayed => 50_013,
                };
                (UNAUTHORIZED, "invalid_client", number)
            }
            Self::Code(refusal) => {
                let number = match refusal {
                    CodeRefusal::Unknown => 70_000,
                    CodeRefusal::Redeemed => 54_005,
                    CodeRefusal::Expired => 70_008,
                    CodeRefusal::RedirectUri => 50_011,
                    CodeRefusal::Verifier => 501_481,
                    CodeRefusal::Scope => 65_001,
                };
                (BAD, "invalid_grant", number)
            }
            Self::Refresh(refusal) => {
                let number = match refusal {
                    RefreshRefusal::Unknown => 70_000,
                    RefreshRefusal::Expired => 700_082,
                    RefreshRefusal::Scope => 65_001,
                    RefreshRefusal::Reused => 50_173,
                };
                (BAD, "invalid_grant", number)
            }
        }
    }

    /// The answer.
    pub fn into_answer(self, app: &App) -> Response {
        let (status, error, number) = self.row();
        let id = || random_uuid(app.entropy.as_ref()).to_string();
        let timestamp = app.clock.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let (trace_id, correlation_id) = (id(), id());
        let body = TokenError {
            error: error.to_owned(),
            error_description: format!(
                "AADSTS{number}: {self} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
            ),
            error_codes: vec![number],
            timestamp,
            trace_id,
            correlation_id,
            error_uri: format!("https://login.microsoftonline.com/error?code={number}"),
        };
        let mut response = (status, Json(body)).into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        if status == StatusCode::UNAUTHORIZED {
            let schemes = HeaderValue::from_static("Basic realm=\"rehearsal\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, schemes);
        }
        response
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// By a rule.
    #[error(transparent)]
    Refused(#[from] TokenRefusal),
    /// The store gave no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The key is being made.
    #[error(transparent)]
    Unsigned(#[from] KeyError),
}

/// The key is being made, or the database is out of reach.
pub fn unavailable() -> Response {
    let retry = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
    let text = "AADSTS90033: A transient error has occurred. Call again after Retry-After seconds.";
    let body = TransientError {
        error: "temporarily_unavailable".to_owned(),
        error_description: text.to_owned(),
    };
    (StatusCode::SERVICE_UNAVAILABLE, retry, Json(body)).into_response()
}
