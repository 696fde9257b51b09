//! How webhooks look and leave, and what an answer means.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Db,
    foreign_app::{Reply, Stage, active},
    world::{flat, own, seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q04_c54_a_4xx_to_what_only_tells_is_tried_again_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(400));
    let told = stage.acted(&json!({"action": "renew"})).await;
    stage.delivery_is(&told, "retrying").await;
    let other = stage.another().await;
    stage.world.operator.set_quirk("notify_4xx", "done").await;
    for action in ["renew", "suspend", "unsubscribe"] {
        let told = stage.world.operator.acted(&other, &json!({"action": action})).await;
        let over = stage.delivery_is(&told, "acknowledged").await;
        assert_eq!(over.at("/attempts"), 1, "{over}");
        assert_eq!(over.at("/tries/0/answer/status"), 400, "{over}");
    }
    // It says nothing of 5xx.
    stage.app.always(Reply::Status(500));
    let third = stage.another().await;
    let told = stage.world.operator.acted(&third, &json!({"action": "suspend"})).await;
    stage.delivery_is(&told, "retrying").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q31_c53_retries_are_even_or_grow_apart(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(500));
    let next = async |operation: &str| {
        let delivery = stage.delivery_is(operation, "retrying").await;
        delivery.text_at("/nextAttemptAt")
    };
    let told = stage.acted(&json!({"action": "renew"})).await;
    assert_eq!(next(&told).await, "2027-01-31T09:00:57.600000Z");
    stage.world.operator.set_quirk("retry_spacing", "growing").await;
    let other = stage.another().await;
    let told = stage.world.operator.acted(&other, &json!({"action": "renew"})).await;
    assert_eq!(next(&told).await, "2027-01-31T09:00:00.115200Z");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q32_a_webhook_says_all_or_less(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let flat_form = [
        "action",
        "activityId",
        "id",
        "offerId",
        "operationRequestSource",
        "planId",
        "publisherId",
        "quantity",
        "status",
        "subscriptionId",
        "timeStamp",
    ];
    let short_form =
        ["action", "activityId", "id", "operationRequestSource", "subscriptionId", "timeStamp"];
    let mut sent = Vec::new();
    for (value, members) in
        [("mid", &flat_form[..]), ("short", &short_form[..]), ("blank", &flat_form[..])]
    {
        stage.world.operator.set_quirk("webhook_payload", value).await;
        let told = stage.acted(&json!({"action": "renew"})).await;
        let hook = stage.app.hook_of(&told).await;
        let body = hook.json();
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, members, "{body}");
        for name in ["offerId", "planId", "publisherId", "quantity", "status"] {
            assert_eq!(body[name] == "", value == "blank", "{value}: {body}");
        }
        let shown = stage.delivery_is(&told, "acknowledged").await;
        assert_eq!(shown.at("/body"), body, "{shown}");
        sent.push((told, body));
    }
    stage.world.operator.set_quirk("webhook_payload", "full").await;
    let told = stage.acted(&json!({"action": "renew"})).await;
    let hook = stage.app.hook_of(&told).await.json();
    assert_eq!(hook["subscription"]["planId"], "silver", "{hook}");
    // What was told once is told again in the same words.
    for (told, body) in sent {
        assert_eq!(stage.delivery(&told).await.at("/body"), body);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q33_the_quantity_of_a_flat_rate_is_one_or_null(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let id = active(&world.operator, &world.publisher, &own(flat())).await;
    let told = async |id: &str| {
        let operation = world.operator.acted(id, &json!({"action": "renew"})).await;
        stage.app.hook_of(&operation).await.json()
    };
    assert_eq!(told(&id).await["quantity"], 1);
    world.operator.set_quirk("webhook_flat_quantity", "null").await;
    let hook = told(&id).await;
    assert_eq!(hook.get("quantity"), Some(&Value::Null), "{hook}");
    assert_eq!(told(&stage.id).await["quantity"], 20, "of seats as ever");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q34_c51_a_suspension_shows_the_status_after_or_before(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let told = async |id: &str| {
        let operation = stage.world.operator.acted(id, &json!({"action": "suspend"})).await;
        stage.app.hook_of(&operation).await.json()
    };
    let status = |hook: &Value| hook["subscription"]["saasSubscriptionStatus"].clone();
    assert_eq!(status(&told(&stage.id).await), "Suspended");
    stage.world.operator.set_quirk("webhook_suspend_status", "subscribed").await;
    let other = stage.another().await;
    let hook = told(&other).await;
    assert_eq!((status(&hook), &hook["status"]), (json!("Subscribed"), &json!("Succeeded")));
    let now = stage.world.publisher.subscription(&other).await.is(200);
    assert_eq!(now.at("/saasSubscriptionStatus"), "Suspended", "{now}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q35_a_webhooks_end_date_is_the_last_day_or_thirty_days_on(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let monthly = active(&world.operator, &world.publisher, &own(seats(20))).await;
    let ends = async |id: &str| {
        let operation = world.operator.acted(id, &json!({"action": "suspend"})).await;
        let hook = stage.app.hook_of(&operation).await.json();
        hook["subscription"]["term"]["endDate"].clone()
    };
    assert_eq!(ends(&monthly).await, "2027-02-27T00:00:00Z");
    world.operator.set_quirk("webhook_end_date", "thirty_days").await;
    let other = stage.another().await;
    assert_eq!(ends(&other).await, "2027-03-02T00:00:00Z");
    assert_eq!(ends(&stage.id).await, "2028-01-30T00:00:00Z", "a year as ever");
    let api = world.publisher.subscription(&other).await.is(200);
    assert_eq!(api.at("/term/endDate"), "2027-02-27T00:00:00Z", "the API as ever: {api}");
}
