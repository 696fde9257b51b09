//! The body and the headers (fulfillment.md 3.1, 3.2): what is asked for at the top, what is so inside.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Db, World,
    foreign_app::{ForeignApp, Hook, Stage, active},
    world::{START, flat, own, seats},
};

const TOP: [&str; 13] = [
    "id",
    "activityId",
    "publisherId",
    "offerId",
    "planId",
    "quantity",
    "subscriptionId",
    "timeStamp",
    "action",
    "status",
    "operationRequestSource",
    "subscription",
    "purchaseToken",
];
const NESTED: [&str; 18] = [
    "id",
    "name",
    "publisherId",
    "offerId",
    "planId",
    "quantity",
    "beneficiary",
    "purchaser",
    "allowedCustomerOperations",
    "sessionMode",
    "isFreeTrial",
    "isTest",
    "sandboxType",
    "saasSubscriptionStatus",
    "term",
    "autoRenew",
    "created",
    "lastModified",
];

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Holds everything that does not depend on the action; `now` is the subscription by GET, after the webhook.
#[track_caller]
fn is_whole(hook: &Hook, now: &Answer) {
    let body = hook.json();
    assert_eq!(names(&body), TOP.into(), "{body}");
    assert_eq!(names(&body["subscription"]), NESTED.into(), "{body}");
    let term = names(&body["subscription"]["term"]);
    assert_eq!(term, ["chargeDuration", "endDate", "startDate", "termUnit"].into(), "{body}");
    for same in ["publisherId", "offerId"] {
        assert_eq!(body[same], now.at(&format!("/{same}")), "{same}: {body}");
    }
    for same in ["id", "name", "publisherId", "offerId", "beneficiary", "purchaser", "created"] {
        assert_eq!(body["subscription"][same], now.at(&format!("/{same}")), "{same}: {body}");
    }
    for same in ["sessionMode", "isFreeTrial", "isTest", "sandboxType", "autoRenew"] {
        assert_eq!(body["subscription"][same], now.at(&format!("/{same}")), "{same}: {body}");
    }
    let operations: BTreeSet<_> = body["subscription"]["allowedCustomerOperations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|operation| operation.as_str().expect("a text"))
        .collect();
    assert_eq!(operations, ["Delete", "Read", "Update"].into(), "{body}");
    assert_eq!(body["activityId"], body["id"], "{body}");
    assert_eq!(body["subscriptionId"], now.at("/id"), "{body}");
    assert_eq!(body["purchaseToken"], Value::Null, "{body}");
    for instant in [&body["timeStamp"], &body["subscription"]["lastModified"]] {
        let text = instant.as_str().expect("a text");
        assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "{body}");
    }
}

/// Action and what goes with it, what the webhook says at the top, and what inside.
type Row = (Value, [&'static str; 2], (&'static str, i64), (&'static str, i64, &'static str));

