//! Headers of every answer towards partners (partner-center.md 3.0, P57): the request's own ids come back, those it did not
//! send are made. Mounted in `http/mod.rs`.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use shared::{
    entropy::random_uuid,
    headers::{MS_CORRELATION_ID, MS_CV, MS_REQUEST_ID, MS_SERVER_ID, X_LOCALE},
};

use crate::app::App;

/// The middleware.
pub async fn answer_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let sent = request.headers().clone();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for name in [MS_REQUEST_ID, MS_CORRELATION_ID] {
        let id = sent.get(name).cloned().unwrap_or_else(|| made(&app));
        headers.insert(HeaderName::from_static(name), id);
    }
    let vector = &STANDARD_NO_PAD.encode(random_uuid(app.entropy.as_ref()))[..16];
    if let Ok(vector) = HeaderValue::try_from(format!("{vector}.0")) {
        headers.insert(HeaderName::from_static(MS_CV), vector);
    }
    headers.insert(HeaderName::from_static(MS_SERVER_ID), HeaderValue::from_static("rehearsal"));
    headers.insert(HeaderName::from_static(X_LOCALE), locale(&sent));
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn made(app: &App) -> HeaderValue {
    let id = random_uuid(app.entropy.as_ref()).to_string();
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("0"))
}

fn locale(sent: &HeaderMap) -> HeaderValue {
    sent.get(X_LOCALE).cloned().unwrap_or(HeaderValue::from_static("en-US"))
}
