//! POST /{tenant}/oauth2/token, and what its bearers open (fulfillment.md 5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, identity::MARKETPLACE_RESOURCE};

use crate::support::{
    Ask, Db, World,
    callers::credentials,
    keys::{forged, signed},
};

/// The credentials with one member changed, or left out.
fn changed<'a>(
    form: [(&'a str, &'a str); 4],
    name: &str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let put = |(key, old)| {
        if key != name {
            return Some((key, old));
        }
        value.map(|value| (key, value))
    };
    form.into_iter().filter_map(put).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_token_is_v1_with_text_members_and_the_documented_claims(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00.25Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let app = &world.publisher.app;
    let answer = world.anon.token(&app.tenant_id, &credentials(app)).await.is(200);
    let (from, until) = (1_801_386_000, 1_801_389_600);
    for (member, value) in [
        ("token_type", "Bearer"),
        ("expires_in", "3600"),
        ("ext_expires_in", "3600"),
        ("not_before", &*from.to_string()),
        ("expires_on", &*until.to_string()),
        ("resource", MARKETPLACE_RESOURCE),
    ] {
        assert_eq!(answer.text_at(&format!("/{member}")), value, "{answer}");
    }
    assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
    let (header, claims) = world.publisher.with_bearer(&answer.text_at("/access_token")).opened();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    assert!(header.kid.is_some_and(|kid| !kid.is_empty()));
    for (claim, value) in [
        ("aud", json!(MARKETPLACE_RESOURCE)),
        ("iss", json!(format!("https://sts.windows.net/{}/", app.tenant_id))),
        ("tid", json!(app.tenant_id)),
        ("appid", json!(app.client_id)),
        ("ver", json!("1.0")),
        ("iat", json!(from)),
        ("nbf", json!(from)),
        ("exp", json!(until)),
    ] {
        assert_eq!(claims[claim], value, "{claim}: {claims}");
    }
    assert!(claims["oid"].is_string() && claims["sub"].is_string(), "{claims}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn each_refusal_has_its_status_error_and_number(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher.app;
    let other = &world.other_publisher.app;
    let (tenant, form) = (&*app.tenant_id, credentials(app));
    let nobody = "00000000-0000-0000-0000-000000000000";
    let missing = |name| (tenant, changed(form, name, None), 400, "invalid_request", 900_144);
    for (tenant, form, status, error, number) in [
        missing("grant_type"),
        missing("client_id"),
        missing("client_secret"),
        missing("resource"),
        (
            tenant,
            changed(form, "grant_type", Some("password")),
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (nobody, form.to_vec(), 400, "invalid_request", 90_002),
        ("common", form.to_vec(), 400, "invalid_request", 90_002),
        (tenant, changed(form, "client_id", Some(nobody)), 400, "unauthorized_client", 700_016),
        (tenant, changed(form, "client_id", Some("no-guid")), 400, "unauthorized_client", 700_016),
        (
            tenant,
            changed(form, "client_id", Some(&other.client_id)),
            400,
            "unauthorized_client",
            700_016,
        ),
        (&other.tenant_id, form.to_vec(), 400, "unauthorized_client", 700_016),
        (tenant, changed(form, "client_secret", Some("wrong")), 401, "invalid_client", 7_000_215),
        (tenant, changed(form, "client_secret", Some("")), 401, "invalid_client", 7_000_215),
        (
            tenant,
            changed(form, "client_secret", Some(other.client_secret.expose())),
            401,
            "invalid_client",
            7_000_215,
        ),
        (
            tenant,
            changed(form, "resource", Some("62d94f6c-d599-489b-a797-3e10e42fbe23")),
            400,
            "invalid_resource",
            500_011,
        ),
    ] {
        let refused = world.anon.token(tenant, &form).await.is(status);
        assert_eq!(refused.at("/error"), error, "{form:?}: {refused}");
        assert_eq!(refused.at("/error_codes"), json!([number]), "{form:?}: {refused}");
        let description = refused.text_at("/error_description");
        assert!(description.starts_with(&format!("AADSTS{number}: ")), "{refused}");
        for member in ["timestamp", "trace_id", "correlation_id", "error_uri"] {
            assert!(!refused.text_at(&format!("/{member}")).is_empty(), "{refused}");
        }
        assert_eq!(refused.header("cache-control"), "no-store", "{refused}");
        assert!(!refused.text.contains(app.client_secret.expose()), "{refused}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_that_is_no_form_names_the_missing_parameter(#[case] db: Db) {
    let world = World::new(db).await;
    let path = format!("/{}/oauth2/token", world.publisher.app.tenant_id);
    let long = format!("grant_type=client_credentials&x={}", "x".repeat(1024 * 1024));
    for body in ["", "{\"grant_type\":\"client_credentials\"}", "%%%=&&&", &long] {
        let call = world.anon.call(Method::POST, &path).body(body.to_owned());
        let refused = call.ask().await.is(if body == long { 413 } else { 400 });
        assert_eq!(refused.at("/error"), "invalid_request", "{refused}");
    }
    // What is no text is read as the form has it, and proves nothing.
    let app = &world.publisher.app;
    let resource = MARKETPLACE_RESOURCE;
    for (client, secret, status, error) in [
        (&*app.client_id, "%00", 401, "invalid_client"),
        (&*app.client_id, "%ff%fe", 401, "invalid_client"),
        (&*app.client_id, "\u{0}", 401, "invalid_client"),
        ("a%00b", "x", 400, "unauthorized_client"),
        ("%ff", "x", 400, "unauthorized_client"),
    ] {
        let body = format!(
            "grant_type=client_credentials&resource={resource}&client_id={client}&client_secret={secret}"
        );
        let refused = world.anon.call(Method::POST, &path).body(body).ask().await;
        assert_eq!(refused.is(status).at("/error"), error);
    }
    let mut bytes = b"grant_type=client_credentials&client_id=".to_vec();
    bytes.extend([0xff, 0xfe, 0x00, 0xc3]);
    let refused = world.anon.call(Method::POST, &path).body(bytes).ask().await;
    assert_eq!(refused.is(400).at("/error"), "invalid_request", "no secret");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let refused = world.anon.call(method, &path).ask().await.is(405);
        assert_eq!(refused.at("/error_codes"), json!([900_561]), "{refused}");
        assert_eq!(refused.header("allow"), "POST", "{refused}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_a_bearer_lives_an_hour_of_real_time_and_not_a_second_more(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let bought = world.buy_flat().await;
    clock.advance(SignedDuration::from_millis(3_599_999));
    world.publisher.subscription(&bought.id).await.is(200);
    clock.advance(SignedDuration::from_millis(1));
    world.publisher.subscription(&bought.id).await.forbidden();
    let app = &world.publisher.app;
    let fresh = world.anon.token(&app.tenant_id, &credentials(app)).await.is(200);
    let fresh = world.publisher.with_bearer(&fresh.text_at("/access_token"));
    fresh.subscription(&bought.id).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_a_bearer_outlives_ten_years_of_sandbox_time(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_flat().await;
    let advanced = world.operator.advance_by("P10Y").await;
    assert_eq!(advanced.at("/clock/now"), "2037-01-31T09:00:00.000000Z", "{advanced}");
    let seen = world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen.header("x-rehearse-now"), "2037-01-31T09:00:00.000000Z", "{seen}");
    let app = &world.publisher.app;
    let fresh = world.anon.token(&app.tenant_id, &credentials(app)).await.is(200);
    assert_eq!(fresh.at("/not_before"), "1801386000", "real time: {fresh}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_a_bearer_of_v2_is_as_good_and_its_app_and_issuer_count_as_much(#[case] db: Db) {
    let world = World::new(db).await;
    let (header, claims) = world.publisher.opened();
    let tenant = &world.publisher.app.tenant_id;
    let mut v2 = claims.clone();
    v2.as_object_mut().unwrap().remove("appid");
    v2["azp"] = claims["appid"].clone();
    v2["ver"] = json!("2.0");
    v2["iss"] = json!(format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    let ask = async |claims: Value| {
        let bearer = signed(&claims, header.kid.clone());
        world.publisher.with_bearer(&bearer).list().await
    };
    ask(v2.clone()).await.is(200);
    let other = &world.other_publisher.app;
    let stranger = format!("https://login.microsoftonline.com/{}/v2.0", other.tenant_id);
    for (what, claims) in [
        ("issuer", with(&v2, "iss", json!(stranger))),
        (
            "issuer of many",
            with(&v2, "iss", json!("https://login.microsoftonline.com/common/v2.0")),
        ),
        ("app", with(&v2, "azp", json!(other.client_id))),
        ("landing page's app", with(&v2, "azp", json!(world.publisher.app.sign_in.client_id))),
        ("no app", with(&v2, "azp", Value::Null)),
    ] {
        let refused = ask(claims).await;
        assert_eq!(refused.status, 403, "{what}: {refused}");
        refused.forbidden();
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_a_bearer_of_twenty_kilobytes_is_refused_as_any_other(#[case] db: Db) {
    let world = World::new(db).await;
    let (header, claims) = world.publisher.opened();
    let long = with(&claims, "more", json!("x".repeat(15_000)));
    let long = signed(&long, header.kid.clone());
    assert!(long.len() > 20_000);
    let none = "x".repeat(20_000);
    for bearer in [&long, &none] {
        world.publisher.with_bearer(bearer).list().await.forbidden();
        let metering = "/api/usageEvents?api-version=2018-08-31&usageStartDate=2027-01-01";
        for (method, path, status) in [
            (Method::GET, metering, 403),
            (Method::GET, "/v1/customers", 401),
            (Method::POST, "/v3/generatetoken", 401),
            (Method::GET, "/oidc/userinfo", 401),
            (Method::GET, "/common/openid/userinfo", 401),
            (Method::GET, "/v1.0/me", 401),
            (Method::GET, "/rehearsal/v1/sandboxes", 401),
        ] {
            let refused = world.anon.call(method, path).bearer_auth(bearer).ask().await;
            assert_eq!(refused.status, status, "{path}: {refused}");
            assert!(!refused.text.contains(&bearer[..100]), "{path}: not told again");
        }
    }
}

#[tokio::test]
async fn a_landing_pages_app_gets_a_bearer_that_opens_nothing() {
    let world = World::new(Db::Sqlite).await;
    let app = &world.publisher.app;
    let mut form = credentials(app);
    form[1].1 = &app.sign_in.client_id;
    form[2].1 = app.sign_in.client_secret.expose();
    let bearer = world.anon.token(&app.tenant_id, &form).await.is(200).text_at("/access_token");
    world.publisher.with_bearer(&bearer).list().await.forbidden();
}

/// The claims with one changed.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_another_audience_tenant_or_app_is_refused_though_the_signature_is_sound(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let (header, claims) = world.publisher.opened();
    let ask = async |claims: Value| {
        let bearer = signed(&claims, header.kid.clone());
        world.publisher.with_bearer(&bearer).subscription(&bought.id).await
    };
    ask(claims.clone()).await.is(200);
    let other = &world.other_publisher.app;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let other_issuer = format!("https://sts.windows.net/{}/", other.tenant_id);
    let mut other_tenant = with(&claims, "tid", json!(other.tenant_id));
    other_tenant["iss"] = json!(other_issuer);
    for (what, claims) in [
        ("audience", with(&claims, "aud", json!("https://graph.microsoft.com"))),
        ("tenant", other_tenant),
        ("tenant without its issuer", with(&claims, "tid", json!(other.tenant_id))),
        ("issuer", with(&claims, "iss", json!(other_issuer))),
        ("app of another tenant", with(&claims, "appid", json!(other.client_id))),
        ("unknown app", with(&claims, "appid", json!(nobody))),
        ("no app", with(&claims, "appid", json!(""))),
        ("not valid yet", with(&claims, "nbf", json!(32_503_680_000_i64))),
        ("expired", with(&claims, "exp", json!(1_000_000_000))),
    ] {
        let refused = ask(claims).await;
        assert_eq!(refused.status, 403, "{what}: {refused}");
        refused.forbidden();
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_a_bearer_that_the_broker_did_not_sign_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let (header, claims) = world.publisher.opened();
    let sound = &world.publisher.bearer;
    let parts: Vec<_> = sound.split('.').collect();
    let [head, body, signature] = parts.as_slice() else { panic!("three parts") };
    let none = URL_SAFE_NO_PAD
        .encode(json!({"alg": "none", "typ": "JWT", "kid": header.kid.clone()}).to_string());
    let hmac = {
        let header = jsonwebtoken::Header {
            kid: header.kid.clone(),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
        };
        let key = jsonwebtoken::EncodingKey::from_secret(b"guess");
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    };
    let richer = with(&claims, "exp", json!(32_503_680_000_i64)).to_string();
    for (what, bearer) in [
        ("a foreign key under our name", forged(&claims, header.kid.clone())),
        ("a foreign key under its own name", forged(&claims, Some("other".to_owned()))),
        ("our key under another name", signed(&claims, Some("other".to_owned()))),
        ("no key name", signed(&claims, None)),
        ("alg none, no signature", format!("{none}.{body}.")),
        ("alg none, our signature", format!("{none}.{body}.{signature}")),
        ("HS256", hmac),
        ("another body", format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(richer))),
        ("no signature", format!("{head}.{body}.")),
        ("two parts", format!("{head}.{body}")),
    ] {
        let refused = world.publisher.with_bearer(&bearer).subscription(&bought.id).await;
        assert_eq!(refused.status, 403, "{what}: {refused}");
        refused.forbidden();
    }
    world.publisher.subscription(&bought.id).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_key_and_the_secrets_outlive_a_restart(#[case] db: Db) {
    let mut world = World::new(db).await;
    let bought = world.buy_flat().await;
    world.restart().await;
    world.publisher.subscription(&bought.id).await.is(200);
    world.publisher.resolve(&bought.token).await.is(200);
    let app = &world.publisher.app;
    world.anon.token(&app.tenant_id, &credentials(app)).await.is(200);
    world.stop().await;
}
