//! Refusals of the token endpoint, in Entra's shape (fulfillment.md 5.4).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{entropy::random_uuid, identity::TokenError};

use crate::app::App;

/// Why no token is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// A parameter is missing.
    #[error("AADSTS900144: The request body must contain the parameter '{0}'.")]
    Missing(&'static str),
    /// Another grant.
    #[error(
        "AADSTS70003: The app requested the grant type '{0}'; only client_credentials is served here."
    )]
    GrantType(String),
    /// No such tenant.
    #[error(
        "AADSTS90002: Tenant '{0}' not found. Take the tenant id from the sandbox's publishers."
    )]
    Tenant(String),
    /// No such app in this tenant.
    #[error(
        "AADSTS700016: Application '{0}' was not found in this tenant. Check client_id and tenant."
    )]
    App(String),
    /// The secret is wrong.
    #[error("AADSTS7000215: Invalid client secret provided. Send the secret's value, not its id.")]
    Secret,
    /// No such resource.
    #[error(
        "AADSTS500011: The resource principal named '{0}' was not found. Ask for 20e940b3-4c77-4b0b-9a53-9e16a1b010a7."
    )]
    Resource(String),
}

impl TokenRefusal {
    /// Status, OAuth error, number.
    fn row(&self) -> (StatusCode, &'static str, u32) {
        match self {
            Self::Missing(_) => (StatusCode::BAD_REQUEST, "invalid_request", 900_144),
            Self::GrantType(_) => (StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003),
            Self::Tenant(_) => (StatusCode::BAD_REQUEST, "invalid_request", 90_002),
            Self::App(_) => (StatusCode::BAD_REQUEST, "unauthorized_client", 700_016),
            Self::Secret => (StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215),
            Self::Resource(_) => (StatusCode::BAD_REQUEST, "invalid_resource", 500_011),
        }
    }

    /// The answer.
    pub fn into_answer(self, app: &App) -> Response {
        let (status, error, number) = self.row();
        let id = || random_uuid(app.entropy.as_ref()).to_string();
        let now = app.clock.now();
        let body = TokenError {
            error: error.to_owned(),
            error_description: self.to_string(),
            error_codes: vec![number],
            timestamp: now.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            trace_id: id(),
            correlation_id: id(),
            error_uri: format!("https://login.microsoftonline.com/error?code={number}"),
        };
        let mut response = (status, Json(body)).into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response
    }
}

/// The key is being made, or the database is out of reach.
pub fn unavailable() -> Response {
    let retry = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
    let body = Json(serde_json::json!({
        "error": "temporarily_unavailable",
        "error_description": "AADSTS90033: A transient error has occurred. Call again after Retry-After seconds.",
    }));
    (StatusCode::SERVICE_UNAVAILABLE, retry, body).into_response()
}
