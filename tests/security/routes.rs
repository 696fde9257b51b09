//! Every route of `/openapi.json` without its credential, with a wrong one, and with another sandbox's ids. A new route
//! that this file does not know fails the test.

use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};
use shared::rehearsal::Sandbox;

use crate::support::{Answer, Ask, Bought, Db, PublisherApp, World, partner::PartnerApp};

/// Which credential a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    /// A publisher's bearer.
    Publisher,
    /// The same, refused in the words of metering.
    Metering,
    /// The control token.
    Operator,
    /// None: the client's secret is in the form.
    Identity,
    /// A partner's bearer.
    Partner,
    /// The access token of a sign-in.
    Person,
    /// None: health, metrics, public keys.
    Open,
}

fn face(path: &str) -> Option<Face> {
    let open = ["/health/live", "/health/ready", "/metrics"];
    if path.starts_with("/api/saas/subscriptions") {
        Some(Face::Publisher)
    } else if ["/api/usageEvent", "/api/batchUsageEvent", "/api/usageEvents"].contains(&path) {
        Some(Face::Metering)
    } else if path.starts_with("/rehearsal/v1/") {
        Some(Face::Operator)
    } else if ["/{tenant}/oauth2/token", "/{tenant}/oauth2/v2.0/token"].contains(&path) {
        Some(Face::Identity)
    } else if path.starts_with("/v1/") || path.ends_with("/generatetoken") {
        Some(Face::Partner)
    } else if ["/oidc/userinfo", "/{tenant}/openid/userinfo", "/v1.0/me"].contains(&path) {
        Some(Face::Person)
    } else {
        // Keys and metadata of the authority are for everybody; the picker's forms carry a token of their own, and
        // nobody there has a password (contract/identity/authorize.rs).
        let published = path.starts_with("/{tenant}/discovery/")
            || path.ends_with("/.well-known/openid-configuration")
            || (path.starts_with("/{tenant}/oauth2/") && path.ends_with("/authorize"))
            || (path.starts_with("/{tenant}/oauth2/") && path.ends_with("/logout"));
        (published || open.contains(&path)).then_some(Face::Open)
    }
}

/// Every route of the document.
async fn routes(world: &World) -> Vec<(Method, String)> {
    let document = world.anon.get("/openapi.json").await.is(200);
    let mut routes = Vec::new();
    for (path, item) in document.at("/paths").as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            let method = method.to_uppercase().parse().expect("a method");
            routes.push((method, path.clone()));
        }
    }
    assert!(routes.len() >= 61, "{routes:?}");
    routes
}

/// Whose it is comes before whether it is there.
const OPERATION: &str = "0f3c1d5e-8a54-4b0e-9d55-1b8f2f1f7a10";

/// A step that the subscription has.
const STEP: &str = "export";

/// Declares a step that something waits for, and where the customer signs in.
async fn set_up(world: &World, bought: &Bought) {
    world.publisher.declare(&bought.id, &steps(STEP)).await.is(200);
    let url = json!({"signInUrl": "https://contoso.example/sign-in"});
    world.publisher.set_up(&bought.id, &url).await.is(200);
}

/// One step.
fn steps(id: &str) -> Value {
    json!([{"id": id, "title": "Export your data", "url": "https://contoso.example/export",
        "blocks": ["cancel"]}])
}

/// The path with a sandbox and a subscription in place.
fn filled(path: &str, sandbox: &str, subscription: &str) -> String {
    let filled = path
        .replace("{operationId}", OPERATION)
        .replace("{step}", STEP)
        .replace("{deliveryId}", OPERATION)
        .replace("{quirk}", "unknown_operation")
        .replace("{sandbox}", sandbox)
        .replace("{subscriptionId}", subscription)
        .replace("{publisherId}", "contoso")
        .replace("{partnerId}", "bluestem")
        .replace("{tenant}", "common")
        .replace("{kid}", "key-1");
    assert!(!filled.contains('{'), "a parameter that this test does not know: {path}");
    let version = if path.starts_with("/api/") { "?api-version=2018-08-31" } else { "" };
    format!("{filled}{version}")
}

