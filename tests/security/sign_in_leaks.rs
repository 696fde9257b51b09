//! No secret of a sign-in is logged or journaled, at the most talkative log level, on good ways and on bad ones.

use reqwest::Method;
use serde_json::json;
use shared::rehearsal::Sandbox;

use crate::support::{
    Anonymous, Ask, Operator,
    keys::{EC_POINT, assertion},
    processes::{Process, control_token},
    visitor::{Visitor, authorize, redeeming, value},
};

#[tokio::test]
async fn a_sign_in_with_good_and_bad_input_logs_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let env =
        [("RUST_LOG", "info,marketplace_broker=trace,shared=trace,axum=debug,tower_http=debug")];
    let broker = Process::broker(dir.path(), &[], &env);
    let base = broker.broker_url().await;
    let operator = Operator::new(&base, &control_token(dir.path()), "default");
    let sandbox: Sandbox = serde_json::from_value(operator.get("").await.is(200).json()).unwrap();
    let (app, anon) = (&sandbox.publisher.sign_in, Anonymous::new(&base));
    let token = async |form: &[(&str, &str)]| {
        anon.call(Method::POST, "/common/oauth2/v2.0/token").form(form).ask().await
    };

    let visitor = Visitor::at(&base);
    let fields = visitor.sign_in(&authorize("common", app, &[]), "Priya Nair").await;
    let code = value(&fields, "code");
    let mut wrong = redeeming(app, code);
    wrong[2].1 = &app.client_secret.expose()[..60];
    token(&wrong).await.is(401);
    let answer = token(&redeeming(app, code)).await.is(200);
    token(&redeeming(app, code)).await.is(400);
    let (access, id) = (answer.text_at("/access_token"), answer.text_at("/id_token"));
    for bearer in [&access, &id, &access[..access.len() - 3]] {
        anon.call(Method::GET, "/v1.0/me").bearer_auth(bearer).ask().await;
    }
    let hidden = [("response_type", "code id_token"), ("response_mode", "form_post")];
    let form = visitor.open(&authorize("common", app, &hidden)).await.is(200);
    let second = form.text.split("name=\"code\" value=\"").nth(1).unwrap();
    let second = second.split('"').next().unwrap();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": EC_POINT.0, "y": EC_POINT.1});
    operator.post("/publishers/contoso/client-keys", &json!({"jwk": jwk})).await.is(201);
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    let proof =
        assertion(&header, &json!({"aud": "x", "iss": "x", "sub": "x", "jti": "1", "exp": 1}));
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*sandbox.publisher.client_id),
        ("client_assertion_type", kind),
        ("client_assertion", &proof),
        ("resource", shared::identity::MARKETPLACE_RESOURCE),
    ];
    anon.token(&sandbox.publisher.tenant_id, &form).await.is(401);
    operator.call(Method::POST, "/signing-keys").ask().await.is(201);

    let journal = serde_json::to_string(&operator.journal().await).unwrap();
    let log = broker.terminate().await;
    let log = format!("{}{}", log.stdout, log.stderr);
    assert!(log.contains("/{tenant}/oauth2/v2.0/token"), "a log of the story: {log}");
    assert!(journal.contains("accountChosen"), "a journal of the story: {journal}");
    for (place, text) in [("the log", &log), ("the journal", &journal)] {
        for (what, secret) in [
            ("a code", code),
            ("a code in a form", second),
            ("an access token", &access[..60]),
            ("an access token's signature", &access[access.len() - 40..access.len() - 3]),
            ("an id token's signature", &id[id.len() - 40..]),
            ("an assertion", &proof[proof.len() - 40..]),
            ("a client secret", &app.client_secret.expose()[..40]),
            ("a verifier", crate::support::visitor::VERIFIER),
            ("a private key", "PRIVATE KEY"),
        ] {
            assert!(!text.contains(secret), "{what} stands in {place}:\n{text}");
        }
    }
}
