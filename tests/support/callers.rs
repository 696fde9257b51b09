//! Callers, named by who they are: nobody, the operator of a rehearsal, a publisher's app. Made by `world.rs`.

use jsonwebtoken::Header;
use reqwest::{
    Client, ClientBuilder, Method, RequestBuilder, header::AUTHORIZATION, redirect::Policy,
};
use serde_json::{Value, json};
use shared::{identity::MARKETPLACE_RESOURCE, rehearsal::Publisher};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::{Answer, Ask, wait};

/// The only version of the publisher face.
pub const API_VERSION: &str = "2018-08-31";

/// A client that follows nothing and takes no proxy. Everything here is plain HTTP, so it reads none of the machine's
/// certificates, which would be most of a test's time.
pub fn client() -> ClientBuilder {
    Client::builder().no_proxy().tls_certs_only([]).redirect(Policy::none())
}

/// Somebody without a credential.
#[derive(Clone)]
pub struct Anonymous {
    http: Client,
    base: String,
}

impl Anonymous {
    pub fn new(base: &str) -> Self {
        Self { http: client().build().expect("a client"), base: base.to_owned() }
    }

    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).ask().await
    }

    /// Asks the token endpoint.
    pub async fn token(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        self.call(Method::POST, &format!("/{tenant}/oauth2/token")).form(form).ask().await
    }
}

/// The operator of a rehearsal, in one sandbox.
#[derive(Clone)]
pub struct Operator {
    anon: Anonymous,
    pub token: String,
    pub sandbox: String,
}

impl Operator {
    pub fn new(base: &str, token: &str, sandbox: &str) -> Self {
        let anon = Anonymous::new(base);
        Self { anon, token: token.to_owned(), sandbox: sandbox.to_owned() }
    }

    /// The same person in another sandbox.
    pub fn in_sandbox(&self, sandbox: &str) -> Self {
        Self { sandbox: sandbox.to_owned(), ..self.clone() }
    }

    /// A call under `/rehearsal/v1`.
    pub fn call_root(&self, method: Method, path: &str) -> RequestBuilder {
        self.anon.call(method, &format!("/rehearsal/v1{path}")).bearer_auth(&self.token)
    }

