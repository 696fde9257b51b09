//! Every route on one screen. The only folder that says "axum" (with `server.rs`). A handler reads its request, runs
//! one command or query, and writes the answer; rules live in `domain`, and each face has its own `problem.rs`.

mod body;
mod document;
mod extract;
mod fulfillment;
pub mod hosts;
mod identity;
mod metering;
mod notes;
pub mod observe;
mod operations;
mod page;
mod partner_center;
mod paths;
mod rehearsal;
mod words;

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use identity::issue::Fresh as FreshTokens;
pub use partner_center::rate::Rates;
use rehearsal::problem::plain;
pub use rehearsal::{publisher::confirmation as publisher_confirmation, sandboxes::token_key};

/// How long a handler may take; an advance over many timers is the longest.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// The publisher face.
fn fulfillment() -> OpenApiRouter<App> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(fulfillment::resolve::resolve))
        .routes(routes!(fulfillment::list::list_subscriptions))
        .routes(routes!(
            fulfillment::subscription::get_subscription,
            fulfillment::change::change_subscription,
            fulfillment::cancel::cancel_subscription
        ))
        .routes(routes!(fulfillment::plans::list_available_plans))
        .routes(routes!(fulfillment::operations::list_operations))
        .routes(routes!(
            fulfillment::operations::get_operation,
            fulfillment::operations::update_operation
        ))
        .routes(routes!(fulfillment::activate::activate))
        .routes(routes!(fulfillment::license_assignments::assign_licenses))
        .routes(routes!(
            fulfillment::publisher_steps::declare_steps,
            fulfillment::publisher_steps::list_steps
        ))
        .routes(routes!(fulfillment::publisher_steps::finish_step))
        .routes(routes!(fulfillment::setup::report_setup));
    document::publisher_face(router.get_openapi_mut());
    router.layer(middleware::from_fn(fulfillment::headers::answer_headers))
}

/// The metering face, towards publishers too.
fn metering() -> OpenApiRouter<App> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(metering::usage_event::report_usage))
        .routes(routes!(metering::batch::report_usage_batch))
        .routes(routes!(metering::usage_events::list_usage));
    document::publisher_face(router.get_openapi_mut());
    router.layer(middleware::from_fn(fulfillment::headers::metering_headers))
}

/// The partner face: what is for sale, by country and to a customer.
fn partner_catalogue() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(partner_center::products::list_products))
        .routes(routes!(partner_center::products::get_product))
        .routes(routes!(partner_center::skus::list_skus))
        .routes(routes!(partner_center::skus::get_sku))
        .routes(routes!(partner_center::availabilities::list_availabilities))
        .routes(routes!(partner_center::availabilities::get_availability))
        .routes(routes!(partner_center::products::list_customer_products))
        .routes(routes!(partner_center::products::get_customer_product))
        .routes(routes!(partner_center::skus::list_customer_skus))
        .routes(routes!(partner_center::skus::get_customer_sku))
        .routes(routes!(partner_center::availabilities::list_customer_availabilities))
        .routes(routes!(partner_center::availabilities::get_customer_availability))
}

/// The partner face: partners about each other, and what was agreed to.
fn partner_agreements() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(partner_center::customer_profiles::get_company_profile))
        .routes(routes!(partner_center::customer_profiles::get_billing_profile))
        .routes(routes!(partner_center::mpn_profile::get_mpn_profile))
        .routes(routes!(partner_center::relationships::list_relationships))
        .routes(routes!(partner_center::relationships::list_customer_relationships))
        .routes(routes!(partner_center::agreement_status::get_agreement_status))
        .routes(routes!(partner_center::agreements::list_agreement_metadata))
        .routes(routes!(
            partner_center::agreements::list_agreements,
            partner_center::agreements::confirm_agreement
        ))
}

/// The partner face.
fn partner_center(app: &App) -> OpenApiRouter<App> {
    let mut router = OpenApiRouter::new()
        .merge(partner_catalogue())
        .merge(partner_agreements())
        .routes(routes!(identity::exchange::generate_token))
        .routes(routes!(identity::exchange::generate_token_v3))
        .routes(routes!(
            partner_center::customers::list_customers,
            partner_center::customers::create_customer
        ))
        .routes(routes!(
            partner_center::customers::get_customer,
            partner_center::customers::delete_customer
        ))
        .routes(routes!(partner_center::carts::create_cart))
        .routes(routes!(partner_center::carts::get_cart, partner_center::carts::replace_cart))
        .routes(routes!(partner_center::checkout::check_out))
        .routes(routes!(partner_center::orders::list_orders, partner_center::orders::place_order))
        .routes(routes!(partner_center::orders::get_order, partner_center::orders::cancel_order))
        .routes(routes!(partner_center::orders::get_provisioning))
        .routes(routes!(partner_center::activation_links::links_of_order))
        .routes(routes!(partner_center::activation_links::links_of_line))
        .routes(routes!(partner_center::activation_links::links_of_subscription))
        .routes(routes!(partner_center::activate::activate_in_sandbox))
        .routes(routes!(partner_center::subscriptions::list_subscriptions))
        .routes(routes!(
            partner_center::subscriptions::get_subscription,
            partner_center::amend::amend_subscription
        ))
        .routes(routes!(partner_center::subscriptions::get_provisioning_status))
        .routes(routes!(partner_center::duties::get_duties))
        .routes(routes!(partner_center::duties::record_url_sent));
    document::partner_face(router.get_openapi_mut());
    let headers =
        middleware::from_fn_with_state(app.clone(), partner_center::headers::answer_headers);
    router.layer(middleware::from_fn(partner_center::mfa::answer_mfa)).layer(headers)
}

