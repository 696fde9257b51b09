//! Headers of every answer towards publishers, as the real service sends them (fulfillment.md 1.1, C02, C03, C06,
//! C07). Mounted in `http/mod.rs` on the fulfillment and the metering face.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use shared::headers::{ACTIVITY_ID, CORRELATION_ID, REQUEST_ID};

use super::shape::Shape;
use crate::http::{notes::Notes, observe::RequestIds};

/// The middleware of fulfillment and operations.
pub async fn answer_headers(request: Request, next: Next) -> Response {
    let ids = request.extensions().get::<RequestIds>().cloned();
    let notes = request.extensions().get::<Notes>().cloned().unwrap_or_default();
    let is_get = request.method() == Method::GET;
    let mut response = metering_headers(request, next).await;
    let has_etag = is_get && Shape::under(notes.current_policy()).has_etag();
    let headers = response.headers_mut();
    if let Some(ids) = ids {
        // Random at every GET, and no conditional request works (Q22): the activity's id serves.
        let etag = format!("\"{}\"", ids.activity.to_str().unwrap_or_default());
        if let (true, Ok(etag)) = (has_etag, HeaderValue::try_from(etag)) {
            headers.insert(header::ETAG, etag);
        }
        headers.insert(HeaderName::from_static(ACTIVITY_ID), ids.activity);
    }
    response
}

/// The middleware of metering, whose answers have neither activity id nor ETag (C07).
pub async fn metering_headers(request: Request, next: Next) -> Response {
    let ids = request.extensions().get::<RequestIds>().cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Some(ids) = ids {
        headers.insert(HeaderName::from_static(REQUEST_ID), ids.request);
        headers.insert(HeaderName::from_static(CORRELATION_ID), ids.correlation);
    }
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