    /// A call under the sandbox.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.call_root(method, &format!("/sandboxes/{}{path}", self.sandbox))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).ask().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).ask().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path).json(body).ask().await
    }

    pub async fn create_sandbox(&self, body: &Value) -> Answer {
        self.call_root(Method::POST, "/sandboxes").json(body).ask().await
    }

    pub async fn purchase(&self, body: &Value) -> Answer {
        self.post("/purchases", body).await
    }

    /// The whole truth about a subscription.
    pub async fn truth(&self, id: &str) -> Answer {
        self.get(&format!("/subscriptions/{id}")).await.is(200)
    }

    /// The same once billing has started.
    pub async fn billed(&self, id: &str) -> Answer {
        wait::until("both keys", async || {
            let truth = self.truth(id).await;
            (!truth.at("/billingStartedAt").is_null()).then_some(truth)
        })
        .await
    }

    pub async fn charges(&self, id: &str) -> Vec<Value> {
        let answer = self.get(&format!("/subscriptions/{id}/charges")).await.is(200);
        answer.at("/charges").as_array().expect("a list").clone()
    }

    /// The usage of a subscription in its present term.
    pub async fn usage(&self, id: &str) -> Answer {
        self.get(&format!("/subscriptions/{id}/usage")).await.is(200)
    }

    pub async fn unsubscribe(&self, id: &str) -> Answer {
        self.act(id, &json!({"action": "unsubscribe"})).await
    }

    /// Something happens to a subscription.
    pub async fn act(&self, id: &str, action: &Value) -> Answer {
        self.post(&format!("/subscriptions/{id}/actions"), action).await
    }

    /// Something happens to a subscription, which must work; answers the operation's id.
    pub async fn acted(&self, id: &str, action: &Value) -> String {
        self.act(id, action).await.is(202).text_at("/operationId")
    }

    /// The webhooks of a subscription, in short.
    pub async fn deliveries(&self, id: &str) -> Vec<Value> {
        let answer = self.get(&format!("/deliveries?subscriptionId={id}")).await.is(200);
        answer.at("/deliveries").as_array().expect("a list").clone()
    }

    /// Sets a quirk of the sandbox.
    pub async fn set_quirk(&self, id: &str, value: &str) {
        self.put(&format!("/quirks/{id}"), &json!({"value": value})).await.is(200);
    }

    /// Events of the sandbox by this name.
    pub async fn events(&self, name: &str) -> Vec<Value> {
        let mut journal = self.journal().await;
        journal.retain(|entry| entry["kind"] == "event" && entry["name"] == name);
        journal
    }

    /// Gives the sandbox another profile.
    pub async fn set_profile(&self, profile: &str) {
        self.put("/profile", &json!({"profile": profile})).await.is(200);
    }

    /// The first publisher's webhooks leave for an address where nobody listens.
    pub async fn webhooks_go_nowhere(&self) {
        self.configure(&json!({"webhookUrl": "http://127.0.0.1:1/webhook"})).await.is(200);
    }

    /// The first publisher's webhooks are all answered with 200, by a server that lives as long as what is returned.
    pub async fn webhooks_are_taken(&self) -> MockServer {
        let receiver = MockServer::start().await;
        Mock::given(matchers::any())
            .respond_with(ResponseTemplate::new(200))
            .mount(&receiver)
            .await;
        let url = format!("{}/webhook", receiver.uri());
        self.configure(&json!({"webhookUrl": url})).await.is(200);
        receiver
    }

    pub async fn link(&self, id: &str) -> Answer {
        self.call(Method::POST, &format!("/subscriptions/{id}/activation-links")).ask().await
    }

    pub async fn advance(&self, body: &Value) -> Answer {
        self.post("/clock/advance", body).await
    }

    /// Advances by an ISO 8601 duration, which must work.
    pub async fn advance_by(&self, by: &str) -> Answer {
        self.advance(&json!({"by": by})).await.is(200)
    }

    pub async fn configure(&self, body: &Value) -> Answer {
        self.put("/publisher", body).await
    }

    /// The whole journal.
    pub async fn journal(&self) -> Vec<Value> {
        let (mut entries, mut after) = (Vec::new(), 0);
        loop {
            let page = self.get(&format!("/journal?after={after}")).await.is(200);
            let found = page.at("/entries").as_array().expect("a list").clone();
            after = page.at("/next").as_i64().expect("a sequence");
            if found.is_empty() {
                return entries;
            }
            entries.extend(found);
        }
    }

    /// How often an event stands in the journal of a subscription.
    pub async fn times(&self, event: &str, subscription: &str) -> usize {
        let is_it = |entry: &&Value| {
            entry["kind"] == "event"
                && entry["name"] == event
                && entry["subscriptionId"] == subscription
        };
        self.journal().await.iter().filter(is_it).count()
    }

    /// How many usage events of a subscription the journal says were accepted.
    pub async fn accepted(&self, subscription: &str) -> usize {
        let told = self.events("usageAccepted").await;
        let events = told.iter().filter_map(|entry| entry["data"]["events"].as_array()).flatten();
        events.filter(|event| event["subscriptionId"] == subscription).count()
    }

    /// The first exchange in the journal that fits, once it is written: that happens just behind the answer.
    pub async fn exchange(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, async || {
            let journal = self.journal().await;
            journal.into_iter().find(|entry| entry["kind"] == "exchange" && fits(entry))
        })
        .await
    }
}

/// A publisher's app with a bearer.
#[derive(Clone)]
pub struct PublisherApp {
    pub anon: Anonymous,
    pub bearer: String,
    pub app: Publisher,
}

impl PublisherApp {
    /// Signs in at the token endpoint.
    pub async fn sign_in(base: &str, app: &Publisher) -> Self {
        let anon = Anonymous::new(base);
        let answer = anon.token(&app.tenant_id, &credentials(app)).await.is(200);
        Self { anon, bearer: answer.text_at("/access_token"), app: app.clone() }
    }

    /// The same app with another bearer.
    pub fn with_bearer(&self, bearer: &str) -> Self {
        Self { bearer: bearer.to_owned(), ..self.clone() }
    }

    /// The claims and the header of the bearer, unverified.
    pub fn opened(&self) -> (Header, Value) {
        let header = jsonwebtoken::decode_header(&self.bearer).expect("a JWT");
        let token = jsonwebtoken::dangerous::insecure_decode::<Value>(&self.bearer);
        (header, token.expect("claims").claims)
    }

