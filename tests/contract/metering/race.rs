//! One hour, many at once: one is accepted, and nobody sees a failure.

use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::event;
use crate::support::{Db, PublisherApp, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn of_many_at_once_one_is_accepted_and_the_others_are_duplicates(#[case] db: Db) {
    let world = World::new(db).await;
    let (one, two) = (world.buy_metered().await.id, world.buy_metered().await.id);
    let mut crowd = JoinSet::new();
    for n in 0..30 {
        crowd.spawn(report(world.publisher.clone(), one.clone(), two.clone(), n));
    }
    let told: Vec<_> = crowd.join_all().await.into_iter().flatten().collect();
    for id in [&one, &two] {
        let of: Vec<_> = told.iter().filter(|event| event["resourceId"] == json!(id)).collect();
        let accepted = of.iter().filter(|event| event["status"] == "Accepted").count();
        assert_eq!(accepted, 1, "{of:?}");
        assert!(of.iter().all(|event| event["usageEventId"] == of[0]["usageEventId"]), "{of:?}");
        assert_eq!(world.operator.usage(id).await.at("/dimensions/0/events"), 1);
        assert_eq!(world.operator.accepted(id).await, 1);
    }
}

/// One of the crowd reports; answers each event that the hours have, as it was told of it.
async fn report(publisher: PublisherApp, one: String, two: String, n: usize) -> Vec<Value> {
    let start = |hour| format!("2027-01-31T{hour:02}:{n:02}:00Z");
    if n.is_multiple_of(3) {
        let answer = publisher.report(&event(&one, n + 1, &start(8))).await;
        return match answer.status {
            200 => vec![answer.json()],
            409 => vec![answer.at("/additionalInfo/acceptedMessage")],
            _ => panic!("{answer}"),
        };
    }
    // Half of them name the hours the other way round.
    let mut events = vec![event(&one, n + 1, &start(8)), event(&two, n + 1, &start(7))];
    if n.is_multiple_of(2) {
        events.reverse();
    }
    let answer = publisher.report_batch(&json!(events)).await.is(200);
    let item = |at: usize| {
        let item = answer.at(&format!("/result/{at}"));
        match item["status"].as_str() {
            Some("Accepted") => item,
            Some("Duplicate") => item["error"]["additionalInfo"]["acceptedMessage"].clone(),
            _ => panic!("{answer}"),
        }
    };
    vec![item(0), item(1)]
}
