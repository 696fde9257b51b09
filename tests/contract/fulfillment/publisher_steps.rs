//! PUT and GET /api/saas/subscriptions/{subscriptionId}/publisherSteps, POST …/{step}/done: what a publisher wants done
//! before some changes (S17).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World};

/// A step that blocks `blocks`.
fn step(id: &str, blocks: &[&str]) -> Value {
    json!({"id": id, "title": format!("Do {id} first"),
        "url": format!("https://contoso.example/{id}?a=b"), "blocks": blocks})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_a_list_takes_the_place_of_the_one_before_and_what_is_done_stays_done(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let none = world.publisher.steps(&bought.id).await.is(200);
    assert_eq!(none.json(), json!({"steps": []}));
    let list = json!([step("export", &["suspend", "cancel", "cancel"]), step("tell-us", &[])]);
    let declared = world.publisher.declare(&bought.id, &list).await.is(200);
    let mut shown = list.clone();
    shown[0]["blocks"] = json!(["cancel", "suspend"]); // a set
    assert_eq!(declared.json(), json!({"steps": shown}));
    assert_eq!(world.publisher.steps(&bought.id).await.is(200).json(), declared.json());
    assert_eq!(world.operator.truth(&bought.id).await.at("/publisherSteps"), shown);

    world.operator.advance_by("PT1H").await;
    let at = "2027-01-31T10:00:00.000000Z";
    let done = world.publisher.step_done(&bought.id, "export").await.is(200);
    shown[0]["doneAt"] = at.into();
    assert_eq!(done.json(), shown[0]);
    world.operator.advance_by("PT1H").await;
    let again = world.publisher.step_done(&bought.id, "export").await.is(200);
    assert_eq!(again.json(), shown[0], "the first time counts");

    let other = json!([step("pay", &["quantity"]), step("export", &["resume"])]);
    let replaced = world.publisher.declare(&bought.id, &other).await.is(200);
    let mut shown = other.clone();
    shown[1]["doneAt"] = at.into();
    assert_eq!(replaced.json(), json!({"steps": shown}));
    world.publisher.declare(&bought.id, &other).await.is(200);
    assert_eq!(world.publisher.steps(&bought.id).await.json(), replaced.json(), "repeated");
    let cleared = world.publisher.declare(&bought.id, &json!([])).await.is(200);
    assert_eq!(cleared.json(), json!({"steps": []}));

    let told = world.operator.events("publisherStepsDeclared").await;
    let lists: Vec<_> = told.iter().map(|entry| entry["data"]["steps"].clone()).collect();
    let expected = [json!(["export", "tell-us"]), json!(["pay", "export"]), json!([])];
    assert_eq!(lists, expected, "a repetition changes nothing");
    let told = world.operator.events("publisherStepDone").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"], json!({"step": "export"}));
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/version"), 1, "the subscription itself is as it was: {truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_a_list_that_cannot_be_is_refused_and_the_one_before_it_stays(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let before = world.publisher.declare(&bought.id, &json!([step("a", &["cancel"])])).await;
    let before = before.is(200);
    let with = |member: &str, value: Value| {
        let mut wrong = step("b", &["cancel"]);
        wrong[member] = value;
        json!([step("a", &[]), wrong])
    };
    let without = |member: &str| {
        let mut wrong = step("b", &["cancel"]);
        wrong.as_object_mut().unwrap().remove(member);
        json!([step("a", &[]), wrong])
    };
    let many: Value = (0..21).map(|n| step(&format!("s{n}"), &[])).collect();
    for (list, target) in [
        (many, "steps"),
        (with("id", "a".into()), "steps[1].id"),
        (with("id", "".into()), "steps[1].id"),
        (with("id", "a b".into()), "steps[1].id"),
        (with("id", "x".repeat(51).into()), "steps[1].id"),
        (with("title", "".into()), "steps[1].title"),
        (with("title", " ".into()), "steps[1].title"),
        (with("title", "x".repeat(201).into()), "steps[1].title"),
        (with("title", "a\nb".into()), "steps[1].title"),
        (with("url", "export".into()), "steps[1].url"),
        (with("url", "javascript:alert(1)".into()), "steps[1].url"),
        (with("url", "https://a:b@contoso.example/".into()), "steps[1].url"),
        (with("url", format!("https://x.example/{}", "x".repeat(2000)).into()), "steps[1].url"),
        (with("blocks", json!(["delete"])), "steps[1].blocks[0]"),
        (with("blocks", json!(["cancel", null])), "steps[1].blocks[1]"),
        (with("blocks", "cancel".into()), "steps[1].blocks"),
        (with("doneAt", "2027-01-31T09:00:00Z".into()), "steps[1].doneAt"),
        (without("id"), "steps[1]"),
        (without("title"), "steps[1]"),
        (without("url"), "steps[1]"),
        (without("blocks"), "steps[1]"),
        (json!("all"), "steps"),
        (Value::Null, "steps"),
    ] {
        let refused = world.publisher.declare(&bought.id, &list).await;
        refused.detail(400, Some(target), "BadRequest");
    }
    let path = format!("/{}/publisherSteps", bought.id);
    for (body, target) in [("", "body"), ("[]", "body"), ("{}", "body"), ("{", "body")] {
        let call = world.publisher.call(Method::PUT, &path).body(body);
        call.ask().await.detail(400, Some(target), "BadRequest");
    }
    assert_eq!(world.publisher.steps(&bought.id).await.json(), before.json());
    assert_eq!(world.operator.times("publisherStepsDeclared", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_whose_and_which_come_before_what(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let list = json!([step("Done", &["cancel"])]);
    world.publisher.declare(&bought.id, &list).await.is(200);
    let stranger = &world.other_publisher;
    stranger.declare(&bought.id, &json!("nothing")).await.forbidden();
    stranger.steps(&bought.id).await.forbidden();
    stranger.step_done(&bought.id, "Done").await.forbidden();
    stranger.step_done(&bought.id, "other").await.forbidden();
    for unknown in ["6c538dd9-c47b-4eea-b8ce-b4a8009af0ed", "no-guid"] {
        for refused in [
            world.publisher.declare(unknown, &list).await,
            world.publisher.steps(unknown).await,
            world.publisher.step_done(unknown, "Done").await,
        ] {
            refused.detail(404, Some("subscriptionId"), "EntityNotFound");
        }
    }
    for unknown in ["other", "done", "a.b", "%20"] {
        let refused = world.publisher.step_done(&bought.id, unknown).await;
        refused.detail(404, Some("step"), "EntityNotFound");
    }
    world.publisher.step_done(&bought.id, "Done").await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_an_ended_subscription_takes_no_steps_and_shows_those_it_had(#[case] db: Db) {
    let world = World::new(db).await;
    let (canceled, forgotten) = (world.buy(1).await, world.buy(1).await);
    let list = json!([step("export", &["cancel"])]);
    for bought in [&canceled, &forgotten] {
        world.publisher.declare(&bought.id, &list).await.is(200);
    }
    world.operator.unsubscribe(&canceled.id).await.is(202);
    world.operator.advance_by("P31D").await; // nobody finished the other one
    for bought in [&canceled, &forgotten] {
        for refused in [
            world.publisher.declare(&bought.id, &json!([])).await,
            world.publisher.step_done(&bought.id, "export").await,
        ] {
            let refused = refused.detail(400, None, "BadRequest");
            assert!(refused.text.contains("Unsubscribed"), "{refused}");
        }
        let steps = world.publisher.steps(&bought.id).await.is(200);
        assert_eq!(steps.json(), json!({"steps": list}));
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_steps_outlive_the_broker_and_count_in_suspension(#[case] db: Db) {
    let mut world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(2).await;
    let list = json!([step("export", &["cancel"]), step("pay", &["resume"])]);
    world.publisher.declare(&bought.id, &list).await.is(200);
    world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
    world.publisher.step_done(&bought.id, "pay").await.is(200);
    let before = world.publisher.steps(&bought.id).await.is(200);
    assert!(!before.at("/steps/1/doneAt").is_null(), "{before}");
    world.restart().await;
    assert_eq!(world.publisher.steps(&bought.id).await.is(200).json(), before.json());
    world.stop().await;
}
