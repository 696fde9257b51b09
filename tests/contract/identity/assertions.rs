//! Client assertions instead of secrets, and the keys they are verified with (fulfillment.md 5.2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, Header, jwk::Jwk};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, identity::MARKETPLACE_RESOURCE};

use crate::support::{
    Answer, Ask, Db, World,
    keys::{CERTIFICATE, EC_CERTIFICATE, EC_POINT, RSA_JWK, assertion},
    visitor::{Visitor, authorize, redeeming, value},
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const NOW: i64 = 1_801_386_000;

fn rsa_jwk() -> Value {
    json!({"kty": "RSA", "kid": "one", "use": "sig", "n": RSA_JWK.0, "e": RSA_JWK.1})
}

fn ec_jwk() -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": "two", "x": EC_POINT.0, "y": EC_POINT.1})
}

/// A world whose real time stands at [`NOW`].
async fn world(db: Db) -> (World, FakeClock) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    (World::with_clock(db, &clock).await, clock)
}

/// Registers a key of Contoso's; answers its name.
async fn register(world: &World, key: &Value) -> String {
    let answer = world.operator.post("/publishers/contoso/client-keys", key).await.is(201);
    answer.text_at("/kid")
}

/// What a sound assertion says; `jti` names it.
fn sound(world: &World, jti: &str) -> Value {
    let app = &world.publisher.app;
    json!({"aud": format!("{}/{}/oauth2/v2.0/token", world.base, app.tenant_id),
        "iss": app.client_id, "sub": app.client_id, "jti": jti,
        "nbf": NOW, "iat": NOW, "exp": NOW + 600})
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) }
}

/// Asks the v2 endpoint with an assertion.
async fn ask(world: &World, assertion: &str) -> Answer {
    let app = &world.publisher.app;
    let scope = format!("{MARKETPLACE_RESOURCE}/.default");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
        ("scope", &scope),
    ];
    let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
    world.anon.call(Method::POST, &path).form(&form).ask().await
}

