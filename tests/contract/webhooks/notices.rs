//! What only tells the publisher (Suspend, Unsubscribe, Renew, Subscribe), and that each operation can be read by who
//! hears of it (C54, C55).

use std::sync::{Arc, Mutex};

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Db,
    foreign_app::{Reply, Stage},
    world::own,
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c54_what_has_happened_stays_so_whatever_the_publisher_answers(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    for reply in [Reply::Status(400), Reply::Status(404), Reply::Status(500), Reply::Reset] {
        for (action, state, event) in [
            ("suspend", "Suspended", "suspended"),
            ("renew", "Subscribed", "renewed"),
            ("unsubscribe", "Unsubscribed", "unsubscribed"),
        ] {
            let id = stage.another().await;
            stage.app.always(reply.clone());
            let operation = operator.acted(&id, &json!({"action": action})).await;
            let failed = stage.delivery_is(&operation, "retrying").await;
            assert_eq!(failed.at("/tries/0/verdict"), "retry", "4xx as well: {failed}");
            let is_so = async || {
                let told = stage.world.publisher.operation(&id, &operation).await.is(200);
                assert_eq!(told.at("/status"), "Succeeded", "{reply:?}: {told}");
                let now = stage.world.publisher.subscription(&id).await.is(200);
                assert_eq!(now.at("/saasSubscriptionStatus"), state, "{reply:?}: {now}");
                assert_eq!(operator.times(event, &id).await, 1, "{reply:?}");
            };
            is_so().await;
            stage.app.always(Reply::Status(200));
            stage.move_on("PT57.6S").await;
            let told = stage.delivery_is(&operation, "acknowledged").await;
            assert_eq!(told.at("/attempts"), 2, "{told}");
            is_so().await;
        }
    }
}

/// A PATCH cannot undo what has happened.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c46_c54_a_patch_of_what_has_happened_is_a_conflict(#[case] db: Db) {
    let stage = Stage::new(db).await;
    for (action, state) in
        [("renew", "Subscribed"), ("suspend", "Suspended"), ("unsubscribe", "Unsubscribed")]
    {
        let operation = stage.acted(&json!({"action": action})).await;
        stage.app.hook_of(&operation).await;
        for decision in ["Failure", "Success"] {
            let late = stage.world.publisher.decide(&stage.id, &operation, decision).await;
            late.is(409);
        }
        assert_eq!(stage.subscription().await.at("/saasSubscriptionStatus"), state);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c55_the_operation_can_be_read_from_inside_the_handler_for_every_action(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let read: Arc<Mutex<Vec<(Value, Answer)>>> = Arc::default();
    let (publisher, found) = (stage.world.publisher.clone(), Arc::clone(&read));
    stage.app.handle(move |hook| {
        let (publisher, found) = (publisher.clone(), Arc::clone(&found));
        async move {
            let id = hook.text_at("/subscriptionId");
            let operation = publisher.operation(&id, &hook.id()).await;
            found.lock().unwrap().push((hook.json(), operation));
            Reply::Status(200)
        }
    });
    let operator = &stage.world.operator;
    let instant = own(json!({"offerId": "contoso-archive", "planId": "instant"}));
    stage.world.buy_as(&instant).await;
    stage.app.hook(1).await;
    for action in [
        json!({"action": "changePlan", "planId": "gold"}),
        json!({"action": "changeQuantity", "quantity": 25}),
        json!({"action": "suspend"}),
        json!({"action": "reinstate"}),
        json!({"action": "renew"}),
        json!({"action": "unsubscribe"}),
    ] {
        let operation = stage.acted(&action).await;
        stage.delivery_is(&operation, "acknowledged").await;
        stage.move_on("PT10S").await;
    }
    // The publisher's own ones.
    let other = stage.another().await;
    for change in [json!({"planId": "gold"}), json!({"quantity": 30})] {
        stage.world.publisher.change(&other, &change).await.is(202);
        stage.move_on("PT12S").await;
    }
    stage.world.publisher.delete(&other).await.is(202);
    stage.move_on("PT2S").await;
    assert_eq!(operator.truth(&other).await.at("/state"), "Unsubscribed");
    let read = read.lock().unwrap();
    let actions: Vec<_> = read.iter().map(|(hook, _)| hook["action"].clone()).collect();
    let partners = ["ChangePlan", "ChangeQuantity", "Unsubscribe"];
    let customers = [
        "Subscribe",
        "ChangePlan",
        "ChangeQuantity",
        "Suspend",
        "Reinstate",
        "Renew",
        "Unsubscribe",
    ];
    assert_eq!(actions, [&customers[..], &partners[..]].concat());
    for (hook, operation) in read.iter() {
        let operation = operation.clone().is(200);
        for same in [
            "id",
            "activityId",
            "subscriptionId",
            "publisherId",
            "offerId",
            "planId",
            "action",
            "status",
            "operationRequestSource",
            "timeStamp",
        ] {
            assert_eq!(hook[same], operation.at(&format!("/{same}")), "{same}: {hook} {operation}");
        }
    }
}
