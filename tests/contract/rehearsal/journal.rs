//! GET …/journal?after=: everything that happened, in order.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Db, World, people};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn events_stand_in_the_order_they_happened(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.resolve(&bought.token).await.is(200);
    world.operator.link(&bought.id).await.is(201);
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.unsubscribe(&bought.id).await.is(202);
    let journal = world.operator.journal().await;
    let is_event =
        |entry: &&Value| entry["kind"] == "event" && entry["subscriptionId"] == bought.id.as_str();
    let events: Vec<&str> =
        journal.iter().filter(is_event).map(|entry| entry["name"].as_str().unwrap()).collect();
    let story = [
        "purchased",
        "activationLinkIssued",
        "licensesAssigned",
        "fulfillmentConfirmed",
        "billingStarted",
        "charged",
        "unsubscribed",
    ];
    let told: Vec<&str> = events.iter().copied().filter(|name| story.contains(name)).collect();
    assert_eq!(told, story, "{events:?}");
    for entry in &journal {
        assert_eq!(entry["at"], "2027-01-31T09:00:00.000000Z", "sandbox time: {entry}");
        assert!(entry["data"].is_object(), "{entry}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn exchanges_say_who_called_whom_and_how_long_it_took(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    world.publisher.resolve(&bought.token).await.is(200);
    world.publisher.subscription(&bought.id).await.is(200);
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    world.publisher.activate(&bought.id).await.is(200);
    for (name, from, status) in [
        ("token", "publisher contoso", 200),
        ("purchase", "operator", 201),
        ("resolve", "publisher contoso", 200),
        ("getSubscription", "publisher contoso", 200),
        ("licenseAssignments", "publisher contoso", 200),
        ("activate", "publisher contoso", 200),
    ] {
        let entry = world.operator.exchange(name, |entry| entry["name"] == name).await;
        assert_eq!(entry["from"], from, "{entry}");
        assert_eq!(entry["to"], "broker", "{entry}");
        assert_eq!(entry["data"]["status"], status, "{entry}");
        assert!(entry["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{entry}");
        if name != "token" {
            assert_eq!(entry["subscriptionId"], bought.id.as_str(), "{entry}");
        }
    }
    let resolved = world.operator.exchange("resolve", |entry| entry["name"] == "resolve").await;
    let token = resolved["data"]["token"].as_str().unwrap();
    assert_eq!(token, shared::purchase_token::fingerprint(&bought.token), "{resolved}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn pages_go_on_after_the_last_one_seen_without_gaps(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.exchange("activate", |entry| entry["name"] == "activate").await;
    let journal = world.operator.journal().await;
    let sequences: Vec<i64> = journal.iter().map(|e| e["sequence"].as_i64().unwrap()).collect();
    assert!(sequences.windows(2).all(|pair| pair[1] == pair[0] + 1), "{sequences:?}");
    let third = sequences[2];
    let page = world.operator.get(&format!("/journal?after={third}")).await.is(200);
    assert_eq!(page.at("/entries/0/sequence"), third + 1, "{page}");
    let last = sequences[sequences.len() - 1];
    let end = world.operator.get(&format!("/journal?after={last}")).await.is(200);
    assert_eq!(end.json(), json!({"entries": [], "next": last}), "{end}");
    for after in ["-1", "x", "1.5", "99999999999999999999"] {
        let path = format!("/journal?after={after}");
        world.operator.get(&path).await.problem(400, Some("after"));
    }
}
