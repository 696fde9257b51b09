//! One span a request. The path is logged, the query never: it may hold a purchase token.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, field::Empty};

use crate::app::App;

/// Puts the request into a span of its own and tells how it ended.
pub(super) async fn request(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let sandbox = path.strip_prefix("/s/").and_then(|rest| rest.split('/').next()).unwrap_or("");
    let sandbox: String = sandbox.chars().take(40).collect();
    let span = tracing::info_span!(
        "http.request.serve", request.id = app.new_id(), method = %request.method(), path,
        sandbox, status = Empty, took_ms = Empty, outcome = Empty
    );
    let quiet = path.starts_with("/health/");
    let began = app.clock.now();
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("status", status.as_u16());
    span.record("took_ms", app.clock.now().duration_since(began).as_millis_f64());
    let outcome = match status.as_u16() {
        ..400 => "done",
        400..500 => "refused",
        _ => "failed",
    };
    span.record("outcome", outcome);
    if !quiet {
        span.in_scope(|| tracing::info!("{outcome}"));
    }
    response
}
