//! Whether a user has signed in with a second factor, told to who asks by `ValidateMfa: true` (partner-center.md P-5): in
//! the header `isMfaCompliant` of the answer. An app by itself needs none, and is told nothing. Mounted in `http/mod.rs`.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use shared::headers::{IS_MFA_COMPLIANT, VALIDATE_MFA};

use crate::http::notes::Notes;

/// The middleware.
pub async fn answer_mfa(request: Request, next: Next) -> Response {
    let asked = request.headers().get(VALIDATE_MFA);
    let asked = asked.is_some_and(|sent| sent.as_bytes().eq_ignore_ascii_case(b"true"));
    let notes = request.extensions().get::<Notes>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    if let Some(mfa) = notes.read().mfa.filter(|_| asked) {
        let value = HeaderValue::from_static(if mfa { "true" } else { "false" });
        response.headers_mut().insert(HeaderName::from_static(IS_MFA_COMPLIANT), value);
    }
    response
}