/// The control API.
fn rehearsal() -> OpenApiRouter<App> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(rehearsal::sandboxes::list_sandboxes, rehearsal::sandboxes::create_sandbox))
        .routes(routes!(rehearsal::sandboxes::get_sandbox))
        .routes(routes!(rehearsal::quirks::get_table))
        .routes(routes!(rehearsal::quirks::get_quirks))
        .routes(routes!(rehearsal::quirks::set_quirk))
        .routes(routes!(rehearsal::quirks::set_profile))
        .routes(routes!(rehearsal::publisher::configure_first_publisher))
        .routes(routes!(rehearsal::publisher::configure_publisher))
        .routes(routes!(rehearsal::partner::configure_partner))
        .routes(routes!(rehearsal::partner::issue_partner_token))
        .routes(routes!(
            rehearsal::client_keys::list_client_keys,
            rehearsal::client_keys::register_client_key
        ))
        .routes(routes!(rehearsal::client_keys::drop_client_key))
        .routes(routes!(
            rehearsal::partner_client_keys::list_partner_keys,
            rehearsal::partner_client_keys::register_partner_key
        ))
        .routes(routes!(rehearsal::partner_client_keys::drop_partner_key))
        .routes(routes!(rehearsal::signing_keys::rotate_signing_key))
        .routes(routes!(rehearsal::token_keys::rotate_token_key))
        .routes(routes!(rehearsal::offers::publish_offers))
        .routes(routes!(rehearsal::purchases::purchase))
        .routes(routes!(rehearsal::activation_links::issue_activation_link))
        .routes(routes!(rehearsal::subscriptions::get_subscription))
        .routes(routes!(rehearsal::publisher_steps::declare_steps))
        .routes(routes!(rehearsal::publisher_steps::finish_step))
        .routes(routes!(rehearsal::duties::record_url_sent))
        .routes(routes!(rehearsal::charges::get_charges))
        .routes(routes!(rehearsal::usage::get_usage))
        .routes(routes!(rehearsal::actions::act))
        .routes(routes!(rehearsal::clock::get_clock))
        .routes(routes!(rehearsal::clock::advance))
        .routes(routes!(rehearsal::clock::freeze))
        .routes(routes!(rehearsal::clock::resume))
        .routes(routes!(rehearsal::deliveries::list_deliveries))
        .routes(routes!(rehearsal::deliveries::get_delivery))
        .routes(routes!(rehearsal::deliveries::redeliver))
        .routes(routes!(rehearsal::deliveries::hold_deliveries))
        .routes(routes!(rehearsal::deliveries::release_deliveries))
        .routes(routes!(rehearsal::journal::get_journal));
    document::control_api(router.get_openapi_mut());
    router
}

/// The authority: tokens, and what proves them.
fn identity() -> OpenApiRouter<App> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(identity::token::token_v1))
        .routes(routes!(identity::token::token_v2))
        .routes(routes!(identity::authorize::authorize, identity::authorize::choose))
        .routes(routes!(identity::authorize_v1::authorize_v1, identity::authorize_v1::choose_v1))
        .routes(routes!(identity::logout::logout))
        .routes(routes!(identity::logout::logout_v1))
        .routes(routes!(identity::person::userinfo))
        .routes(routes!(identity::person::userinfo_v1))
        .routes(routes!(identity::person::me))
        .routes(routes!(identity::discovery::keys_v1))
        .routes(routes!(identity::discovery::keys_v2))
        .routes(routes!(identity::discovery::metadata_v1))
        .routes(routes!(identity::discovery::metadata_v2))
        .routes(routes!(identity::discovery::instance));
    document::authority(router.get_openapi_mut());
    router
}

/// The whole broker.
pub fn router(app: App) -> Router {
    let observed = OpenApiRouter::new()
        .merge(fulfillment())
        .merge(metering())
        .merge(partner_center(&app))
        .merge(rehearsal())
        .merge(identity())
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe));
    let (router, document) = OpenApiRouter::with_openapi(document::head())
        .merge(observed)
        .routes(routes!(operations::live))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
        .split_for_parts();
    let routes = router
        .merge(operations::openapi(document::finished(document)))
        .route(shared::assets::stylesheet_path(), axum::routing::get(page::stylesheet))
        .fallback(|| async { plain(StatusCode::NOT_FOUND, "there is nothing at this address") })
        .method_not_allowed_fallback(wrong_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME_LIMIT))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| broken()))
        .with_state(app);
    // Paths are put into the form of the routes before a route is looked for.
    Router::new().fallback_service(routes).layer(middleware::from_fn(paths::as_routed))
}

/// An address that takes other methods; the token endpoints say so in their own words.
async fn wrong_method(State(app): State<App>, method: Method, uri: Uri) -> Response {
    identity::token::wrong_method(&app, &method, uri.path()).unwrap_or_else(|| {
        plain(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method")
            .into_response()
    })
}

/// A handler panicked. The panic itself is in the log.
fn broken() -> Response {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "the broker broke while answering; see its log")
        .into_response()
}
