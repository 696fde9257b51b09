//! Pages for people: how one is rendered and which headers it carries; the stylesheet. Called by `http/identity`.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use shared::assets::STYLESHEET;

/// The one script there is: it sends the form of an answer on.
pub const SUBMIT: &str = "document.forms[0].submit()";

// A form here may end on any app's page: the sign-in answers with a redirect, and browsers hold redirects of a form to
// form-action, wherever the app sends its visitor on to.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action http: https:; frame-ancestors 'none'; \
                      object-src 'none'";

static POLICY_WITH_SUBMIT: LazyLock<String> = LazyLock::new(|| {
    format!("{POLICY}; script-src 'sha256-{}'", STANDARD.encode(Sha256::digest(SUBMIT)))
});

/// A page.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    rendered(status, template, POLICY)
}

/// A page whose form is sent on by [`SUBMIT`].
pub fn page_with_submit(status: StatusCode, template: &impl Template) -> Response {
    rendered(status, template, &POLICY_WITH_SUBMIT)
}

fn rendered(status: StatusCode, template: &impl Template, policy: &str) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    put(CONTENT_TYPE, "text/html; charset=utf-8");
    put(CACHE_CONTROL, "no-store");
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Our own forms must say where they come from; nobody else learns it.
    put(REFERRER_POLICY, "same-origin");
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The stylesheet, to be kept for ever: its name changes with its content.
pub async fn stylesheet() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLESHEET)
}