/// A subscription that nobody has.
const SUBSCRIPTION: &str = "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed";

/// A usage event.
fn usage(subscription: &str) -> Value {
    json!({"resourceId": subscription, "quantity": 1, "dimension": "gigabytes",
        "effectiveStartTime": "2027-01-31T09:00:00Z", "planId": "metered"})
}

/// A body that would do something, so that a refusal is not the body's.
fn body(path: &str) -> Value {
    match path.rsplit('/').next().expect("a last part") {
        "sandboxes" => json!({"id": "intruder"}),
        "publisher" | "{publisherId}" => json!({"landingPageUrl": "https://intruder.example/"}),
        "{partnerId}" => json!({"agreementSigned": false}),
        "purchases" => json!({"offerId": "contoso-archive", "planId": "standard"}),
        "actions" => json!({"action": "unsubscribe"}),
        "{subscriptionId}" => json!({"planId": "metered"}),
        "{operationId}" => json!({"status": "Failure"}),
        "advance" => json!({"by": "P1Y"}),
        "{quirk}" => json!({"value": "bad_request"}),
        "profile" => json!({"profile": "observed"}),
        "usageEvent" => usage(SUBSCRIPTION),
        "batchUsageEvent" => json!({"request": [usage(SUBSCRIPTION)]}),
        "publisherSteps" | "publisher-steps" => json!({"steps": steps("intruder")}),
        "setup" => json!({"informationSubmittedBy": {"emailId": "intruder@x.example"}}),
        "licenseAssignments" => json!({"assignedTo": [{"emailId": "a@x.example"}]}),
        _ => json!({}),
    }
}

/// Everything of a sandbox that a call could change.
async fn state(world: &World, bought: &Bought) -> [Value; 5] {
    let list = world.operator.call_root(Method::GET, "/sandboxes").ask().await.is(200).json();
    let truth = world.operator.truth(&bought.id).await.json();
    let quirks = world.operator.get("/quirks").await.is(200).json();
    let usage = world.operator.usage(&bought.id).await.json();
    [world.operator.get("").await.is(200).json(), list, truth, quirks, usage]
}

/// A path of the partner face with the first customer in place, and something for each other parameter.
fn of_customer(path: &str, world: &World, subscription: &str) -> String {
    let path = path
        .replace("{customerId}", &world.sandbox.customers[0].customer_id)
        .replace("{subscriptionId}", subscription);
    let mut parts = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| format!("{path}/{part}"))
}

fn call(world: &World, method: &Method, path: &str, bought: &Bought) -> RequestBuilder {
    let url = match face(path) {
        Some(Face::Partner) => of_customer(path, world, &bought.id),
        _ => filled(path, &world.operator.sandbox, &bought.id),
    };
    let call = world.anon.call(method.clone(), &url);
    if *method == Method::GET { call } else { call.json(&body(path)) }
}

