//! POST …/token-keys: the newest key signs, older ones still verify.

use reqwest::Method;
use rstest::rstest;

use crate::support::{Ask, Db, World, world::bought};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn tokens_of_every_key_resolve_after_a_rotation(#[case] db: Db) {
    let world = World::new(db).await;
    let mut tokens = vec![world.buy_flat().await];
    let mut keys = Vec::new();
    for _ in 0..3 {
        let rotated = world.operator.call(Method::POST, "/token-keys").ask().await.is(201);
        keys.push(rotated.text_at("/keyId"));
        tokens.push(world.buy_flat().await);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3, "each has a name of its own");
    for purchase in &tokens {
        let resolved = world.publisher.resolve(&purchase.token).await.is(200);
        assert_eq!(resolved.at("/id"), purchase.id.as_str(), "{resolved}");
    }
    let head = |token: &str| token[..12].to_owned();
    assert_ne!(head(&tokens[0].token), head(&tokens[3].token), "another key signs now");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_key_counts_in_its_own_sandbox_only(#[case] db: Db) {
    let world = World::new(db).await;
    let (other, stranger) = world.another_sandbox("elsewhere").await;
    other.call(Method::POST, "/token-keys").ask().await.is(201);
    let mine = world.buy_flat().await;
    world.publisher.resolve(&mine.token).await.is(200);
    let theirs = other.purchase(&crate::support::world::flat()).await.is(201);
    stranger.resolve(&bought(&theirs).token).await.is(200);
}
