//! `rehearse up --tls`: both services behind certificates of the data dir's development CA, the command line and the
//! broker's webhooks included; whoever does not trust the CA gets nothing.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::{
    Ask, browser::Visitor, callers, processes::Process, tls_stage::TlsStage, wait,
};

#[tokio::test]
async fn everything_goes_over_tls() {
    let stage = TlsStage::start().await;
    let broker = stage.text("/brokerUrl").to_owned();
    assert!(broker.starts_with("https://127.0.0.1:"), "{broker}");
    assert!(stage.text("/publisherUrl").starts_with("https://"));
    assert_eq!(
        Path::new(stage.text("/caFile")).parent(),
        Some(stage.dir().canonicalize().unwrap().as_path())
    );
    let bought: Value =
        serde_json::from_str(&stage.run(&["buy", "--json", "--sold-by", "customer"]).await)
            .unwrap();
    let id = bought["subscriptionId"].as_str().unwrap();
    assert!(bought["activationLink"].as_str().unwrap().starts_with(stage.text("/publisherUrl")));

    // A publisher's program: token, call, and an absolute address that is https, too.
    let http = stage.client();
    let tenant = stage.text("/publisher/tenantId");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", stage.text("/publisher/clientId")),
        ("client_secret", stage.text("/publisher/clientSecret")),
        ("resource", "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"),
    ];
    let token =
        http.post(format!("{broker}/{tenant}/oauth2/token")).form(&form).ask().await.is(200);
    let url = format!("{broker}/api/saas/subscriptions/{id}?api-version=2018-08-31");
    let delete = http.delete(url).bearer_auth(token.text_at("/access_token"));
    let answer = delete.ask().await.is(202);
    let location = answer.header("operation-location").to_owned();
    assert!(
        location.starts_with(&format!("{broker}/api/saas/subscriptions/{id}/operations/")),
        "{location}"
    );

    // The webhook that follows reaches the bundled publisher over TLS.
    stage.run(&["clock", "advance", "PT1M"]).await;
    let deliveries = wait::until("the webhook to arrive", async || {
        let told = stage.run(&["webhook", "ls", "--json"]).await;
        told.contains("\"acknowledged\"").then_some(told)
    });
    assert!(deliveries.await.contains(id));
}

/// The browser goes to and fro between the two, the publisher exchanges the code, and every cookie is for TLS alone.
#[tokio::test]
async fn a_visitor_signs_in_over_tls() {
    let stage = TlsStage::start().await;
    let bought = stage.run(&["buy", "--json"]).await;
    let bought: Value = serde_json::from_str(&bought).unwrap();
    let link = bought["activationLink"].as_str().unwrap();
    let visitor = Visitor::with(stage.trusting(), stage.text("/publisherUrl"));
    let moved = visitor.open(link).await.is(303);
    let cookie = moved.header("set-cookie").to_owned();
    assert!(cookie.contains("; Secure") && cookie.contains("SameSite=Lax"), "{cookie}");
    let authorize = visitor.get(moved.header("location")).await.is(303);
    let authorize = authorize.header("location").to_owned();
    assert!(authorize.starts_with(stage.text("/brokerUrl")), "{authorize}");
    let page = visitor.sign_in_at(&authorize, "").await.is(200);
    assert!(page.text.contains(bought["subscriptionId"].as_str().unwrap()), "{page}");
}

#[tokio::test]
async fn who_does_not_trust_the_ca_gets_nothing() {
    let stage = TlsStage::start().await;
    let url = format!("{}/health/live", stage.text("/brokerUrl"));
    let stranger = callers::client().build().unwrap();
    let refused = stranger.get(&url).send().await.unwrap_err();
    assert!(format!("{refused:?}").contains("UnknownIssuer"), "{refused:?}");
    stage.client().get(&url).ask().await.is(200);
    let plain = url.replace("https:", "http:");
    assert!(stage.client().get(&plain).send().await.is_err(), "no plain HTTP on the same port");
}

#[tokio::test]
async fn the_ca_stays_over_restarts_and_health_checks_know_it() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("development-ca.pem");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let broker = Process::broker(dir.path(), &["--tls"], &[]);
        let url = broker.tls_url().await;
        let path = ca.to_str().unwrap();
        let check =
            |args: &[&str]| Process::broker_as(&[&["health", "--url", &url], args].concat());
        // It serves before its first signing key is made, and is not ready until then.
        wait::until("the broker to be healthy", async || {
            (check(&["--ca-file", path]).ended().await.code == Some(0)).then_some(())
        })
        .await;
        let stranger = check(&[]).ended().await;
        assert_eq!(stranger.code, Some(1), "{stranger:?}");
        seen.push(fs::read_to_string(&ca).unwrap());
        assert_eq!(broker.terminate().await.code, Some(0));
    }
    assert_eq!(seen[0], seen[1]);
}
