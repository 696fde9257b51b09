//! One span, one metric and one journal row a request. Wraps every route but health, metrics and the document.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use serde_json::json;
use shared::{
    clock::Instant as SandboxInstant,
    entropy::{ordered_uuid, random_uuid},
    headers::{CORRELATION_ID, REHEARSE_NOW, REQUEST_ID},
};
use tracing::Instrument;
use uuid::Uuid;

use super::notes::{Noted, Notes};
use crate::{app::App, store::ExchangeRow};

/// Ids of a request: as its sender gave them, or made here (fulfillment.md 1.1).
#[derive(Debug, Clone)]
pub struct RequestIds {
    /// One request.
    pub request: HeaderValue,
    /// One action.
    pub correlation: HeaderValue,
    /// Ours.
    pub activity: HeaderValue,
    /// The id that was made for both, where the client sent neither; what the request starts is named after it (C34).
    pub own: Option<Uuid>,
}

impl RequestIds {
    /// What the client sent comes back unchanged (C03); what it did not send is made, and equal if both are (C02).
    pub fn of(app: &App, headers: &HeaderMap) -> Self {
        let sent = |name| headers.get(name).cloned();
        let (first, second) = (sent(REQUEST_ID), sent(CORRELATION_ID));
        let own = ordered_uuid(app.entropy.as_ref(), app.clock.now());
        let neither = first.is_none() && second.is_none();
        Self {
            request: first.unwrap_or_else(|| value(own)),
            correlation: second.unwrap_or_else(|| value(own)),
            activity: value(random_uuid(app.entropy.as_ref())),
            own: neither.then_some(own),
        }
    }
}

/// A GUID as a header value.
fn value(id: Uuid) -> HeaderValue {
    HeaderValue::try_from(id.to_string()).unwrap_or(HeaderValue::from_static("0"))
}

/// The middleware.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let notes = Notes::default();
    let ids = RequestIds::of(&app, request.headers());
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_default();
    let shown_id = ids.request.to_str().unwrap_or("(not text)").to_owned();
    let span = tracing::info_span!(
        "http.request", %method, path, request.id = shown_id,
        sandbox = tracing::field::Empty, caller = tracing::field::Empty,
        subscription.id = tracing::field::Empty, status = tracing::field::Empty,
        outcome = tracing::field::Empty,
    );
    request.extensions_mut().insert(notes.clone());
    request.extensions_mut().insert(ids);
    let mut response = next.run(request).instrument(span.clone()).await;

    let noted = notes.read();
    let status = response.status();
    let took = started.elapsed();
    count(&method, &path, status, took.as_secs_f64());
    tell(&span, &noted, status, took.as_millis());
    if let Some((sandbox, clock)) = &noted.sandbox {
        let now = clock.at(app.clock.now());
        if let Ok(value) = HeaderValue::try_from(SandboxInstant(now).to_string()) {
            response.headers_mut().insert(REHEARSE_NOW, value);
        }
        if let Some(name) = exchange_name(&method, &path) {
            let row = ExchangeRow {
                sandbox: sandbox.clone(),
                at: now,
                name,
                caller: noted.caller.clone().unwrap_or_else(|| "unknown".to_owned()),
                subscription: noted.subscription,
                took_us: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
                data: json!({
                    "method": method.as_str(), "path": path, "status": status.as_u16(),
                    "requestId": shown_id, "token": noted.token, "refusal": noted.refusal,
                }),
            };
            app.exchanges.record(row).await;
        }
    }
    response
}

fn count(method: &Method, path: &str, status: StatusCode, seconds: f64) {
    let labels = [
        ("method", method.as_str().to_owned()),
        ("path", path.to_owned()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("broker_requests_total", &labels).increment(1);
    metrics::histogram!("broker_request_seconds", &labels[..2]).record(seconds);
}

/// One line a request: who, where, how it ended.
fn tell(span: &tracing::Span, noted: &Noted, status: StatusCode, took_ms: u128) {
    if let Some((sandbox, _)) = &noted.sandbox {
        span.record("sandbox", sandbox.as_str());
    }
    if let Some(caller) = &noted.caller {
        span.record("caller", caller.as_str());
    }
    if let Some(subscription) = noted.subscription {
        span.record("subscription.id", tracing::field::display(subscription));
    }
    span.record("status", status.as_u16());
    let outcome = noted.refusal.as_deref().unwrap_or("answered");
    span.record("outcome", outcome);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(took_ms, token = noted.token, "answered {status}");
        } else {
            tracing::info!(took_ms, token = noted.token, "answered {status}");
        }
    });
}

