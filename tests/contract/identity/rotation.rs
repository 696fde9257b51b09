//! POST …/signing-keys: a sandbox signs with a key of its own, and what the older one has signed is good until it ends
//! (architecture.md, Rehearsal sandboxes; WH-05).

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use shared::clock::FakeClock;

use crate::support::{
    Answer, Ask, Db, Operator, World,
    callers::credentials,
    foreign_app::Stage,
    visitor::{Visitor, authorize, redeeming, value},
};

async fn rotate(operator: &Operator) -> String {
    let call = operator.call(reqwest::Method::POST, "/signing-keys");
    call.ask().await.is(201).text_at("/keyId")
}

/// The names of the keys that a tenant's tokens may be signed with.
async fn published(world: &World, tenant: &str) -> Vec<String> {
    let answer = world.anon.get(&format!("/{tenant}/discovery/v2.0/keys")).await.is(200);
    let keys = answer.at("/keys").as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn token(world: &World, app: &shared::rehearsal::Publisher) -> Answer {
    world.anon.token(&app.tenant_id, &credentials(app)).await.is(200)
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_new_key_signs_and_the_older_one_verifies_until_its_last_token_is_over(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let app = &world.publisher.app;
    let (elsewhere, stranger) = world.another_sandbox("elsewhere").await;
    let first = kid(&world.publisher.bearer);
    assert_eq!(published(&world, &app.tenant_id).await, [first.as_str()]);
    clock.advance(SignedDuration::from_mins(30));
    let fresh = token(&world, app).await.text_at("/access_token");
    let second = rotate(&world.operator).await;
    assert_ne!(second, first);

    let signed = token(&world, app).await.text_at("/access_token");
    assert_eq!(kid(&signed), second, "though a fresh token of the older key was there");
    let sign_in = &world.sandbox.publisher.sign_in;
    let fields = Visitor::new(&world).sign_in(&authorize("common", sign_in, &[]), "Priya").await;
    let form = redeeming(sign_in, value(&fields, "code"));
    let call = world.anon.call(reqwest::Method::POST, "/common/oauth2/v2.0/token").form(&form);
    assert_eq!(kid(&call.ask().await.is(200).text_at("/id_token")), second);
    for bearer in [&world.publisher.bearer, &fresh, &signed] {
        world.publisher.with_bearer(bearer).list().await.is(200);
    }
    assert_eq!(published(&world, &app.tenant_id).await, [second.as_str(), first.as_str()]);
    assert_eq!(published(&world, "common").await, [second.as_str(), first.as_str()]);
    let customer = &world.sandbox.customers[0].customer_id;
    assert_eq!(published(&world, customer).await.len(), 2, "a customer's tenant is in the sandbox");
    assert_eq!(published(&world, &stranger.app.tenant_id).await, [first.as_str()]);
    assert_eq!(kid(&token(&world, &stranger.app).await.text_at("/access_token")), first);

    clock.advance(SignedDuration::from_millis(3_599_999));
    world.publisher.with_bearer(&fresh).list().await.is(200);
    clock.advance(SignedDuration::from_millis(1));
    world.publisher.with_bearer(&fresh).list().await.forbidden();
    clock.advance(SignedDuration::from_mins(10));
    assert_eq!(published(&world, &app.tenant_id).await, [second.as_str()], "it dropped out");
    assert_eq!(published(&world, &stranger.app.tenant_id).await, [first.as_str()]);
    let third = rotate(&world.operator).await;
    assert_eq!(published(&world, &app.tenant_id).await, [third.as_str(), second.as_str()]);
    clock.advance(SignedDuration::from_mins(70));
    assert_eq!(published(&world, &app.tenant_id).await, [third.as_str()]);
    let events = world.operator.journal().await;
    let rotated = events.iter().filter(|entry| entry["name"] == "signingKeyRotated");
    assert_eq!(rotated.count(), 2);
    assert!(elsewhere.journal().await.iter().all(|entry| entry["name"] != "signingKeyRotated"));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn webhooks_are_signed_with_the_new_key_at_once(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let suspend = json!({"action": "suspend"});
    let before = stage.app.hook_of(&stage.acted(&suspend).await).await;
    let second = rotate(&stage.world.operator).await;
    let after = stage.app.hook_of(&stage.acted(&json!({"action": "unsubscribe"})).await).await;
    assert_ne!(kid(before.bearer()), second);
    assert_eq!(kid(after.bearer()), second);
    let tenant = &stage.world.publisher.app.tenant_id;
    assert_eq!(published(&stage.world, tenant).await, [second, kid(before.bearer())]);
}

#[tokio::test]
async fn keys_outlive_a_restart_and_ten_stand_side_by_side_at_most() {
    let mut world = World::new(Db::Sqlite).await;
    let mut kids = vec![kid(&world.publisher.bearer)];
    for _ in 0..10 {
        kids.insert(0, rotate(&world.operator).await);
    }
    let call = world.operator.call(reqwest::Method::POST, "/signing-keys");
    call.ask().await.problem(409, None);
    world.restart().await;
    assert_eq!(published(&world, &world.publisher.app.tenant_id.clone()).await, kids);
    world.publisher.list().await.is(200);
    assert_eq!(kid(&token(&world, &world.publisher.app).await.text_at("/access_token")), kids[0]);
    world.stop().await;
}

#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[tokio::test]
async fn another_broker_on_the_same_database_signs_with_it_and_takes_it() {
    let database = Db::Postgres.fresh().await;
    let world = World::with(Db::Sqlite, |config| config.database = database.clone()).await;
    let other = world.neighbour().await;
    let app = &world.publisher.app;
    let second = rotate(&world.operator).await;
    let there = other.anon.token(&app.tenant_id, &credentials(app)).await.is(200);
    let there = there.text_at("/access_token");
    assert_eq!(kid(&there), second, "the other one has learned of it");
    world.publisher.with_bearer(&there).list().await.is(200);
    let third = rotate(&world.operator).await;
    let here = token(&world, app).await.text_at("/access_token");
    assert_eq!(kid(&here), third);
    other.with_bearer(&here).list().await.is(200);
    let path = format!("/{}/discovery/keys", app.tenant_id);
    let keys = (world.anon.get(&path).await.json(), other.anon.get(&path).await.json());
    assert_eq!(keys.0, keys.1);
    assert_eq!(keys.0["keys"].as_array().unwrap().len(), 3);
}
