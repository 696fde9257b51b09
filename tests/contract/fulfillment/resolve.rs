//! POST /api/saas/subscriptions/resolve: what a purchase token stands for.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World, world::bought};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c09_a_fresh_token_resolves_to_the_whole_subscription(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy(3).await;
    let resolved = world.publisher.resolve(&purchase.token).await.is(200);
    let truth = world.operator.truth(&purchase.id).await;
    assert_eq!(resolved.at("/id"), purchase.id.as_str(), "{resolved}");
    assert_eq!(resolved.at("/subscriptionName"), truth.at("/name"), "{resolved}");
    assert_eq!(resolved.at("/offerId"), "contoso-desk", "{resolved}");
    assert_eq!(resolved.at("/planId"), "silver", "{resolved}");
    assert_eq!(resolved.at("/quantity"), 3, "{resolved}");
    let seen = world.publisher.subscription(&purchase.id).await.is(200);
    assert_eq!(resolved.at("/subscription"), seen.json(), "the object of 1.5, whole");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c10_a_missing_token_is_told_by_its_header(#[case] db: Db) {
    let world = World::new(db).await;
    let call = || world.publisher.call(Method::POST, "/resolve");
    let header = Some("x-ms-marketplace-token");
    call().ask().await.detail(400, header, "HeaderNotPresent");
    let empty = call().header("x-ms-marketplace-token", "").ask().await;
    empty.detail(400, header, "HeaderNotPresent");
    let in_the_body = call().json(&json!({"token": "abc"})).ask().await;
    in_the_body.detail(400, header, "HeaderNotPresent");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c11_what_a_careless_client_makes_of_a_token_is_refused_without_being_shown(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    let token = &purchase.token;
    assert!((216..=236).contains(&token.len()), "{}", token.len());
    let before = world.operator.truth(&purchase.id).await;
    let middle = if token[100..].starts_with('A') { "B" } else { "A" };
    let tampered = format!("{}{middle}{}", &token[..100], &token[101..]);
    let encoded = token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for (what, sent) in [
        ("plus as space", token.replace('+', " ")),
        ("not percent-decoded", encoded),
        ("cut", token[..120].to_owned()),
        ("without padding", token.trim_end_matches('=').to_owned()),
        ("URL-safe base64", token.replace('+', "-").replace('/', "_")),
        ("tampered", tampered),
        ("garbage", "garbage".to_owned()),
        ("very long", "A".repeat(4_000)),
        ("a path", "../../etc/passwd".to_owned()),
    ] {
        let refused = world.publisher.resolve(&sent).await;
        let refused = refused.detail(400, Some("token"), "InvalidValue");
        assert!(!refused.text.contains(&sent[..sent.len().min(40)]), "{what}: {refused}");
    }
    let call = world.publisher.call(Method::POST, "/resolve");
    let not_text = reqwest::header::HeaderValue::from_bytes(&[0xff, 0xfe]).unwrap();
    let not_text = call.header("x-ms-marketplace-token", not_text).ask().await;
    not_text.detail(400, Some("token"), "InvalidValue");
    assert_eq!(world.operator.truth(&purchase.id).await.json(), before.json());
    world.publisher.resolve(token).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c12_a_token_resolves_for_24_hours_to_the_microsecond(#[case] db: Db) {
    let world = World::new(db).await;
    let answer = world.operator.purchase(&crate::support::world::flat()).await.is(201);
    let purchase = bought(&answer);
    assert_eq!(answer.at("/tokenExpiresAt"), "2027-02-01T09:00:00.000000Z", "{answer}");
    world.operator.advance(&json!({"to": "2027-02-01T08:59:59.999999Z"})).await.is(200);
    world.publisher.resolve(&purchase.token).await.is(200);
    world.operator.advance(&json!({"to": "2027-02-01T09:00:00Z"})).await.is(200);
    let expired = world.publisher.resolve(&purchase.token).await;
    let expired = expired.detail(400, Some("token"), "InvalidValue");
    assert!(expired.text_at("/message").contains("expired"), "{expired}");
    let fresh = bought(&world.operator.link(&purchase.id).await.is(201));
    world.publisher.resolve(&fresh.token).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c13_c14_resolve_changes_nothing_and_works_again_in_every_status(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let purchase = world.buy_flat().await;
    let mut statuses = Vec::new();
    let resolve_twice = async || {
        let before = world.operator.truth(&purchase.id).await;
        let first = world.publisher.resolve(&purchase.token).await.is(200);
        let second = world.publisher.resolve(&purchase.token).await.is(200);
        assert_eq!(first.json(), second.json());
        assert_eq!(first.at("/id"), purchase.id.as_str());
        assert_eq!(world.operator.truth(&purchase.id).await.json(), before.json());
        first.text_at("/subscription/saasSubscriptionStatus")
    };
    statuses.push(resolve_twice().await);
    world.publisher.activate(&purchase.id).await.is(200);
    statuses.push(resolve_twice().await);
    world.operator.acted(&purchase.id, &json!({"action": "suspend"})).await;
    statuses.push(resolve_twice().await);
    world.operator.unsubscribe(&purchase.id).await.is(202);
    statuses.push(resolve_twice().await);
    assert_eq!(statuses, ["PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c14_resolve_shows_the_present_and_not_what_is_asked_for(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let purchase = world.buy_active(3).await;
    let change = json!({"action": "changePlan", "planId": "gold"});
    let operation = world.operator.acted(&purchase.id, &change).await;
    let resolved = world.publisher.resolve(&purchase.token).await.is(200);
    assert_eq!(resolved.at("/planId"), "silver", "still open: {resolved}");
    world.publisher.decide(&purchase.id, &operation, "Success").await.is(200);
    let resolved = world.publisher.resolve(&purchase.token).await.is(200);
    assert_eq!(resolved.at("/planId"), "gold", "{resolved}");
    assert_eq!(resolved.at("/quantity"), 3, "{resolved}");
    let seen = world.publisher.subscription(&purchase.id).await.is(200);
    assert_eq!(resolved.at("/subscription"), seen.json(), "{resolved}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c15_a_flat_rate_has_no_quantity_anywhere(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    let resolved = world.publisher.resolve(&purchase.token).await.is(200);
    let seen = world.publisher.subscription(&purchase.id).await.is(200);
    for (answer, object) in [(&resolved, resolved.json()), (&seen, seen.json())] {
        assert!(object.get("quantity").is_none(), "{answer}");
        assert!(object.pointer("/subscription/quantity").is_none(), "{answer}");
    }
    let list = world.publisher.list().await.is(200);
    assert_eq!(list.at("/subscriptions/0/id"), purchase.id.as_str(), "{list}");
    assert!(list.at("/subscriptions/0").get("quantity").is_none(), "{list}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c16_the_link_carries_the_token_percent_encoded_once(#[case] db: Db) {
    let world = World::new(db).await;
    for landing in ["https://app.example/land", "https://app.example/land?tenant=7&x=%20y"] {
        world.operator.configure(&json!({"landingPageUrl": landing})).await.is(200);
        let purchase = world.buy_flat().await;
        assert!(purchase.token.contains('+') && purchase.token.contains('/'));
        let joint = if landing.contains('?') { '&' } else { '?' };
        let encoded = purchase.link.strip_prefix(&format!("{landing}{joint}token="));
        let encoded = encoded.unwrap_or_else(|| panic!("{} in {}", landing, purchase.link));
        assert!(!encoded.contains(['+', '/', '=']), "{encoded}");
        let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
        assert_eq!(decoded, purchase.token);
        world.publisher.resolve(&decoded).await.is(200);
        world.publisher.resolve(encoded).await.is(400);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn another_publishers_token_and_another_sandboxes_are_refused_with_403(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    world.other_publisher.resolve(&purchase.token).await.forbidden();
    let (operator, stranger) = world.another_sandbox("elsewhere").await;
    stranger.resolve(&purchase.token).await.forbidden();
    let foreign = crate::support::world::flat();
    let foreign = bought(&operator.purchase(&foreign).await.is(201));
    world.publisher.resolve(&foreign.token).await.forbidden();
    stranger.resolve(&foreign.token).await.is(200);
    let refused = world.operator.exchange("the refusal in the journal", |entry| {
        entry["name"] == "resolve" && entry["from"] == "publisher fabrikam"
    });
    assert_eq!(refused.await["data"]["refusal"], "another publisher's");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_is_tolerated(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    for body in ["", "{}", "{not json"] {
        let call = world.publisher.call(Method::POST, "/resolve");
        call.header("x-ms-marketplace-token", &purchase.token).body(body).ask().await.is(200);
    }
}
