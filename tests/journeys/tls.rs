//! `rehearse up --tls`: both services behind certificates of the data dir's development CA, the command line and the
//! broker's webhooks included; whoever does not trust the CA gets nothing.

use std::{fs, path::Path, sync::Arc};

use jiff::SignedDuration;
use marketplace_broker::{
    config::Config,
    server::{self, Outside},
};
use serde_json::Value;
use shared::{clock::FakeClock, entropy::SystemEntropy, secret::Secret};

use crate::support::{
    Ask, browser::Visitor, callers, keys::SIGNING_KEY, processes::Process, tls_stage::TlsStage,
    wait,
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

/// The certificate of a broker that runs on is made anew when two thirds of its 90 days are over, and vouched for by the
/// same CA; connections that are open stay.
#[tokio::test]
async fn a_certificate_is_made_anew_while_the_broker_runs() {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let config =
        Config { port: 0, data_dir: dir.path().to_owned(), tls: true, ..Config::default() };
    let outside = Outside {
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SystemEntropy),
        signing_key: Some(Secret::new(SIGNING_KEY.to_owned())),
    };
    let listener = server::bind(&config).unwrap();
    let broker = server::start(config, listener, outside).await.unwrap_or_else(|e| panic!("{e}"));
    let url = format!("{}/health/live", broker.url());
    // Its dates are by the clock in our hand, so nobody's real time is asked.
    let client = || callers::client().tls_info(true).tls_danger_accept_invalid_certs(true);
    let seen = async |http: &reqwest::Client| {
        let answer = http.get(&url).send().await.unwrap();
        let info = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
        info.peer_certificate().unwrap().to_vec()
    };
    let open = client().build().unwrap();
    let first = seen(&open).await;
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    clock.advance(days(60) - SignedDuration::from_secs(1));
    assert_eq!(seen(&client().build().unwrap()).await, first);
    clock.advance(SignedDuration::from_secs(1));
    let second = seen(&client().build().unwrap()).await;
    assert_ne!(second, first, "30 days before its end");
    assert_eq!(seen(&open).await, first, "an open connection stays");
    clock.advance(days(59));
    assert_eq!(seen(&client().build().unwrap()).await, second);
    clock.advance(days(500));
    let third = seen(&client().build().unwrap()).await;
    assert!(third != second && third != first, "whoever slept long finds a good one, too");
    broker.stop().await;
}

/// A port is used again at once, by the same CA or by another, with TLS or without.
#[tokio::test]
async fn a_port_is_used_again_with_and_without_tls() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let trusting = |dir: &Path| {
        let pem = fs::read(dir.join("development-ca.pem")).unwrap();
        let roots = reqwest::Certificate::from_pem_bundle(&pem).unwrap();
        callers::client().tls_certs_only(roots).build().unwrap()
    };
    let first = Process::broker(one.path(), &["--tls"], &[]);
    let url = first.tls_url().await;
    let port = url.rsplit(':').next().unwrap().to_owned();
    let health = format!("{url}/health/live");
    let known = trusting(one.path());
    known.get(&health).ask().await.is(200);
    assert_eq!(first.terminate().await.code, Some(0));
    let again = |dir: &Path, more: &[&str]| {
        Process::broker_as(
            &[
                &["--log-format", "json", "--port", &port, "--data-dir", dir.to_str().unwrap()],
                more,
            ]
            .concat(),
        )
    };
    let same = again(one.path(), &["--tls"]);
    same.tls_url().await;
    known.get(&health).ask().await.is(200);
    assert_eq!(same.terminate().await.code, Some(0));
    let other = again(two.path(), &["--tls"]);
    other.tls_url().await;
    assert!(known.get(&health).send().await.is_err(), "another CA's");
    trusting(two.path()).get(&health).ask().await.is(200);
    assert_eq!(other.terminate().await.code, Some(0));
    let plain = again(one.path(), &[]);
    assert!(plain.tls_url().await.starts_with("http://"));
    assert!(known.get(&health).send().await.is_err(), "no TLS any more");
    known.get(health.replace("https:", "http:")).ask().await.is(200);
    assert_eq!(plain.terminate().await.code, Some(0));
}
