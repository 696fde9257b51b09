//! POST …/activation-links: a fresh link.

use rstest::rstest;
use serde_json::json;

use crate::support::{Db, World, world::bought};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_fresh_link_resolves_and_the_older_one_lives_on(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    world.operator.advance_by("PT23H").await;
    let answer = world.operator.link(&purchase.id).await.is(201);
    let fresh = bought(&answer);
    assert_eq!(fresh.id, purchase.id);
    assert_eq!(answer.at("/tokenExpiresAt"), "2027-02-02T08:00:00.000000Z", "{answer}");
    assert_ne!(fresh.token, purchase.token);
    world.publisher.resolve(&purchase.token).await.is(200);
    world.publisher.resolve(&fresh.token).await.is(200);
    world.operator.advance_by("PT1H").await;
    world.publisher.resolve(&purchase.token).await.is(400);
    world.publisher.resolve(&fresh.token).await.is(200);
    world.publisher.activate(&purchase.id).await.is(200);
    let manage = bought(&world.operator.link(&purchase.id).await.is(201));
    world.publisher.resolve(&manage.token).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_link_leads_where_the_publisher_says_now(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    assert!(purchase.link.contains("/s/rehearsal-1/contoso/landing?token="), "{}", purchase.link);
    let page = json!({"landingPageUrl": "https://app.example/land"});
    world.operator.configure(&page).await.is(200);
    let fresh = bought(&world.operator.link(&purchase.id).await.is(201));
    assert!(fresh.link.starts_with("https://app.example/land?token="), "{}", fresh.link);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_ended_subscription_gets_none_and_an_unknown_one_is_not_found(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy_flat().await;
    world.operator.unsubscribe(&purchase.id).await.is(202);
    let refused = world.operator.link(&purchase.id).await.problem(409, None);
    assert!(refused.text_at("/detail").contains("Unsubscribed"), "{refused}");
    world.operator.link("00000000-0000-0000-0000-000000000000").await.problem(404, None);
    world.operator.link("no-guid").await.problem(404, None);
}
