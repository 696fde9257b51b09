//! No secret is logged or journaled, at the most talkative log level, on good ways and on bad ones.

use reqwest::Method;
use serde_json::json;
use shared::rehearsal::Sandbox;

use crate::support::{
    Anonymous, Ask, Operator, PublisherApp,
    browser::Visitor,
    people,
    processes::{Process, control_token},
    world::{bought, page_at, seats},
};

const TALKATIVE: &str = "info,marketplace_broker=trace,isv_publisher_sim=trace,shared=trace,axum=debug,tower_http=debug";

#[tokio::test]
async fn a_whole_story_with_good_and_bad_input_logs_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let env = [("RUST_LOG", TALKATIVE), ("RUST_BACKTRACE", "1")];
    let broker = Process::broker(&dir.path().join("broker"), &[], &env);
    let base = broker.broker_url().await;
    let token = control_token(&dir.path().join("broker"));
    let publisher_env = [env[0], env[1], ("REHEARSE_TOKEN", token.as_str())];
    let sim = Process::publisher(&dir.path().join("sim"), &base, &[], &publisher_env);
    let sim_url = sim.publisher_url().await;

    let operator = Operator::new(&base, &token, "default");
    let sandbox: Sandbox = serde_json::from_value(operator.get("").await.is(200).json()).unwrap();
    let publisher = PublisherApp::sign_in(&base, &sandbox.publisher).await;
    operator.configure(&page_at(&sim_url, "default", "contoso")).await.is(200);

    // The good way, by the pages.
    let purchase = bought(&operator.purchase(&seats(2)).await.is(201));
    let visitor = Visitor::new(&sim_url);
    visitor.open(&purchase.link).await.is(303);
    let path = "/s/default/contoso/landing";
    let authorize = visitor.get(path).await.is(303).header("location").to_owned();
    let picker = visitor.open(&authorize).await.is(200);
    let back = visitor.choose(&authorize, &picker, "Priya Nair").await;
    let landing = visitor.come_back(&back).await.is(200);
    visitor.open(&back).await.is(400);
    let back = reqwest::Url::parse(&back).unwrap();
    let sent = |name: &str| {
        let mut pairs = back.query_pairs();
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    let (code, state) = (sent("code"), sent("state"));
    let named = "a@harborlane.example\nb@harborlane.example";
    visitor.submit(&landing, path, named).await.is(303);
    let console = visitor.sign_in(&token, "default").await;
    for button in ["assign-licenses", "confirm-setup"] {
        visitor.press(&console, "default", &purchase.id, button).await;
    }
    let truth = operator.truth(&purchase.id).await;
    assert!(!truth.at("/billingStartedAt").is_null(), "{truth}");

    // The bad ways, each with a secret in a place where it does not belong.
    let fresh = bought(&operator.link(&purchase.id).await.is(201));
    let spaced = fresh.token.replace('+', " ");
    publisher.resolve(&spaced).await.is(400);
    publisher.resolve(&fresh.token[..200]).await.is(400);
    visitor.get(&format!("/s/default/contoso/landing?token={}", &fresh.token[..200])).await;
    visitor.get(&format!("/s/default/fabrikam/landing?token={}", &fresh.token)).await;
    publisher.subscription(&fresh.token.replace('/', "_")).await.is(404);
    publisher.assign(&purchase.id, &json!([{"objectId": 7}])).await.is(400);
    publisher.assign(&purchase.id, &people(9)).await.is(400);
    publisher.activate(&purchase.id).await.is(400);
    let anon = Anonymous::new(&base);
    let secret = sandbox.publisher.client_secret.expose();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*sandbox.publisher.client_id),
        ("client_secret", &secret[..60]),
        ("resource", shared::identity::MARKETPLACE_RESOURCE),
    ];
    anon.token(&sandbox.publisher.tenant_id, &form).await.is(401);
    let almost = Operator::new(&base, &token[..60], "default");
    almost.get("").await.is(401);
    let stale = publisher.with_bearer(&publisher.bearer[..publisher.bearer.len() - 3]);
    stale.subscription(&purchase.id).await.is(403);
    visitor.post("/console/sign-in", &[("token", &token[..60]), ("sandbox", "default")]).await;
    operator.call(Method::POST, "/purchases").body("{not json").ask().await.is(400);

    let journal = operator.journal().await;
    let journal = serde_json::to_string(&journal).unwrap();
    let (broker_log, sim_log) = (broker.terminate().await, sim.terminate().await);
    let logs = [
        ("the broker's log", format!("{}{}", broker_log.stdout, broker_log.stderr)),
        ("the publisher's log", format!("{}{}", sim_log.stdout, sim_log.stderr)),
        ("the journal", journal),
    ];
    assert!(logs[0].1.contains("resolve"), "a log of the story: {}", logs[0].1);
    let signature = publisher.bearer.rsplit('.').next().unwrap();
    let encoded = purchase.link.split("token=").nth(1).unwrap();
    for (place, text) in &logs {
        for (what, secret) in [
            ("a purchase token", &purchase.token[..60]),
            ("a purchase token, encoded", &encoded[..60]),
            ("a fresh purchase token", &fresh.token[..60]),
            ("a token with spaces", &spaced[..60]),
            ("a bearer", &publisher.bearer[..]),
            ("a bearer's signature", &signature[..40]),
            ("a client secret", &secret[..40]),
            ("another client secret", &sandbox.publishers[1].client_secret.expose()[..40]),
            ("an authorization code", &code),
            ("the state of a sign-in", &state),
            ("a secret for sign-in", &sandbox.publisher.sign_in.client_secret.expose()[..40]),
            ("a partner's secret", &sandbox.partner.client_secret.expose()[..40]),
            ("the control token", &token[..40]),
            ("a private key", "PRIVATE KEY"),
        ] {
            assert!(!text.contains(secret), "{what} stands in {place}:\n{text}");
        }
    }
}
