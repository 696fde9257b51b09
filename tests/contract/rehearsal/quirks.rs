//! /rehearsal/v1/quirks and …/sandboxes/{s}/quirks, …/profile: the table, what is in force, another choice.

use std::collections::BTreeSet;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World};

/// The row of a quirk in an answer.
fn row(answer: &crate::support::Answer, id: &str) -> Value {
    let rows = answer.at("/quirks");
    let found = rows.as_array().expect("a list").iter().find(|row| row["id"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {answer}")).clone()
}

#[tokio::test]
async fn the_table_says_what_there_is_to_choose_from_and_who_says_so() {
    let world = World::new(Db::Sqlite).await;
    let table = world.operator.call_root(Method::GET, "/quirks").ask().await.is(200);
    let rows = table.at("/quirks");
    let mut ids = BTreeSet::new();
    for (place, row) in rows.as_array().unwrap().iter().enumerate() {
        assert_eq!(row["number"], format!("Q{:02}", place + 1), "{row}");
        assert!(ids.insert(row["id"].as_str().unwrap().to_owned()), "{row}");
        for member in ["what", "source", "date"] {
            assert!(!row[member].as_str().unwrap().is_empty(), "{member}: {row}");
        }
        let values: Vec<_> =
            row["values"].as_array().unwrap().iter().map(|value| value["name"].clone()).collect();
        for profile in ["documented", "observed", "sdk2"] {
            assert!(values.contains(&row["profiles"][profile]), "{profile}: {row}");
        }
        assert!(row.get("value").is_none() && row.get("origin").is_none(), "{row}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_quirk_is_set_for_one_sandbox_and_given_back(#[case] db: Db) {
    let mut world = World::new(db).await;
    let (other, _) = world.another_sandbox("elsewhere").await;
    let before = world.operator.get("/quirks").await.is(200);
    assert_eq!(before.at("/profile"), "documented");
    let unset = row(&before, "unknown_operation");
    assert_eq!((&unset["value"], &unset["origin"]), (&json!("not_found"), &json!("profile")));

    let path = "/quirks/unknown_operation";
    let set = world.operator.put(path, &json!({"value": "bad_request"})).await.is(200);
    assert_eq!((set.at("/value"), set.at("/origin")), (json!("bad_request"), json!("set")));
    let now = world.operator.get("/quirks").await.is(200);
    assert_eq!(row(&now, "unknown_operation"), set.json());
    assert_eq!(other.get("/quirks").await.json(), before.json(), "another world");
    // Repeating it changes nothing.
    world.operator.put(path, &json!({"value": "bad_request"})).await.is(200);
    assert_eq!(world.operator.events("quirkSet").await.len(), 1);

    world.restart().await;
    assert_eq!(world.operator.get("/quirks").await.json(), now.json(), "it outlives a restart");
    let back = world.operator.put(path, &json!({"value": null})).await.is(200);
    assert_eq!((back.at("/value"), back.at("/origin")), (json!("not_found"), json!("profile")));
    let said = world.operator.events("quirkSet").await;
    assert_eq!(said.len(), 2, "{said:?}");
    let data = json!({"id": "unknown_operation", "value": "not_found", "origin": "profile"});
    assert_eq!(said[1]["data"], data);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_profile_is_chosen_at_the_start_or_later_and_set_quirks_stay(#[case] db: Db) {
    let world = World::new(db).await;
    let made = json!({"id": "seen", "profile": "observed"});
    let made = world.operator.create_sandbox(&made).await.is(201);
    assert_eq!(made.at("/profile"), "observed", "{made}");
    let seen = world.operator.in_sandbox("seen");
    let quirks = seen.get("/quirks").await.is(200);
    assert_eq!(row(&quirks, "unknown_operation")["value"], "bad_request");
    seen.set_quirk("notify_4xx", "done").await;
    let moved = seen.put("/profile", &json!({"profile": "sdk2"})).await.is(200);
    assert_eq!(moved.at("/profile"), "sdk2", "{moved}");
    assert_eq!(row(&moved, "unknown_operation")["value"], "not_found");
    assert_eq!(row(&moved, "notify_4xx")["origin"], "set");
    assert_eq!(seen.get("").await.at("/profile"), "sdk2");
    seen.set_profile("sdk2").await; // repeating it changes nothing
    assert_eq!(seen.events("profileSet").await.len(), 1);
    assert_eq!(world.operator.get("").await.at("/profile"), "documented");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_cannot_be_chosen_is_refused_with_what_can(#[case] db: Db) {
    let world = World::new(db).await;
    let before = world.operator.get("/quirks").await.json();
    let path = "/quirks/unknown_operation";
    let refused = world.operator.put(path, &json!({"value": "418"})).await;
    let refused = refused.problem(400, Some("value"));
    let reason = refused.text_at("/errors/0/reason");
    assert!(reason.contains("not_found, bad_request"), "{refused}");
    for (path, body, status, field) in [
        (path, json!({}), 400, Some("body")),
        (path, json!({"value": 7}), 400, Some("value")),
        (path, json!({"value": "not_found", "why": "x"}), 400, Some("why")),
        ("/quirks/late-cancel", json!({"value": "allow"}), 404, None),
        ("/quirks/%20", json!({}), 404, None),
        ("/profile", json!({"profile": "Observed"}), 400, Some("profile")),
        ("/profile", json!({"profile": null}), 400, Some("profile")),
        ("/profile", json!({}), 400, Some("body")),
    ] {
        world.operator.put(path, &body).await.problem(status, field);
    }
    let refused = world.operator.create_sandbox(&json!({"profile": "newest"})).await;
    let refused = refused.problem(400, Some("profile"));
    assert!(refused.text_at("/detail").contains("documented, observed, sdk2"), "{refused}");
    assert_eq!(world.operator.get("/quirks").await.json(), before, "nothing changed");
}