fn table() -> [Row; 6] {
    let to = |action: &str| json!({"action": action});
    [
        (
            json!({"action": "changePlan", "planId": "gold"}),
            ["ChangePlan", "InProgress"],
            ("gold", 20),
            ("silver", 20, "Subscribed"),
        ),
        (
            json!({"action": "changeQuantity", "quantity": 25}),
            ["ChangeQuantity", "InProgress"],
            ("gold", 25),
            ("gold", 20, "Subscribed"),
        ),
        (to("suspend"), ["Suspend", "Succeeded"], ("gold", 25), ("gold", 25, "Suspended")),
        (to("reinstate"), ["Reinstate", "InProgress"], ("gold", 25), ("gold", 25, "Suspended")),
        (to("renew"), ["Renew", "Succeeded"], ("gold", 25), ("gold", 25, "Subscribed")),
        (
            to("unsubscribe"),
            ["Unsubscribe", "Succeeded"],
            ("gold", 25),
            ("gold", 25, "Unsubscribed"),
        ),
    ]
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c50_c51_the_top_is_what_is_asked_for_and_the_inside_what_is_so(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (action, [name, status], (plan, quantity), (old_plan, old_quantity, state)) in table() {
        let operation = stage.acted(&action).await;
        let hook = stage.app.hook_of(&operation).await;
        stage.delivery_is(&operation, "acknowledged").await;
        let body = hook.json();
        let says = |pointer: &str, value: Value| {
            assert_eq!(body.pointer(pointer), Some(&value), "{pointer} of {name}: {body}");
        };
        says("/action", json!(name));
        says("/status", json!(status));
        says("/operationRequestSource", json!("Azure"));
        says("/planId", json!(plan));
        says("/quantity", json!(quantity));
        says("/subscription/planId", json!(old_plan));
        says("/subscription/quantity", json!(old_quantity));
        says("/subscription/saasSubscriptionStatus", json!(state));
        is_whole(&hook, &stage.subscription().await);
        if status == "InProgress" {
            stage.decide(&operation, "Success").await;
        }
        stage.move_on("PT1M").await;
    }
    let arrived: Vec<_> = stage.app.hooks().iter().map(Hook::action).collect();
    assert_eq!(arrived, table().map(|(_, [name, _], ..)| name), "each once, in order");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c50_c51_a_renewal_tells_the_new_term_and_what_is_pending_has_none(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let before = stage.subscription().await;
    assert_eq!(before.at("/term/endDate"), "2028-01-30T00:00:00Z", "{before}");
    let renewal = stage.acted(&json!({"action": "renew"})).await;
    let hook = stage.app.hook_of(&renewal).await.json();
    let term = &hook["subscription"]["term"];
    let after = stage.subscription().await;
    assert_eq!(term["startDate"], "2028-01-31T00:00:00Z", "the day behind the old end: {hook}");
    for same in ["startDate", "endDate", "termUnit"] {
        assert_eq!(term[same], after.at(&format!("/term/{same}")), "{hook} {after}");
    }
    assert_eq!(term["chargeDuration"], Value::Null, "{hook}");

    let pending = stage.world.buy_as(&own(seats(3))).await;
    let end = stage.world.operator.acted(&pending.id, &json!({"action": "unsubscribe"})).await;
    let hook = stage.app.hook_of(&end).await;
    let term =
        json!({"startDate": null, "endDate": null, "termUnit": "P1M", "chargeDuration": null});
    assert_eq!(hook.json()["subscription"]["term"], term, "{hook:?}");
    is_whole(&hook, &stage.world.publisher.subscription(&pending.id).await.is(200));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c15_c51_a_flat_rate_has_a_number_at_the_top_and_null_inside(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, publisher) = (&stage.world.operator, &stage.world.publisher);
    let id = active(operator, publisher, &own(flat())).await;
    let change = json!({"action": "changePlan", "planId": "metered"});
    for action in [change, json!({"action": "suspend"}), json!({"action": "unsubscribe"})] {
        let operation = operator.acted(&id, &action).await;
        let hook = stage.app.hook_of(&operation).await;
        let (body, text) = (hook.json(), String::from_utf8(hook.body.clone()).unwrap());
        assert_eq!(body["quantity"], 1, "{body}");
        assert!(!text.contains("\"quantity\":1.0"), "an integer: {text}");
        assert_eq!(body["subscription"]["quantity"], Value::Null, "{body}");
        for written in ["\"quantity\":null", "\"purchaseToken\":null", "\"chargeDuration\":null"] {
            assert!(text.contains(written), "{written}: {text}");
        }
        is_whole(&hook, &publisher.subscription(&id).await.is(200));
        let rest = publisher.operation(&id, &operation).await.is(200);
        assert!(rest.json().get("quantity").is_none(), "omitted by the API: {rest}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_webhook_is_one_post_of_json_with_the_time_of_the_sandbox(#[case] db: Db) {
    let world = World::new(db).await;
    let app = ForeignApp::start().await;
    let url = format!("http://127.0.0.1:{}/hooks/a%20b?key=1&key=2", app.port());
    world.operator.configure(&json!({"webhookUrl": url})).await.is(200);
    let id = active(&world.operator, &world.publisher, &own(flat())).await;
    let operation = world.operator.acted(&id, &json!({"action": "suspend"})).await;
    let hook = app.hook_of(&operation).await;
    assert_eq!(hook.asked, "POST /hooks/a%20b?key=1&key=2");
    assert_eq!(hook.header("host"), format!("127.0.0.1:{}", app.port()));
    assert!(hook.header("content-type").starts_with("application/json"), "{hook:?}");
    assert_eq!(hook.header("x-rehearse-now"), "2027-01-31T09:00:00.000000Z", "{hook:?}");
    assert_eq!(hook.text_at("/timeStamp"), START, "{hook:?}");
    assert!(hook.header("authorization").starts_with("Bearer ey"), "{hook:?}");
    assert_eq!(hook.header("cookie"), "", "{hook:?}");
}
