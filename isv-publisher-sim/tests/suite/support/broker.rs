//! The stand-in for the marketplace: answers what the publisher asks, and does wrong when it is told to. Started by
//! `Setting`.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};

use super::{
    CONTROL_TOKEN, identity,
    world::{NOW, SUBSCRIPTION, TOKEN, World},
};

type Shared = Arc<Mutex<World>>;

/// Starts it on a free port and answers its address.
pub async fn start(world: Shared) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = axum::serve(listener, router(world));
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move { serving.await });
    address
}

fn router(world: Shared) -> Router {
    Router::new()
        .route("/rehearsal/v1/sandboxes/{s}", get(sandbox))
        .route("/rehearsal/v1/sandboxes/{s}/clock", get(clock))
        .route("/{tenant}/oauth2/token", post(token))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/api/saas/subscriptions/resolve", post(resolve))
        .route("/api/saas/subscriptions/{id}", get(subscription))
        .route("/api/saas/subscriptions/{id}/activate", post(activate))
        .route(
            "/api/saas/subscriptions/{id}/operations/{operation}",
            get(operation).patch(answer_operation),
        )
        .route("/api/saas/subscriptions/{id}/licenseAssignments", put(assign))
        .route("/api/saas/subscriptions/{id}/setup", put(setup))
        .route("/api/saas/subscriptions/{id}/publisherSteps", put(declare))
        .route("/api/saas/subscriptions/{id}/publisherSteps/{step}/done", post(finish))
        .merge(identity::routes())
        .layer(from_fn(|request: Request, next: Next| async {
            let mut response = next.run(request).await;
            response.headers_mut().insert("x-rehearse-now", NOW.parse().unwrap());
            response
        }))
        .with_state(world)
}

