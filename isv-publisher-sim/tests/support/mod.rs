//! A stand-in for the marketplace and a browser, for the tests of the publisher alone. Used by `story.rs`.

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
use isv_publisher_sim::{
    config::Config,
    server::{self, Outside, Running},
};
use serde_json::{Value, json};
use shared::secret::Secret;
use tempfile::TempDir;

/// The subscription every good token stands for.
pub const SUBSCRIPTION: &str = "5f1c09ab-7d42-4e0b-9a53-1c2e88d0f6b7";
/// A token with all three characters that careless decoding breaks.
pub const TOKEN: &str = "a+b/c==";
/// The stand-in's control token.
pub const CONTROL_TOKEN: &str = "control";
const NOW: &str = "2027-01-31T09:00:00.000000Z";

/// What the stand-in knows and does.
#[derive(Debug, Clone)]
pub struct World {
    pub status: &'static str,
    pub license_confirmation: &'static str,
    pub quantity: i64,
    pub assigned: i64,
    /// Statuses to answer the next calls of `licenseAssignments` and `activate` with, before they work.
    pub faults: Vec<u16>,
    /// Accept the next activation, and answer 500 all the same.
    pub lose_next_activation: bool,
    /// Refuse every bearer made before.
    pub bearer: u32,
    pub calls: Vec<String>,
}

type Shared = Arc<Mutex<World>>;

/// Publisher and stand-in, both on free ports.
pub struct Setting {
    pub world: Shared,
    pub broker: String,
    pub folder: TempDir,
    pub publisher: Option<Running>,
}

impl Setting {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let world = World {
            status: "PendingFulfillmentStart",
            license_confirmation: "explicit",
            quantity: 2,
            assigned: 0,
            faults: Vec::new(),
            lose_next_activation: false,
            bearer: 0,
            calls: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let broker = format!("http://{}", listener.local_addr().unwrap());
        let router = router(world.clone());
        let serving = axum::serve(listener, router);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { serving.await });
        let mut setting = Self { world, broker, folder: TempDir::new().unwrap(), publisher: None };
        setting.start(change).await;
        setting
    }

    pub async fn start(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = Config {
            port: 0,
            broker_url: self.broker.parse().unwrap(),
            data_dir: self.folder.path().join("data"),
            ..Config::default()
        };
        change(&mut config);
        let listener = server::bind(&config).unwrap();
        let token = Secret::new(CONTROL_TOKEN.to_owned());
        let started = server::start(config, token, listener, Outside::system()).await;
        self.publisher = Some(started.unwrap_or_else(|error| panic!("{error}")));
    }

    pub async fn stop(&mut self) {
        self.publisher.take().unwrap().stop().await;
    }

    pub fn world(&self) -> World {
        self.world.lock().unwrap().clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    pub fn browser(&self) -> Browser {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Browser { client, base: self.publisher.as_ref().unwrap().url().to_owned() }
    }
}

/// A browser that shows each redirect.
pub struct Browser {
    pub client: reqwest::Client,
    pub base: String,
}

/// What it was shown.
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Shown {
    pub fn location(&self) -> &str {
        self.headers["location"].to_str().unwrap()
    }

    /// The token of the page's first form.
    pub fn csrf(&self) -> String {
        let after = self.text.split("name=\"csrf\" value=\"").nth(1).expect("a form");
        after.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub async fn get(&self, path: &str) -> Shown {
        shown(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Shown {
        shown(self.client.post(format!("{}{path}", self.base)).form(form)).await
    }

    /// Follows an activation link to the landing page.
    pub async fn arrive(&self) -> Shown {
        let moved = self.get("/s/default/contoso/landing?token=a%2Bb%2Fc%3D%3D").await;
        assert_eq!((moved.status, moved.location()), (303, "/s/default/contoso/landing"));
        self.get("/s/default/contoso/landing").await
    }

    /// Submits the form of the landing page.
    pub async fn submit(&self, csrf: &str, people: &str) -> Shown {
        let form = [
            ("csrf", csrf),
            ("site_address", "hanbit"),
            ("admin_name", "이하은"),
            ("admin_email", "haeun@hanbit.example"),
            ("people", people),
        ];
        self.post("/s/default/contoso/landing", &form).await
    }

    /// Signs in to the console and answers the token of its forms.
    pub async fn sign_in(&self) -> String {
        let form = [("token", CONTROL_TOKEN), ("sandbox", "default")];
        let moved = self.post("/console/sign-in", &form).await;
        assert_eq!((moved.status, moved.location()), (303, "/s/default/console"));
        self.get("/s/default/console").await.csrf()
    }

    /// Presses a button of the console and shows what it shows then.
    pub async fn press(&self, button: &str, csrf: &str) -> Shown {
        let path = format!("/s/default/accounts/{SUBSCRIPTION}/{button}");
        let moved = self.post(&path, &[("csrf", csrf)]).await;
        assert_eq!(moved.status, 303, "{}", moved.text);
        self.get("/s/default/console").await
    }
}

pub async fn shown(request: reqwest::RequestBuilder) -> Shown {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Shown { status, headers, text: response.text().await.unwrap() }
}

fn router(world: Shared) -> Router {
    Router::new()
        .route("/rehearsal/v1/sandboxes/{s}", get(sandbox))
        .route("/rehearsal/v1/sandboxes/{s}/clock", get(clock))
        .route("/{tenant}/oauth2/token", post(token))
        .route("/api/saas/subscriptions/resolve", post(resolve))
        .route("/api/saas/subscriptions/{id}", get(subscription))
        .route("/api/saas/subscriptions/{id}/activate", post(activate))
        .route("/api/saas/subscriptions/{id}/licenseAssignments", put(assign))
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
    let confirmation = world.lock().unwrap().license_confirmation;
    let publisher = json!({"publisherId": "contoso", "name": "Contoso", "tenantId": "t1",
        "clientId": "c1", "clientSecret": "s1", "licenseConfirmation": confirmation});
    let partner = json!({"partnerId": "p", "name": "Alder & Finch", "kind": "directBill",
        "tenantId": "t2", "clientId": "c2", "clientSecret": "s2", "mpnId": "1"});
    Json(json!({
        "id": "default", "clock": {"now": NOW, "frozen": true},
        "publisher": publisher, "publishers": [publisher],
        "partner": partner, "partners": [partner],
        "customers": [{"customerId": "t3", "name": "Hanbit Garam", "country": "KR",
            "partnerId": "p", "domain": "hanbit.example"}],
        "offers": [{"offerId": "desk", "publisherId": "contoso", "name": "Contoso Desk", "plans": []}],
    }))
    .into_response()
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

fn body(world: &World) -> Value {
    let party =
        |tenant: &str| json!({"emailId": "", "objectId": "", "tenantId": tenant, "puid": ""});
    json!({"id": SUBSCRIPTION, "publisherId": "contoso", "offerId": "desk", "name": "Our desk",
        "saasSubscriptionStatus": world.status, "beneficiary": party("t3"),
        "purchaser": party("t2"), "planId": "gold", "term": {"termUnit": "P1M"},
        "autoRenew": true, "isTest": false, "isFreeTrial": false,
        "allowedCustomerOperations": ["Read"], "sandboxType": "None", "created": NOW,
        "lastModified": "0001-01-01T00:00:00", "quantity": world.quantity, "sessionMode": "None"})
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
            "planId": "gold", "quantity": world.quantity, "subscription": body(&world)}))
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
    Json(body(&world)).into_response()
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
    world.status = "Subscribed";
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