#[track_caller]
fn refused(answer: Answer, number: u32) {
    let refused = answer.is(401);
    assert_eq!(refused.at("/error"), "invalid_client", "{refused}");
    assert_eq!(refused.at("/error_codes"), json!([number]), "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_app_proves_itself_with_a_registered_key(#[case] db: Db) {
    let (world, _) = world(db).await;
    let rsa = register(&world, &json!({"jwk": rsa_jwk()})).await;
    let ec = register(&world, &json!({"jwk": ec_jwk()})).await;
    let certificate = register(&world, &json!({"certificate": CERTIFICATE})).await;
    let ec_certificate = register(&world, &json!({"certificate": EC_CERTIFICATE})).await;
    let bytes = URL_SAFE_NO_PAD.decode(&certificate).unwrap();
    let hex = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"));
    let by_x5t = Header { x5t: Some(certificate.clone()), ..Header::new(Algorithm::PS256) };
    // As MSAL for Python writes it.
    let padded = Header { x5t: Some(format!("{certificate}=")), ..Header::new(Algorithm::RS256) };
    for (number, header) in [
        header(Algorithm::RS256, &rsa),
        header(Algorithm::PS256, &rsa),
        header(Algorithm::ES256, &ec),
        header(Algorithm::RS256, &certificate),
        header(Algorithm::RS256, &hex),
        by_x5t,
        padded,
        Header::new(Algorithm::RS256),
        header(Algorithm::ES256, &ec_certificate),
    ]
    .iter()
    .enumerate()
    {
        let token = ask(&world, &assertion(header, &sound(&world, &number.to_string()))).await;
        let bearer = token.is(200).text_at("/access_token");
        let app = world.publisher.with_bearer(&bearer);
        assert_eq!(app.opened().1["appidacr"], "2", "by an assertion");
        app.list().await.is(200);
    }
    let tenant = &world.publisher.app.tenant_id;
    for (number, audience) in [
        format!("{}/{tenant}/oauth2/token", world.base),
        format!("{}/{tenant}/v2.0", world.base),
        format!("{}/{tenant}", world.base),
        format!("{}/{tenant}/", world.base),
        format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        format!("https://sts.windows.net/{tenant}/"),
    ]
    .iter()
    .enumerate()
    {
        let mut claims = sound(&world, &format!("audience {number}"));
        claims["aud"] = json!(["https://other.example/", audience]);
        ask(&world, &assertion(&header(Algorithm::RS256, &rsa), &claims)).await.is(200);
    }
    let listed = world.operator.get("/publishers/contoso/client-keys").await.is(200);
    assert_eq!(listed.at("/keys").as_array().unwrap().len(), 4, "{listed}");
    let gone = format!("/publishers/contoso/client-keys/{rsa}");
    world.operator.call(Method::DELETE, &gone).ask().await.is(204);
    world.operator.call(Method::DELETE, &gone).ask().await.problem(404, None);
    let late = assertion(&header(Algorithm::RS256, &rsa), &sound(&world, "late"));
    refused(ask(&world, &late).await, 700_027);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_assertion_is_taken_once_in_its_time_and_for_us(#[case] db: Db) {
    let (world, clock) = world(db).await;
    let kid = register(&world, &json!({"jwk": rsa_jwk()})).await;
    let header = header(Algorithm::RS256, &kid);
    let made = |change: &[(&str, Value)]| {
        let mut claims = sound(&world, "one");
        for (name, value) in change {
            claims[*name] = value.clone();
        }
        assertion(&header, &claims)
    };
    let other = &world.other_publisher.app;
    let tenant = &world.publisher.app.tenant_id;
    let elsewhere = format!("{}/{}/oauth2/v2.0/token", world.base, other.tenant_id);
    for (change, number) in [
        (("aud", json!(elsewhere)), 700_023),
        (("aud", json!(format!("https://evil.example/{tenant}/oauth2/v2.0/token"))), 700_023),
        (("aud", json!([])), 700_023),
        (("iss", json!(other.client_id)), 700_021),
        (("sub", json!(other.client_id)), 700_021),
        (("exp", json!(NOW - 301)), 700_024),
        (("exp", json!(NOW + 90_000)), 700_024),
        (("nbf", json!(NOW + 301)), 700_024),
        (("jti", json!("")), 50_027),
        (("jti", Value::Null), 50_027),
        (("exp", Value::Null), 50_027),
    ] {
        refused(ask(&world, &made(&[change])).await, number);
    }
    let host = reqwest::header::HOST;
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let foreign =
        made(&[("aud", json!(format!("http://evil.example/{tenant}/oauth2/v2.0/token")))]);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &world.publisher.app.client_id),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &foreign),
        ("scope", MARKETPLACE_RESOURCE),
    ];
    let call = world.anon.call(Method::POST, &path).header(host, "evil.example").form(&form);
    refused(call.ask().await, 700_023);

    ask(&world, &made(&[])).await.is(200);
    let fraction =
        [("jti", json!("two")), ("iat", json!(1_801_386_000.5)), ("exp", json!(1_801_386_600.5))];
    ask(&world, &made(&fraction)).await.is(200);
    refused(ask(&world, &made(&[])).await, 50_013);
    refused(ask(&world, &made(&[("exp", json!(NOW + 700))])).await, 50_013);
    clock.advance(SignedDuration::from_mins(15));
    refused(ask(&world, &made(&[])).await, 700_024);
    let later = [("exp", json!(NOW + 1_500)), ("nbf", json!(NOW + 900))];
    ask(&world, &made(&later)).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_assertion_that_brings_its_own_key_or_none_is_refused(#[case] db: Db) {
    let (world, _) = world(db).await;
    let claims = sound(&world, "one");
    let rsa = header(Algorithm::RS256, "one");
    refused(ask(&world, &assertion(&rsa, &claims)).await, 700_027);
    let other = &json!({"jwk": rsa_jwk()});
    world.operator.post("/publishers/fabrikam/client-keys", other).await.is(201);
    refused(ask(&world, &assertion(&rsa, &claims)).await, 700_027);
    register(&world, &json!({"app": "signIn", "jwk": rsa_jwk()})).await;
    refused(ask(&world, &assertion(&rsa, &claims)).await, 700_027);
    register(&world, &json!({"jwk": ec_jwk()})).await;

    let jwk: Jwk = serde_json::from_value(rsa_jwk()).unwrap();
    let keys = Some("http://127.0.0.1:1/keys".to_owned());
    for header in [
        Header { jwk: Some(jwk), ..rsa.clone() },
        Header { jku: keys.clone(), ..rsa.clone() },
        Header { x5u: keys, ..rsa.clone() },
        Header { x5c: Some(vec!["MIIB".to_owned()]), ..rsa.clone() },
        header(Algorithm::RS256, "two"),
        header(Algorithm::ES256, "one"),
    ] {
        refused(ask(&world, &assertion(&header, &claims)).await, 700_027);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let es = assertion(&header(Algorithm::ES256, "two"), &claims);
    let parts: Vec<_> = es.split('.').collect();
    let none = format!("{}.{}.", part(&json!({"alg": "none", "kid": "two"})), parts[1]);
    let mut richer = claims.clone();
    richer["exp"] = json!(NOW + 6_000);
    let critical = json!({"alg": "ES256", "kid": "two", "crit": ["b64"], "b64": false});
    for (assertion, number) in [
        ("x".to_owned(), 50_027),
        ("x".repeat(21 * 1024), 50_027),
        (none, 50_027),
        (format!("{}.{}", parts[0], parts[1]), 50_027),
        (format!("{}.{}.{}", parts[0], part(&richer), parts[2]), 700_027),
        (format!("{}.{}.{}", part(&critical), parts[1], parts[2]), 50_027),
        (es[..es.len() - 2].to_owned(), 700_027),
    ] {
        refused(ask(&world, &assertion).await, number);
    }
    ask(&world, &es).await.is(200);
    let app = &world.publisher.app;
    for (kind, number) in [("", 900_144), ("urn:x", 9_002_313)] {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &app.client_id),
            ("client_assertion", &es),
            ("resource", MARKETPLACE_RESOURCE),
        ];
        form.push(("client_assertion_type", kind));
        let answer = world.anon.token(&app.tenant_id, &form).await.is(400);
        assert_eq!(answer.at("/error_codes"), json!([number]), "{answer}");
    }
}