/// The name of an exchange that belongs to the story; looking at clock and journal does not.
fn exchange_name(method: &Method, path: &str) -> Option<&'static str> {
    let after = |prefix: &str| path.strip_prefix(prefix);
    if let Some(rest) = after("/api/saas/subscriptions") {
        return match rest {
            "" => Some("listSubscriptions"),
            "/resolve" => Some("resolve"),
            "/{subscriptionId}" if method == Method::PATCH => Some("changeSubscription"),
            "/{subscriptionId}" if method == Method::DELETE => Some("unsubscribe"),
            "/{subscriptionId}" => Some("getSubscription"),
            "/{subscriptionId}/listAvailablePlans" => Some("listAvailablePlans"),
            "/{subscriptionId}/operations" => Some("listOperations"),
            "/{subscriptionId}/operations/{operationId}" if method == Method::PATCH => {
                Some("updateOperation")
            }
            "/{subscriptionId}/operations/{operationId}" => Some("getOperation"),
            "/{subscriptionId}/activate" => Some("activate"),
            "/{subscriptionId}/licenseAssignments" => Some("licenseAssignments"),
            "/{subscriptionId}/publisherSteps" if method == Method::PUT => Some("publisherSteps"),
            "/{subscriptionId}/publisherSteps" => Some("getPublisherSteps"),
            "/{subscriptionId}/publisherSteps/{step}/done" => Some("publisherStepDone"),
            "/{subscriptionId}/setup" => Some("setup"),
            _ => None,
        };
    }
    if let Some(rest) = after("/rehearsal/v1/sandboxes/{sandbox}") {
        return control_exchange_name(method, rest);
    }
    if let Some(rest) = after("/v1/") {
        return partner_exchange_name(method, rest);
    }
    match path {
        "/api/usageEvent" => Some("usageEvent"),
        "/api/batchUsageEvent" => Some("batchUsageEvent"),
        "/api/usageEvents" => Some("usageEvents"),
        "/{tenant}/oauth2/token" | "/{tenant}/oauth2/v2.0/token" => Some("token"),
        "/generatetoken" | "/v3/generatetoken" => Some("exchangeToken"),
        "/{tenant}/oauth2/authorize" | "/{tenant}/oauth2/v2.0/authorize" => {
            Some(if method == Method::POST { "accountChosen" } else { "authorize" })
        }
        "/{tenant}/oauth2/logout" | "/{tenant}/oauth2/v2.0/logout" => Some("logout"),
        "/oidc/userinfo" | "/{tenant}/openid/userinfo" => Some("userInfo"),
        "/v1.0/me" => Some("me"),
        _ => None,
    }
}

/// The same of the control API, in a sandbox.
fn control_exchange_name(method: &Method, path: &str) -> Option<&'static str> {
    match path {
        "/publisher" | "/publishers/{publisherId}" => Some("configurePublisher"),
        "/partners/{partnerId}" => Some("configurePartner"),
        "/partners/{partnerId}/tokens" => Some("partnerToken"),
        "/profile" => Some("setProfile"),
        "/quirks/{quirk}" => Some("setQuirk"),
        "/publishers/{publisherId}/client-keys" | "/partners/{partnerId}/client-keys"
            if method == Method::POST =>
        {
            Some("clientKey")
        }
        "/publishers/{publisherId}/client-keys/{kid}"
        | "/partners/{partnerId}/client-keys/{kid}" => Some("clientKey"),
        "/offers" => Some("publishOffers"),
        "/purchases" => Some("purchase"),
        "/subscriptions/{subscriptionId}/activation-links" => Some("activationLink"),
        "/subscriptions/{subscriptionId}/actions" => Some("action"),
        "/subscriptions/{subscriptionId}/publisher-steps" => Some("publisherSteps"),
        "/subscriptions/{subscriptionId}/publisher-steps/{step}/done" => Some("publisherStepDone"),
        "/subscriptions/{subscriptionId}/duties/url-sent" => Some("urlSent"),
        "/deliveries/{deliveryId}/redeliver" => Some("redeliver"),
        "/deliveries/hold" => Some("holdDeliveries"),
        "/deliveries/release" => Some("releaseDeliveries"),
        "/token-keys" => Some("tokenKey"),
        "/signing-keys" => Some("signingKey"),
        "/clock/advance" => Some("clockAdvance"),
        "/clock/freeze" => Some("clockFreeze"),
        "/clock/resume" => Some("clockResume"),
        _ => None,
    }
}