#[track_caller]
fn is_refused(face: Face, answer: Answer) {
    match face {
        Face::Publisher => answer.forbidden(),
        Face::Metering => {
            let refused = answer.is(403);
            assert_eq!(refused.at("/code"), "Forbidden", "{refused}");
            refused
        }
        Face::Operator => {
            let refused = answer.problem(401, None);
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{refused}");
            refused
        }
        Face::Partner => {
            let refused = answer.is(401);
            let code = refused.at("/code");
            assert!(code == 400 || code == 800_001, "{refused}");
            refused.partner_error(401, u32::try_from(code.as_u64().unwrap()).unwrap())
        }
        Face::Person => {
            let refused = answer.is(401);
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{refused}");
            refused
        }
        Face::Identity | Face::Open => panic!("takes no bearer"),
    };
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_route_is_refused_without_its_credential_and_with_a_wrong_one(#[case] db: Db) {
    let mut world = World::with(db, |_| {}).await;
    // A clock that runs would change what is compared; and the default sandbox's does.
    world.operator.in_sandbox("default").call(Method::POST, "/clock/freeze").ask().await.is(200);
    let bought = world.buy_flat().await;
    set_up(&world, &bought).await;
    let before = state(&world, &bought).await;
    let partner = world.sandbox.partner.client_secret.expose().clone();
    let publisher = world.publisher.app.client_secret.expose().clone();
    let control = world.operator.token.clone();
    let roleless = world.partner(&world.sandbox.partner.partner_id).await.as_user(&[]);
    for (method, path) in routes(&world).await {
        let face =
            face(&path).unwrap_or_else(|| panic!("{path} has no refusal test: add its face"));
        let other = match face {
            Face::Open => continue,
            Face::Identity => {
                let url = path.replace("{tenant}", &world.publisher.app.tenant_id);
                let form = [("grant_type", "client_credentials")];
                world.anon.call(Method::POST, &url).form(&form).ask().await.is(400);
                continue;
            }
            Face::Publisher | Face::Metering | Face::Partner => control.clone(),
            Face::Operator | Face::Person => world.publisher.bearer.clone(),
        };
        let call = || call(&world, &method, &path, &bought);
        is_refused(face, call().ask().await);
        if path.starts_with("/v1/") && face == Face::Partner {
            call().bearer_auth(&roleless.bearer).ask().await.partner_error(403, 900_150);
        }
        for wrong in ["", "wrong", &other, &partner, &publisher, &control[..control.len() - 1]] {
            is_refused(face, call().bearer_auth(wrong).ask().await);
        }
        let basic = if face == Face::Operator { &control } else { &world.publisher.bearer };
        is_refused(face, call().basic_auth("operator", Some(basic)).ask().await);
        let url = match face {
            Face::Partner => of_customer(&path, &world, &bought.id),
            _ => filled(&path, "rehearsal-1", &bought.id),
        };
        let mark = if path.starts_with("/api/") { '&' } else { '?' };
        let in_the_query = format!("{url}{mark}access_token={basic}");
        is_refused(face, world.anon.call(method.clone(), &in_the_query).ask().await);
    }
    assert_eq!(state(&world, &bought).await, before, "nothing changed");
    world.restart().await;
    assert_eq!(state(&world, &bought).await, before, "nothing was stored");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_route_is_refused_with_another_sandboxes_ids(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    set_up(&world, &bought).await;
    let metered = world.buy_metered().await;
    world.publisher.report(&usage(&metered.id)).await.is(200);
    let (other, stranger) = world.another_sandbox("elsewhere").await;
    let other_partner = world.partner("bluestem").await;
    let elsewhere: Sandbox = serde_json::from_value(other.get("").await.json()).unwrap();
    let stranger_partner = PartnerApp::sign_in(&world.base, &elsewhere.partner).await;
    let before = (
        world.operator.usage(&metered.id).await.json(),
        world.operator.truth(&bought.id).await.json(),
        world.operator.get("/clock").await.json(),
        other.journal().await.iter().filter(|entry| entry["kind"] == "event").count(),
    );
    for (method, path) in routes(&world).await {
        let send = |url: &str, bearer: &str| {
            let call = world.anon.call(method.clone(), url).bearer_auth(bearer);
            if method == Method::GET { call } else { call.json(&body(&path)) }
        };
        match face(&path).expect("a face") {
            Face::Publisher if path.contains("{subscriptionId}") => {
                let url = filled(&path, "", &bought.id);
                let refused = send(&url, &stranger.bearer).ask().await;
                refused.detail(404, Some("subscriptionId"), "EntityNotFound");
                let refused = send(&url, &world.other_publisher.bearer).ask().await;
                refused.forbidden();
            }
            Face::Publisher if path == "/api/saas/subscriptions" => {
                let url = filled(&path, "", "");
                let listed = send(&url, &stranger.bearer).ask().await.is(200);
                assert_eq!(listed.json(), json!({"subscriptions": []}), "nothing of others");
            }
            Face::Publisher => {
                let url = filled(&path, "", "");
                let call = send(&url, &stranger.bearer);
                let refused = call.header("x-ms-marketplace-token", &bought.token).ask().await;
                refused.forbidden();
            }
            Face::Metering if method == Method::GET => {
                let day = [("usageStartDate", "2027-01-01")];
                let listed = stranger.usage_events(&day).await.is(200);
                assert_eq!(listed.json(), json!([]), "nothing of others");
            }
            Face::Metering => {
                let event = usage(&metered.id);
                let of = |app: &PublisherApp| {
                    let app = app.clone();
                    let events = json!([event.clone()]);
                    async move { app.report_batch(&events).await.is(200).at("/result/0/status") }
                };
                assert_eq!(of(&stranger).await, "ResourceNotFound");
                assert_eq!(of(&world.other_publisher).await, "ResourceNotAuthorized");
                stranger.report(&event).await.is(400);
                is_refused(Face::Metering, world.other_publisher.report(&event).await);
            }
            Face::Operator if path.contains("{subscriptionId}") => {
                let url = filled(&path, "elsewhere", &bought.id);
                send(&url, &world.operator.token).ask().await.problem(404, None);
            }
            Face::Operator if path.contains("{sandbox}") => {
                let url = filled(&path, "nowhere", "");
                send(&url, &world.operator.token).ask().await.problem(404, None);
            }
            Face::Identity => {
                let form = crate::support::callers::credentials(&world.publisher.app);
                let url = path.replace("{tenant}", &stranger.app.tenant_id);
                let call = world.anon.call(Method::POST, &url).form(&form);
                let refused = call.ask().await.is(400);
                assert_eq!(refused.at("/error"), "unauthorized_client", "{refused}");
            }
            Face::Partner if path.contains("{customerId}") => {
                let url = of_customer(&path, &world, &bought.id);
                for foreign in [&other_partner, &stranger_partner] {
                    let call = send(&url, &foreign.bearer);
                    call.ask().await.partner_error(403, 20_002);
                }
            }
            // What is not of a customer is of the caller: there is no id to name another's by.
            Face::Partner | Face::Operator | Face::Person | Face::Open => {}
        }
    }
    let after = (
        world.operator.usage(&metered.id).await.json(),
        world.operator.truth(&bought.id).await.json(),
        world.operator.get("/clock").await.json(),
        other.journal().await.iter().filter(|entry| entry["kind"] == "event").count(),
    );
    assert_eq!(after, before, "nothing changed in either");
}

#[tokio::test]
async fn what_is_open_tells_no_secret_and_what_is_not_there_is_not_found() {
    let world = World::new(Db::Sqlite).await;
    let bought = world.buy_flat().await;
    world.publisher.resolve(&bought.token).await.is(200);
    for path in ["/health/live", "/health/ready", "/metrics", "/openapi.json"] {
        let answer = world.anon.get(path).await.is(200);
        for secret in [
            &bought.token,
            &world.operator.token,
            &world.publisher.bearer,
            world.publisher.app.client_secret.expose(),
            &bought.id,
        ] {
            assert!(!answer.text.contains(secret.as_str()), "{path}: {answer}");
        }
    }
    for path in ["/nothing", "/rehearsal/v1", "/rehearsal/v2/sandboxes", "/api/saas"] {
        world.anon.get(path).await.problem(404, None);
    }
    for (method, path) in [
        (Method::DELETE, "/rehearsal/v1/sandboxes"),
        (Method::GET, "/api/saas/subscriptions/resolve/x"),
        (Method::PUT, "/health/live"),
    ] {
        let refused = world.anon.call(method, path).ask().await;
        assert!([404, 405].contains(&refused.status), "{refused}");
    }
}
