//! PUT …/subscriptions/{subscriptionId}/publisher-steps and POST …/{step}/done: the operator in a publisher's place.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Db, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_the_operator_declares_steps_and_finishes_them(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let path = format!("/subscriptions/{}/publisher-steps", bought.id);
    let step = json!({"id": "export", "title": "Export your data",
        "url": "https://contoso.example/export", "blocks": ["cancel", "autoRenew"]});
    let declared = world.operator.put(&path, &json!({"steps": [step]})).await.is(200);
    let mut shown = step.clone();
    shown["declaredBy"] = "operator".into();
    assert_eq!(declared.json(), json!({"steps": [shown]}));
    assert_eq!(world.publisher.steps(&bought.id).await.is(200).json(), declared.json());
    let done = world.operator.post(&format!("{path}/export/done"), &json!({})).await.is(200);
    assert_eq!(done.at("/doneAt"), "2027-01-31T09:00:00.000000Z", "{done}");
    assert_eq!(world.operator.truth(&bought.id).await.at("/publisherSteps"), json!([done.json()]));
    world
        .operator
        .exchange("the calls in the journal", |entry| {
            entry["name"] == "publisherStepDone" && entry["subscriptionId"] == bought.id
        })
        .await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_what_the_operator_set_outlives_the_publishers_next_declaration(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let path = format!("/subscriptions/{}/publisher-steps", bought.id);
    let step = |id: &str| {
        json!({"id": id, "title": format!("Do {id} first"),
            "url": format!("https://contoso.example/{id}"), "blocks": ["cancel"]})
    };
    let set = |ids: &[&str]| json!({"steps": ids.iter().map(|id| step(id)).collect::<Vec<_>>()});
    world.operator.put(&path, &set(&["call-us", "pay"])).await.is(200);
    world.operator.post(&format!("{path}/call-us/done"), &json!({})).await.is(200);

    // The publisher knows nothing of it, and tells all of its own steps each time.
    let whose = |answer: Answer| -> Vec<_> {
        let steps = answer.is(200).at("/steps").as_array().cloned().unwrap_or_default();
        let of = |step: &Value| (step["id"].clone(), step["declaredBy"].clone());
        steps.iter().map(of).collect()
    };
    let (own, operator) = (Value::Null, Value::from("operator"));
    let [call_us, pay] = ["call-us", "pay"].map(|id| (Value::from(id), operator.clone()));
    let export = (Value::from("export"), own.clone());
    let declared = world.publisher.declare(&bought.id, &json!([step("export")])).await;
    assert_eq!(whose(declared), [export.clone(), call_us.clone(), pay.clone()]);
    let cleared = world.publisher.declare(&bought.id, &json!([])).await;
    assert_eq!(whose(cleared), [call_us.clone(), pay.clone()]);
    world.publisher.declare(&bought.id, &json!([step("export")])).await.is(200);

    // And the other way round: the operator withdraws its own alone.
    let withdrawn = world.operator.put(&path, &set(&["call-us"])).await;
    assert_eq!(withdrawn.at("/steps/1/doneAt"), "2027-01-31T09:00:00.000000Z", "{withdrawn}");
    assert_eq!(whose(withdrawn), [export.clone(), call_us]);
    assert_eq!(whose(world.operator.put(&path, &set(&[])).await), [export]);

    // Under the same id there is one step: it is whose who declared it last, and stays done.
    world.operator.put(&path, &set(&["export"])).await.is(200);
    world.operator.post(&format!("{path}/export/done"), &json!({})).await.is(200);
    let taken = world.publisher.declare(&bought.id, &json!([step("export")])).await;
    assert!(!taken.at("/steps/0/doneAt").is_null(), "{taken}");
    assert_eq!(whose(taken), [(Value::from("export"), own)]);
    let told = world.operator.events("publisherStepsDeclared").await;
    let by: Vec<_> = told.iter().map(|entry| entry["data"]["by"].clone()).collect();
    let [o, p] = ["operator", "publisher"];
    assert_eq!(by, [o, p, p, p, o, o, o, p], "{told:?}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_the_operator_is_refused_with_the_field_or_the_state(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let path = format!("/subscriptions/{}/publisher-steps", bought.id);
    let nowhere = "/subscriptions/6c538dd9-c47b-4eea-b8ce-b4a8009af0ed/publisher-steps";
    let list = json!({"steps": []});
    world.operator.put(nowhere, &list).await.problem(404, None);
    world.operator.post(&format!("{path}/export/done"), &json!({})).await.problem(404, None);
    let wrong = json!({"steps": [{"id": "a", "title": "", "url": "https://x.example/",
        "blocks": []}]});
    world.operator.put(&path, &wrong).await.problem(400, Some("steps[0].title"));
    world.operator.put(&path, &json!([])).await.problem(400, Some("body"));
    world.operator.unsubscribe(&bought.id).await.is(202);
    world.operator.put(&path, &list).await.problem(409, None);
    world.operator.post(&format!("{path}/export/done"), &json!({})).await.problem(409, None);
}