/// The same of the partner face, after `/v1/`.
fn partner_exchange_name(method: &Method, path: &str) -> Option<&'static str> {
    match path {
        "customers" if method == Method::POST => Some("createCustomer"),
        "customers" => Some("listCustomers"),
        "customers/{customerId}" if method == Method::DELETE => Some("deleteCustomer"),
        "customers/{customerId}" => Some("getCustomer"),
        "products" | "customers/{customerId}/products" => Some("listProducts"),
        "products/{productId}" | "customers/{customerId}/products/{productId}" => {
            Some("getProduct")
        }
        "products/{productId}/skus" | "customers/{customerId}/products/{productId}/skus" => {
            Some("listSkus")
        }
        "products/{productId}/skus/{skuId}"
        | "customers/{customerId}/products/{productId}/skus/{skuId}" => Some("getSku"),
        "products/{productId}/skus/{skuId}/availabilities"
        | "customers/{customerId}/products/{productId}/skus/{skuId}/availabilities" => {
            Some("listAvailabilities")
        }
        "products/{productId}/skus/{skuId}/availabilities/{availabilityId}"
        | "customers/{customerId}/products/{productId}/skus/{skuId}/availabilities/{availabilityId}" => {
            Some("getAvailability")
        }
        "profiles/mpn" => Some("getMpnProfile"),
        "customers/{customerId}/profiles/company" => Some("getCompanyProfile"),
        "customers/{customerId}/profiles/billing" => Some("getBillingProfile"),
        "relationships" | "customers/{customerId}/relationships" => Some("listRelationships"),
        "compliance/csp/agreementstatus" => Some("getAgreementStatus"),
        "agreements" => Some("listAgreementMetadata"),
        "customers/{customerId}/agreements" if method == Method::POST => Some("confirmAgreement"),
        "customers/{customerId}/agreements" => Some("listAgreements"),
        _ => path.strip_prefix("customers/{customerId}/").and_then(|rest| sale_name(method, rest)),
    }
}

/// The same of what is sold to a customer, after its id.
fn sale_name(method: &Method, path: &str) -> Option<&'static str> {
    match path {
        "carts" => Some("createCart"),
        "carts/{cartId}" if method == Method::PUT => Some("replaceCart"),
        "carts/{cartId}" => Some("getCart"),
        "carts/{cartId}/checkout" => Some("checkOut"),
        "orders" if method == Method::POST => Some("placeOrder"),
        "orders" => Some("listOrders"),
        "orders/{orderId}" if method == Method::PATCH => Some("cancelOrder"),
        "orders/{orderId}" => Some("getOrder"),
        "orders/{orderId}/provisioningstatus" => Some("orderProvisioningStatus"),
        "orders/{orderId}/activationlinks"
        | "orders/{orderId}/lineitems/{lineItemNumber}/activationlinks"
        | "subscriptions/{subscriptionId}/activationlinks" => Some("activationLinks"),
        "subscriptions/{subscriptionId}/activate" => Some("activateInSandbox"),
        "subscriptions" => Some("partnerSubscriptions"),
        "subscriptions/{subscriptionId}" if method == Method::PATCH => Some("amendSubscription"),
        "subscriptions/{subscriptionId}" => Some("partnerSubscription"),
        "subscriptions/{subscriptionId}/provisioningstatus" => Some("provisioningStatus"),
        "subscriptions/{subscriptionId}/duties" => Some("duties"),
        "subscriptions/{subscriptionId}/duties/urlsent" => Some("urlSent"),
        _ => None,
    }
}