    /// A call under `/api/saas/subscriptions`, with bearer and api-version.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.anon
            .call(method, &format!("/api/saas/subscriptions{path}?api-version={API_VERSION}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.bearer))
    }

    pub async fn resolve(&self, token: &str) -> Answer {
        self.call(Method::POST, "/resolve").header("x-ms-marketplace-token", token).ask().await
    }

    pub async fn subscription(&self, id: &str) -> Answer {
        self.call(Method::GET, &format!("/{id}")).ask().await
    }

    pub async fn activate(&self, id: &str) -> Answer {
        self.call(Method::POST, &format!("/{id}/activate")).ask().await
    }

    /// The first page of its subscriptions.
    pub async fn list(&self) -> Answer {
        self.call(Method::GET, "").ask().await
    }

    /// Follows an absolute link with its bearer, as it is written.
    pub async fn follow(&self, link: &str) -> Answer {
        self.anon.http.get(link).bearer_auth(&self.bearer).ask().await
    }

    pub async fn plans(&self, id: &str) -> Answer {
        self.call(Method::GET, &format!("/{id}/listAvailablePlans")).ask().await
    }

    /// Asks for another plan or quantity.
    pub async fn change(&self, id: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, &format!("/{id}")).json(body).ask().await
    }

    /// Cancels.
    pub async fn delete(&self, id: &str) -> Answer {
        self.call(Method::DELETE, &format!("/{id}")).ask().await
    }

    /// The operations of a subscription that are open.
    pub async fn operations(&self, id: &str) -> Answer {
        self.call(Method::GET, &format!("/{id}/operations")).ask().await
    }

    pub async fn operation(&self, id: &str, operation: &str) -> Answer {
        self.call(Method::GET, &format!("/{id}/operations/{operation}")).ask().await
    }

    /// Answers an operation: `Success` or `Failure`.
    pub async fn decide(&self, id: &str, operation: &str, status: &str) -> Answer {
        let call = self.call(Method::PATCH, &format!("/{id}/operations/{operation}"));
        call.json(&json!({"status": status})).ask().await
    }

    /// A call under `/api`, with bearer and api-version.
    pub fn api(&self, method: Method, path: &str) -> RequestBuilder {
        let call = self.anon.call(method, &format!("/api/{path}?api-version={API_VERSION}"));
        call.header(AUTHORIZATION, format!("Bearer {}", self.bearer))
    }

    pub async fn api_post(&self, path: &str, body: &Value) -> Answer {
        self.api(Method::POST, path).json(body).ask().await
    }

    /// Reports one usage event.
    pub async fn report(&self, event: &Value) -> Answer {
        self.api_post("usageEvent", event).await
    }

    /// Reports usage events, a list of them.
    pub async fn report_batch(&self, events: &Value) -> Answer {
        self.api_post("batchUsageEvent", &json!({"request": events})).await
    }

    pub async fn usage_events(&self, query: &[(&str, &str)]) -> Answer {
        self.api(Method::GET, "usageEvents").query(query).ask().await
    }

    pub async fn assign(&self, id: &str, people: &Value) -> Answer {
        let call = self.call(Method::PUT, &format!("/{id}/licenseAssignments"));
        call.json(&json!({"assignedTo": people})).ask().await
    }

    /// Declares what must be done before some changes: the whole list.
    pub async fn declare(&self, id: &str, steps: &Value) -> Answer {
        let call = self.call(Method::PUT, &format!("/{id}/publisherSteps"));
        call.json(&json!({"steps": steps})).ask().await
    }

    /// The steps of a subscription.
    pub async fn steps(&self, id: &str) -> Answer {
        self.call(Method::GET, &format!("/{id}/publisherSteps")).ask().await
    }

    /// One of them is done.
    pub async fn step_done(&self, id: &str, step: &str) -> Answer {
        self.call(Method::POST, &format!("/{id}/publisherSteps/{step}/done")).ask().await
    }

    /// Tells who submitted the information and where the customer signs in.
    pub async fn set_up(&self, id: &str, report: &Value) -> Answer {
        self.call(Method::PUT, &format!("/{id}/setup")).json(report).ask().await
    }
}

/// The form of the token endpoint.
pub fn credentials(app: &Publisher) -> [(&str, &str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("resource", MARKETPLACE_RESOURCE),
    ]
}

/// So many people with a license.
pub fn people(count: usize) -> Value {
    (0..count)
        .map(|n| json!({"objectId": format!("user-{n}"), "emailId": format!("user{n}@harborlane.example")}))
        .collect()
}
