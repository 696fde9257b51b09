//! Absolute URLs in answers: on the public URL if one is set, else on the host that the client used. Called by list,
//! change and cancel.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, uri::Authority},
    response::{IntoResponse, Response},
};
use shared::{
    headers::{OPERATION_ID, OPERATION_LOCATION},
    ids::{OperationId, SubscriptionId},
};

use super::problem::API_VERSION;
use crate::app::App;

/// Seconds after which it is worth asking how an operation stands (C34).
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("10");

/// The absolute URL of a path of ours.
pub fn absolute(app: &App, headers: &HeaderMap, path: &str) -> String {
    let used = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let used = used.and_then(|host| host.parse::<Authority>().ok());
    match (&app.public_url, used) {
        (Some(base), _) => format!("{base}{path}"),
        (None, Some(host)) => {
            let scheme = if app.own_url.starts_with("https:") { "https" } else { "http" };
            format!("{scheme}://{host}{path}")
        }
        (None, None) => format!("{}{path}", app.own_url),
    }
}

/// 202 with where the operation is, and all that the real service says beside it (C33, C34).
pub fn accepted(
    app: &App,
    headers: &HeaderMap,
    (subscription, operation): (SubscriptionId, OperationId),
    all_headers: bool,
) -> Response {
    let path = format!(
        "/api/saas/subscriptions/{subscription}/operations/{operation}?api-version={API_VERSION}"
    );
    let mut response = StatusCode::ACCEPTED.into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    if all_headers {
        answer.insert(header::RETRY_AFTER, ASK_AGAIN);
    }
    let id = all_headers.then(|| (OPERATION_ID, operation.to_string()));
    let location = (OPERATION_LOCATION, absolute(app, headers, &path));
    for (name, value) in [location].into_iter().chain(id) {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