#[tokio::test]
async fn a_landing_page_redeems_its_code_with_an_assertion() {
    let (world, _) = world(Db::Sqlite).await;
    let app = world.sandbox.publisher.sign_in.clone();
    let kid = register(&world, &json!({"app": "signIn", "certificate": CERTIFICATE})).await;
    let fields = Visitor::new(&world).sign_in(&authorize("common", &app, &[]), "Priya").await;
    let mut claims = sound(&world, "one");
    claims["aud"] = json!(format!("{}/common/oauth2/v2.0/token", world.base));
    (claims["iss"], claims["sub"]) = (json!(app.client_id), json!(app.client_id));
    let proof = assertion(&header(Algorithm::PS256, &kid), &claims);
    let mut form = redeeming(&app, value(&fields, "code"));
    form.retain(|(name, _)| *name != "client_secret");
    form.extend([("client_assertion_type", JWT_BEARER), ("client_assertion", &proof)]);
    let call = world.anon.call(Method::POST, "/common/oauth2/v2.0/token").form(&form);
    call.ask().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_key_that_cannot_be_used_is_not_registered(#[case] db: Db) {
    let (world, _) = world(db).await;
    let path = "/publishers/contoso/client-keys";
    let with = |mut key: Value, name: &str, value: Value| {
        key[name] = value;
        json!({"jwk": key})
    };
    for (body, field) in [
        (json!({}), "body"),
        (json!({"jwk": rsa_jwk(), "certificate": CERTIFICATE}), "body"),
        (json!({"jwk": rsa_jwk(), "certificate": "x".repeat(20_000)}), "body"),
        (json!({"jwk": "text"}), "jwk"),
        (with(rsa_jwk(), "kty", json!("oct")), "jwk"),
        (with(rsa_jwk(), "n", json!("AQAB")), "jwk"),
        (with(rsa_jwk(), "n", json!("not base64!")), "jwk"),
        (with(rsa_jwk(), "kid", json!("a/b")), "jwk"),
        (with(rsa_jwk(), "kid", json!("x".repeat(101))), "jwk"),
        (with(ec_jwk(), "crv", json!("P-384")), "jwk"),
        (with(ec_jwk(), "x", json!("AQAB")), "jwk"),
        (
            json!({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}),
            "certificate",
        ),
        (json!({"certificate": "text"}), "certificate"),
        (json!({"app": "both", "jwk": rsa_jwk()}), "app"),
        (json!({"key": rsa_jwk()}), "key"),
    ] {
        world.operator.post(path, &body).await.problem(400, Some(field));
    }
    let listed = world.operator.get(path).await.is(200);
    assert_eq!(listed.json(), json!({"keys": []}));
    let secret = with(rsa_jwk(), "d", json!("private"));
    world.operator.post(path, &secret).await.is(201);
    world.operator.post(path, &secret).await.is(201);
    assert_eq!(world.operator.get(path).await.at("/keys").as_array().unwrap().len(), 1);
    for number in 0..9 {
        let key = with(ec_jwk(), "kid", json!(format!("key-{number}")));
        world.operator.post(path, &key).await.is(201);
    }
    let more = with(ec_jwk(), "kid", json!("key-9"));
    world.operator.post(path, &more).await.problem(409, None);
    for publisher in ["nobody", "%ff"] {
        let path = format!("/publishers/{publisher}/client-keys");
        world.operator.get(&path).await.problem(404, None);
        world.operator.post(&path, &more).await.problem(404, None);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_secret_may_end_and_a_service_principal_be_missing(#[case] db: Db) {
    let (world, clock) = world(db).await;
    let app = &world.publisher.app;
    let scope = format!("{MARKETPLACE_RESOURCE}/.default");
    let ask = async || {
        let form = [("grant_type", "client_credentials"), ("scope", &*scope)];
        let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
        let call = world.anon.call(Method::POST, &path);
        call.basic_auth(&app.client_id, Some(app.client_secret.expose())).form(&form).ask().await
    };
    ask().await.is(200);
    let end = json!({"clientSecretExpiresAt": "2027-01-31T09:30:00Z"});
    let set = world.operator.configure(&end).await.is(200);
    assert_eq!(set.at("/clientSecretExpiresAt"), "2027-01-31T09:30:00.000000Z", "{set}");
    clock.advance(SignedDuration::from_secs(1_799));
    ask().await.is(200);
    clock.advance(SignedDuration::from_secs(1));
    refused(ask().await, 7_000_222);
    world.publisher.list().await.is(200); // its bearer still lives
    let off = json!({"clientSecretExpiresAt": null, "servicePrincipal": false});
    let set = world.operator.configure(&off).await.is(200);
    assert_eq!(set.at("/servicePrincipal"), false, "{set}");
    assert_eq!(set.at("/clientSecretExpiresAt"), Value::Null, "{set}");
    refused(ask().await, 7_000_229);
    let on = world.operator.configure(&json!({"servicePrincipal": null})).await.is(200);
    assert_eq!(on.at("/servicePrincipal"), true, "{on}");
    ask().await.is(200);
    for (body, field) in [
        (json!({"clientSecretExpiresAt": "soon"}), "clientSecretExpiresAt"),
        (json!({"servicePrincipal": "no"}), "servicePrincipal"),
    ] {
        world.operator.configure(&body).await.problem(400, Some(field));
    }
}