async fn sandbox(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if headers["authorization"] != format!("Bearer {CONTROL_TOKEN}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if id != "default" {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(world.lock().unwrap().sandbox()).into_response()
}

async fn keys(State(world): State<Shared>, Path(tenant): Path<String>) -> Response {
    let mut world = world.lock().unwrap();
    world.calls.push("keys".to_owned());
    if world.keys_down {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    } else if tenant != world.tenant {
        StatusCode::BAD_REQUEST.into_response()
    } else {
        Json(json!({"keys": world.keys})).into_response()
    }
}

async fn clock(Path(id): Path<String>) -> Response {
    if id == "default" {
        Json(json!({"now": NOW, "frozen": true})).into_response()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn token(State(world): State<Shared>, body: String) -> Response {
    assert!(body.contains("grant_type=client_credentials") && body.contains("client_secret=s1"));
    let mut world = world.lock().unwrap();
    world.calls.push("token".to_owned());
    let access_token = format!("bearer-{}", world.bearer);
    Json(json!({"token_type": "Bearer", "expires_in": "3600", "ext_expires_in": "3600",
        "expires_on": "0", "not_before": "0", "resource": "r", "access_token": access_token}))
    .into_response()
}

/// Notes the call; answers the refusal if its bearer is not the newest.
fn refusal(world: &mut World, name: &str, headers: &HeaderMap) -> Option<Response> {
    world.calls.push(name.to_owned());
    if headers["authorization"] == format!("Bearer bearer-{}", world.bearer) {
        None
    } else {
        Some((StatusCode::FORBIDDEN, Json("The token is invalid.")).into_response())
    }
}

async fn resolve(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = refusal(&mut world, "resolve", &headers) {
        return refused;
    }
    let refused = |message: &str| {
        let body = json!({"message": message, "target": "token", "code": "InvalidValue"});
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    match headers["x-ms-marketplace-token"].to_str().unwrap() {
        TOKEN => {
            Json(json!({"id": SUBSCRIPTION, "subscriptionName": "Our desk", "offerId": "desk",
            "planId": world.plan, "quantity": world.quantity, "subscription": world.subscription()}))
            .into_response()
        }
        "old" => refused("The token has expired."),
        "foreign" => (StatusCode::FORBIDDEN, Json("Another app.")).into_response(),
        "down" => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => refused("The token cannot be decoded."),
    }
}

async fn subscription(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = refusal(&mut world, "getSubscription", &headers) {
        return refused;
    }
    Json(world.subscription()).into_response()
}

fn fault(world: &mut World) -> Option<Response> {
    if world.faults.is_empty() {
        return None;
    }
    let status = StatusCode::from_u16(world.faults.remove(0)).unwrap();
    Some((status, Json(json!({"message": "A fault that was asked for."}))).into_response())
}

async fn activate(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = refusal(&mut world, "activate", &headers) {
        return refused;
    }
    if let Some(fault) = fault(&mut world) {
        return fault;
    }
    if world.status != "PendingFulfillmentStart" {
        let body = json!({"message": "The subscription is not pending."});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    world.activate();
    if std::mem::take(&mut world.lose_next_activation) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    StatusCode::OK.into_response()
}

async fn assign(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = refusal(&mut world, "licenseAssignments", &headers) {
        return refused;
    }
    if let Some(fault) = fault(&mut world) {
        return fault;
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    world.assigned = i64::try_from(body["assignedTo"].as_array().unwrap().len()).unwrap();
    let complete = world.assigned == world.quantity;
    let mut answer =
        json!({"required": world.quantity, "assigned": world.assigned, "complete": complete});
    if complete {
        answer["confirmedAt"] = NOW.into();
    }
    Json(answer).into_response()
}

/// Why an extension does not work now.
fn unwilling(world: &mut World, headers: &HeaderMap) -> Option<Response> {
    if headers["authorization"] != format!("Bearer bearer-{}", world.bearer) {
        return Some((StatusCode::FORBIDDEN, Json("The token is invalid.")).into_response());
    }
    if world.extension_faults.is_empty() {
        return None;
    }
    let status = StatusCode::from_u16(world.extension_faults.remove(0)).unwrap();
    Some((status, Json(json!({"message": "An extension that fails."}))).into_response())
}

async fn setup(State(world): State<Shared>, headers: HeaderMap, body: Json<Value>) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = unwilling(&mut world, &headers) {
        return refused;
    }
    world.setups.push(body.0);
    Json(json!({})).into_response()
}

async fn declare(State(world): State<Shared>, headers: HeaderMap, body: Json<Value>) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = unwilling(&mut world, &headers) {
        return refused;
    }
    world.lists.push(body.0["steps"].clone());
    Json(body.0).into_response()
}

async fn finish(
    State(world): State<Shared>,
    Path((_, step)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = unwilling(&mut world, &headers) {
        return refused;
    }
    world.done.push(step);
    Json(json!({})).into_response()
}

async fn operation(
    State(world): State<Shared>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut world = world.lock().unwrap();
    if let Some(refused) = refusal(&mut world, "getOperation", &headers) {
        return refused;
    }
    if world.api_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match world.operations.get(&id) {
        Some(operation) => Json(operation.clone()).into_response(),
        None => unknown_operation(),
    }
}

fn unknown_operation() -> Response {
    let body = json!({"message": "Failed to find operation", "code": "NotFound"});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn answer_operation(
    State(world): State<Shared>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mut world = world.lock().unwrap();
    let status = body["status"].as_str().unwrap().to_owned();
    if let Some(refused) = refusal(&mut world, &format!("patch{status}"), &headers) {
        return refused;
    }
    if let Some(fault) = fault(&mut world) {
        return fault;
    }
    let Some(operation) = world.operations.get(&id) else { return unknown_operation() };
    if !["NotStarted", "InProgress"].contains(&operation["status"].as_str().unwrap()) {
        let body = json!({"message": headers["x-ms-requestid"].to_str().unwrap()});
        return (StatusCode::CONFLICT, Json(body)).into_response();
    }
    world.decide(&id, status == "Success");
    StatusCode::OK.into_response()
}
