//! Health, metrics and the OpenAPI document: for those who run the broker. No credential, no sandbox, no secret.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use shared::rehearsal::Problem;

use super::rehearsal::problem::plain;
use crate::{app::App, telemetry};

/// Whether the process answers
#[utoipa::path(
    get, path = "/health/live", tag = "operations",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain"))
)]
pub async fn live() -> &'static str {
    "live"
}

/// Whether the database answers and bearer tokens can be had
#[utoipa::path(
    get, path = "/health/ready", tag = "operations",
    responses(
        (status = 200, description = "It does", body = String, content_type = "text/plain"),
        (status = 503, description = "It does not", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ready(State(app): State<App>) -> Response {
    let mut conn = match app.store.read().await {
        Ok(conn) => conn,
        Err(_) => return plain(StatusCode::SERVICE_UNAVAILABLE, "the database is out of reach"),
    };
    match crate::store::count_sandboxes(&mut conn).await {
        Ok(_) if app.keys.is_ready() => "ready".into_response(),
        Ok(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the signing key is being made"),
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer"),
    }
}

/// Counters and times of this process, for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"))
)]
pub async fn metrics() -> Response {
    match telemetry::metrics() {
        Some(handle) => {
            handle.run_upkeep();
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            ([(header::CONTENT_TYPE, kind)], handle.render()).into_response()
        }
        None => plain(StatusCode::NOT_FOUND, "this process keeps no metrics"),
    }
}

/// `/openapi.json`, made from the routes themselves.
pub fn openapi(document: utoipa::openapi::OpenApi) -> Router<App> {
    let document = serde_json::to_string(&document).unwrap_or_default();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    let answer = move || async move { ([(header::CONTENT_TYPE, json)], document) };
    Router::new().route("/openapi.json", get(answer))
}
