//! PUT …/subscriptions/{subscriptionId}/duties/url-sent: the customer was sent the URL to sign in at (S25).

use rstest::rstest;
use serde_json::json;

use crate::support::{Answer, Db, World};

async fn sent(world: &World, id: &str, body: serde_json::Value) -> Answer {
    world.operator.put(&format!("/subscriptions/{id}/duties/url-sent"), &body).await
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s25_a_url_is_recorded_as_sent_once_there_is_one(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let early = sent(&world, &bought.id, json!({"by": "Dana"})).await.problem(409, None);
    assert!(early.text_at("/detail").contains("no sign-in URL"), "{early}");
    let url = json!({"signInUrl": "https://contoso.example/a"});
    world.publisher.set_up(&bought.id, &url).await.is(200);
    world.operator.advance_by("PT1H").await;
    let first = sent(&world, &bought.id, json!({"by": "Dana Whitlock"})).await.is(200);
    let at = "2027-01-31T10:00:00.000000Z";
    let duties = json!({"signInUrl": "https://contoso.example/a",
        "urlSent": {"by": "Dana Whitlock", "at": at}});
    assert_eq!(first.json(), duties);
    world.operator.advance_by("PT1H").await;
    assert_eq!(sent(&world, &bought.id, json!({})).await.is(200).json(), duties, "kept");
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), duties);

    // Another URL has not been sent to anybody yet.
    let url = json!({"signInUrl": "https://contoso.example/b"});
    let moved = world.publisher.set_up(&bought.id, &url).await.is(200);
    assert_eq!(moved.json(), url);
    let again = sent(&world, &bought.id, json!({})).await.is(200);
    assert_eq!(again.at("/urlSent/by"), "operator", "{again}");
    let told = world.operator.events("urlSent").await;
    let told: Vec<_> = told.iter().map(|entry| entry["data"].clone()).collect();
    let expected = [
        json!({"by": "Dana Whitlock", "url": "https://contoso.example/a"}),
        json!({"by": "operator", "url": "https://contoso.example/b"}),
    ];
    assert_eq!(told, expected);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s25_who_is_nobody_is_refused_and_so_is_an_ended_subscription(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let url = json!({"signInUrl": "https://contoso.example/a"});
    world.publisher.set_up(&bought.id, &url).await.is(200);
    for by in [json!(""), json!(" "), json!("x".repeat(321)), json!(null), json!(5)] {
        sent(&world, &bought.id, json!({"by": by})).await.problem(400, Some("by"));
    }
    sent(&world, &bought.id, json!({"who": "me"})).await.problem(400, Some("who"));
    sent(&world, &bought.id, json!([])).await.problem(400, Some("body"));
    let unknown = "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed";
    sent(&world, unknown, json!({})).await.problem(404, None);
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), url);
    world.operator.unsubscribe(&bought.id).await.is(202);
    sent(&world, &bought.id, json!({})).await.problem(409, None);
}
