//! An assertion is taken once: by two at the same time, over a restart, by another broker on the same database; and what
//! its header brings along changes nothing (fulfillment.md 5.2; RFC 7523 3).

use jsonwebtoken::{Algorithm, Header, jwk::Jwk};
use rstest::rstest;
use serde_json::{Value, json};
use shared::{
    clock::{Clock, FakeClock, SystemClock},
    identity::MARKETPLACE_RESOURCE,
};

use crate::support::{
    Anonymous, Answer, Db, World,
    keys::{EC_POINT, RSA_JWK, assertion},
};

/// Contoso registers the RSA key as `one`.
async fn register(world: &World) {
    let jwk = json!({"kty": "RSA", "kid": "one", "n": RSA_JWK.0, "e": RSA_JWK.1});
    world.operator.post("/publishers/contoso/client-keys", &json!({"jwk": jwk})).await.is(201);
}

fn header() -> Header {
    Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::RS256) }
}

/// What a sound assertion says at `now`, for the issuer, which is the same whatever the port.
fn sound(world: &World, now: i64, jti: &str) -> Value {
    let app = &world.publisher.app;
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", app.tenant_id);
    json!({"aud": issuer, "iss": app.client_id, "sub": app.client_id, "jti": jti,
        "nbf": now, "iat": now, "exp": now + 600})
}

async fn ask(anon: &Anonymous, world: &World, assertion: &str) -> Answer {
    let app = &world.publisher.app;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*app.client_id),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("resource", MARKETPLACE_RESOURCE),
    ];
    anon.token(&app.tenant_id, &form).await
}

#[track_caller]
fn refused(answer: Answer, number: u32) {
    let refused = answer.is(401);
    assert_eq!(refused.at("/error_codes"), json!([number]), "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_used_assertion_is_remembered_over_a_restart(#[case] db: Db) {
    let mut world = World::new(db).await;
    register(&world).await;
    let now = SystemClock.now().as_second();
    let used = assertion(&header(), &sound(&world, now, "used"));
    let fresh = assertion(&header(), &sound(&world, now, "fresh"));
    ask(&world.anon, &world, &used).await.is(200);
    world.restart().await;
    refused(ask(&world.anon, &world, &used).await, 50_013);
    ask(&world.anon, &world, &fresh).await.is(200);
    world.stop().await;
}

#[tokio::test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn another_broker_on_the_same_database_knows_it_was_used() {
    let world = World::new(Db::Postgres).await;
    register(&world).await;
    let neighbour = world.neighbour().await;
    let now = SystemClock.now().as_second();
    let used = assertion(&header(), &sound(&world, now, "used"));
    ask(&world.anon, &world, &used).await.is(200);
    refused(ask(&neighbour.anon, &world, &used).await, 50_013);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn of_two_who_use_an_assertion_at_once_one_gets_a_token(#[case] db: Db) {
    let world = World::new(db).await;
    register(&world).await;
    let now = SystemClock.now().as_second();
    for number in 0..3 {
        let one = assertion(&header(), &sound(&world, now, &number.to_string()));
        let both = tokio::join!(ask(&world.anon, &world, &one), ask(&world.anon, &world, &one));
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "{} {}", both.0, both.1);
    }
}

#[tokio::test]
async fn what_the_header_brings_along_changes_nothing() {
    let world = World::new(Db::Sqlite).await;
    register(&world).await;
    let now = SystemClock.now().as_second();
    let elsewhere = Some("http://127.0.0.1:1/keys".to_owned());
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": EC_POINT.0, "y": EC_POINT.1});
    let jwk: Jwk = serde_json::from_value(jwk).unwrap();
    for (number, header) in [
        Header { jku: elsewhere.clone(), ..header() },
        Header { x5u: elsewhere, ..header() },
        Header { x5c: Some(vec!["MIIB".to_owned()]), ..header() },
        Header { jwk: Some(jwk), ..header() },
    ]
    .iter()
    .enumerate()
    {
        let sound = assertion(header, &sound(&world, now, &number.to_string()));
        ask(&world.anon, &world, &sound).await.is(200);
    }
}

#[tokio::test]
async fn the_edges_of_its_time_are_five_minutes_wide() {
    let now = 1_801_386_000;
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(Db::Sqlite, &clock).await;
    register(&world).await;
    let day = 24 * 3_600;
    for (number, (exp, nbf, taken)) in [
        (now - 299, now - 600, true),
        (now - 300, now - 600, false),
        (now + 600, now + 300, true),
        (now + 600, now + 301, false),
        (now + day + 300, now, true),
        (now + day + 301, now, false),
        // An end before its begin: within the skew of both.
        (now - 1, now + 1, true),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = sound(&world, now, &number.to_string());
        claims.as_object_mut().unwrap().remove("iat");
        (claims["exp"], claims["nbf"]) = (json!(exp), json!(nbf));
        let answer = ask(&world.anon, &world, &assertion(&header(), &claims)).await;
        if taken { drop(answer.is(200)) } else { refused(answer, 700_024) }
    }
    for (number, aud) in
        [json!("HTTPS://login.microsoftonline.com/x"), json!(7), json!({}), json!(null)]
            .into_iter()
            .enumerate()
    {
        let mut claims = sound(&world, now, &format!("aud {number}"));
        claims["aud"] = aud;
        let answer = ask(&world.anon, &world, &assertion(&header(), &claims)).await;
        refused(answer, if number == 0 { 700_023 } else { 50_027 });
    }
}
