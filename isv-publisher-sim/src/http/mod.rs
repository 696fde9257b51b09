//! The only place that says `axum`. Every route stands here.

mod account;
mod assets;
mod choice;
mod console;
mod control;
mod extract;
mod failure;
mod guard;
mod inbox;
mod landing;
mod operations;
mod sign_in;
mod steps;
mod trace;
mod usage;
mod views;
mod visitor;
mod webhook;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use shared::assets::stylesheet_path;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;

/// The longest body of a request.
const BODY_MAX: usize = 64 * 1024;

/// Everything the publisher answers.
pub(crate) fn router(app: Arc<App>) -> Router {
    let pages = Router::new()
        .route("/", get(console::home))
        .route("/s/{sandbox}/{publisher}/landing", get(landing::show).post(landing::submit))
        .route("/s/{sandbox}/{publisher}/sign-in", get(visitor::choose))
        .route("/s/{sandbox}/{publisher}/signed-in", get(visitor::signed_in))
        .route("/s/{sandbox}/{publisher}/accounts/{subscription}", get(steps::account))
        .route(
            "/s/{sandbox}/{publisher}/accounts/{subscription}/steps/{step}",
            get(steps::show).post(steps::finish),
        )
        .route("/s/{sandbox}/console", get(console::show))
        .route("/s/{sandbox}/accounts/{subscription}", get(account::show))
        .route("/s/{sandbox}/accounts/{subscription}/steps", post(account::declare))
        .route("/s/{sandbox}/accounts/{subscription}/steps/{step}/done", post(account::finish))
        .route("/s/{sandbox}/accounts/{subscription}/steps/{step}/remove", post(account::remove))
        .route(
            "/s/{sandbox}/accounts/{subscription}/assign-licenses",
            post(console::assign_licenses),
        )
        .route("/s/{sandbox}/accounts/{subscription}/confirm-setup", post(console::confirm_setup))
        .route("/s/{sandbox}/console/webhooks", get(inbox::show))
        .route("/s/{sandbox}/console/behavior", post(inbox::set_behavior))
        .route("/s/{sandbox}/console/usage", get(usage::show))
        .route("/s/{sandbox}/console/reporting", post(usage::set_reporting))
        .route("/console/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route(stylesheet_path(), get(assets::stylesheet))
        .fallback(failure::not_found)
        .method_not_allowed_fallback(failure::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(app.clone(), guard::same_site));
    let operations = Router::new()
        .route("/health/live", get(operations::live))
        .route("/health/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics));
    // Called by programs, each with a bearer of its own: a webhook may come under a name that no page is asked for by.
    let programs = Router::new()
        .route("/s/{sandbox}/{publisher}/webhook", post(webhook::receive))
        .route(
            "/s/{sandbox}/{publisher}/behavior",
            get(control::show_behavior).put(control::set_behavior),
        )
        .layer(DefaultBodyLimit::max(BODY_MAX));
    pages
        .merge(programs)
        .merge(operations)
        .layer(from_fn(guard::headers))
        .layer(CatchPanicLayer::custom(failure::panicked))
        .layer(from_fn_with_state(app.clone(), trace::request))
        .with_state(app)
}
