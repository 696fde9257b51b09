//! Profile `sdk2`: nothing that breaks Microsoft's .NET SDK 2.x. The SDK does not run here; the ten rules of
//! fulfillment.md 1.13 stand in its place, and a whole life of a subscription is held against them. Rule 7 (TLS) is
//! held where TLS is, rule 8 is the client's own setting, rule 10 is of metering.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db,
    foreign_app::Stage,
    people,
    world::{flat, own, seats},
};

/// Rule 1: the values of each enum that 2.x knows.
fn known(member: &str) -> Option<&'static [&'static str]> {
    Some(match member {
        "saasSubscriptionStatus" => {
            &["NotStarted", "PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"]
        }
        "action" => {
            &["Unsubscribe", "ChangePlan", "ChangeQuantity", "Suspend", "Reinstate", "Renew"]
        }
        "status" => &["NotStarted", "InProgress", "Succeeded", "Failed", "Conflict"],
        "termUnit" => &["P1M", "P1Y", "P2Y", "P3Y"],
        "sandboxType" => &["None", "Csp"],
        "sessionMode" => &["None", "DryRun"],
        "allowedCustomerOperations" => &["Read", "Update", "Delete"],
        _ => return None,
    })
}

/// Rules 1 to 3 for every member of a document.
fn check(member: &str, value: &Value) {
    match value {
        Value::Null => panic!("rule 2: {member} is null"),
        Value::Array(values) => values.iter().for_each(|value| check(member, value)),
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| check(member, value));
        }
        Value::String(text) => {
            let fits = known(member).is_none_or(|known| known.contains(&text.as_str()));
            assert!(fits, "rule 1: {member} is {text}");
            assert_ne!(member, "quantity", "rule 3: {text}");
        }
        Value::Number(number) if member == "quantity" => {
            assert!(number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()), "rule 3: {number}");
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Rule 4: the one status of success, and a body as the SDK reads it.
fn read(answer: Answer) -> Answer {
    let answer = answer.is(200);
    check("", &answer.json());
    answer
}

/// Rules 4 and 5: 202, and where the SDK takes the operation's id from.
fn accepted(answer: Answer, subscription: &str) -> String {
    let answer = answer.is(202);
    let location: reqwest::Url = answer.header("operation-location").parse().expect("absolute");
    let segments: Vec<_> = location.path_segments().expect("a path").collect();
    let [api, saas, subscriptions, id, operations, operation] = segments.as_slice() else {
        panic!("rule 5: {location}")
    };
    let path = [*api, *saas, *subscriptions, *id, *operations];
    assert_eq!(path, ["api", "saas", "subscriptions", subscription, "operations"], "rule 5");
    (*operation).to_owned()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sdk2_a_whole_life_keeps_the_rules_of_the_dotnet_sdk(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (world, app) = (&stage.world, &stage.world.publisher);
    world.operator.set_profile("sdk2").await;
    let bought = world.buy_as(&own(seats(3))).await;
    let id = &bought.id;
    read(app.resolve(&bought.token).await);
    app.assign(id, &people(3)).await.is(200);
    assert_eq!(app.activate(id).await.is(200).text, "");
    read(app.subscription(id).await);
    read(app.plans(id).await);

    let operation = accepted(app.change(id, &json!({"planId": "gold"})).await, id);
    read(app.operation(id, &operation).await);
    read(app.operations(id).await);
    stage.move_on("PT2S").await;
    stage.delivery_is(&operation, "acknowledged").await;
    stage.move_on("PT10S").await;
    assert_eq!(read(app.operation(id, &operation).await).at("/status"), "Succeeded");
    for (action, decision) in [
        (json!({"action": "changeQuantity", "quantity": 5}), "Success"),
        (json!({"action": "changePlan", "planId": "silver"}), "Failure"),
        (json!({"action": "suspend"}), ""),
        (json!({"action": "reinstate"}), "Success"),
        (json!({"action": "renew"}), ""),
    ] {
        let operation = world.operator.acted(id, &action).await;
        stage.delivery_is(&operation, "acknowledged").await;
        if !decision.is_empty() {
            assert_eq!(app.decide(id, &operation, decision).await.is(200).text, "");
        }
        read(app.operation(id, &operation).await);
        read(app.operations(id).await);
        read(app.subscription(id).await);
    }
    // A flat rate, and a plan that activates by itself: no Subscribe.
    let instant = own(json!({"offerId": "contoso-archive", "planId": "instant"}));
    for purchase in [own(flat()), instant] {
        let bought = world.buy_as(&purchase).await;
        read(app.resolve(&bought.token).await);
        read(app.operations(&bought.id).await);
        let ended = world.operator.acted(&bought.id, &json!({"action": "unsubscribe"})).await;
        stage.delivery_is(&ended, "acknowledged").await;
        read(app.operation(&bought.id, &ended).await);
    }
    let operation = accepted(app.delete(id).await, id);
    stage.move_on("PT2S").await;
    stage.delivery_is(&operation, "acknowledged").await;
    read(app.operation(id, &operation).await);
    read(app.subscription(id).await);
    accepted(app.delete(id).await, id); // rule 4: 202 only, of an ended one too

    let deliveries = world.operator.get("/deliveries").await.is(200);
    for delivery in deliveries.at("/deliveries").as_array().unwrap() {
        let id = delivery["id"].as_str().unwrap();
        let body = stage.delivery(id).await.at("/body");
        check("action", &body["action"]);
        check("status", &body["status"]);
        check("term", &body["subscription"]["term"]["termUnit"]);
        assert!(body["quantity"].is_i64(), "rule 9: {body}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sdk2_the_list_is_walked_by_its_links_as_they_are(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (world, app) = (&stage.world, &stage.world.publisher);
    world.operator.set_profile("sdk2").await;
    read(app.call(reqwest::Method::GET, "/").ask().await); // with the slash of OpenAPI
    for _ in 0..100 {
        world.buy_flat().await;
    }
    let first = read(app.list().await);
    let next = first.text_at("/@nextLink");
    let second = read(app.follow(&next).await); // rule 6
    assert_eq!(first.at("/subscriptions").as_array().unwrap().len(), 100);
    assert_eq!(second.at("/subscriptions").as_array().unwrap().len(), 1);
    assert!(!second.text.contains("@nextLink"), "{second}");
}

/// The rules find what breaks them.
#[test]
fn sdk2_the_rules_refuse_what_the_sdk_refuses() {
    for broken in [
        json!({"quantity": null}),
        json!({"quantity": "20"}),
        json!({"quantity": 20.0}),
        json!({"action": "Subscribe"}),
        json!({"term": {"termUnit": "P4Y"}}),
        json!({"allowedCustomerOperations": ["Buy"]}),
    ] {
        let found = std::panic::catch_unwind(|| check("", &broken));
        assert!(found.is_err(), "{broken}");
    }
    check("", &json!({"quantity": 20, "action": "Renew", "term": {"termUnit": "P3Y"}}));
}
