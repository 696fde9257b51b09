//! When a webhook is tried again: 500 times over 8 h of sandbox time, wherever the publisher's webhook is by then.

use jiff::Timestamp;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Db, World,
    foreign_app::{ForeignApp, Hook, Reply, Stage, active, delivery, delivery_is, move_on},
    world::{flat, own},
};

/// 8 h of the sandbox pass in two advances; half a thousand attempts leave.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c53_c54_five_hundred_retries_over_eight_hours_and_then_it_is_given_up(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(503));
    let notice = stage.another().await;
    let suspend = json!({"action": "suspend"});
    let notice_of = stage.world.operator.acted(&notice, &suspend).await;
    let change = stage.change_plan("gold").await;
    for operation in [&change, &notice_of] {
        stage.delivery_is(operation, "retrying").await;
    }
    stage.move_on("PT7H59M59.999999S").await;
    stage.is(&change, "InProgress", "silver").await;
    assert_eq!(stage.delivery(&change).await.at("/attempts"), 500);
    let last = stage.move_on("PT0.000001S").await;
    let states = last.at("/deliveries");
    let states: Vec<_> = states.as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["givenUp", "givenUp"], "{last}");
    stage.is(&change, "Failed", "silver").await;
    for operation in [&change, &notice_of] {
        let given_up = stage.delivery_is(operation, "givenUp").await;
        assert_eq!(given_up.at("/attempts"), 501, "{given_up}");
        let tries = given_up.at("/tries");
        let tries = tries.as_array().unwrap();
        assert_eq!(tries.len(), 501);
        assert_eq!(tries[500]["verdict"], "givenUp");
        assert!(tries[..500].iter().all(|one| one["verdict"] == "retry"));
        let at: Vec<Timestamp> =
            tries.iter().map(|one| one["at"].as_str().unwrap().parse().unwrap()).collect();
        let gaps = at.windows(2).map(|pair| pair[1].as_millisecond() - pair[0].as_millisecond());
        assert!(gaps.into_iter().all(|gap| gap == 57_600), "{at:?}");
        let hooks = stage.app.hooks_of(operation);
        assert_eq!(hooks.len(), 501);
        assert!(hooks.iter().all(|hook| hook.body == hooks[0].body));
    }
    let suspended = stage.world.publisher.operation(&notice, &notice_of).await.is(200);
    assert_eq!(suspended.at("/status"), "Succeeded", "it has happened: {suspended}");
    stage.app.always(Reply::Status(200));
    stage.move_on("P2D").await;
    assert_eq!(stage.app.hooks().len(), 1_002, "given up for good");
}

/// What waited behind a webhook that was given up leaves then, with 8 h of its own.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_webhook_behind_one_that_was_given_up_has_its_own_attempts(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(503));
    let first = stage.acted(&json!({"action": "suspend"})).await;
    let second = stage.acted(&json!({"action": "reinstate"})).await;
    stage.delivery_is(&first, "retrying").await;
    stage.move_on("PT8H").await;
    stage.delivery_is(&first, "givenUp").await;
    let next = stage.delivery_is(&second, "retrying").await;
    assert_eq!(next.at("/attempts"), 1, "{next}");
    stage.app.always(Reply::Status(200));
    stage.move_on("PT1M").await;
    stage.delivery_is(&second, "acknowledged").await;
    stage.move_on("PT10S").await;
    stage.is(&second, "Succeeded", "silver").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_publisher_that_was_down_for_an_hour_is_caught_up_with(#[case] db: Db) {
    let Stage { world, app, id } = Stage::new(db).await;
    let operator = &world.operator;
    let mut ids = vec![id];
    for _ in 0..4 {
        ids.push(active(operator, &world.publisher, &own(flat())).await);
    }
    let address = app.stop().await;
    let mut expected = Vec::new();
    for action in ["renew", "suspend", "reinstate", "unsubscribe"] {
        for id in &ids {
            expected.push((id.clone(), operator.acted(id, &json!({"action": action})).await));
        }
        move_on(operator, "PT15M").await;
    }
    let app = ForeignApp::at(address).await;
    move_on(operator, "PT57.6S").await;
    for (_, operation) in &expected {
        let told = delivery(operator, operation).await;
        let state = told.text_at("/state");
        let overtaken = state == "superseded" && app.hooks_of(operation).is_empty();
        assert!(state == "acknowledged" || overtaken, "{told}");
    }
    for id in &ids {
        let arrived: Vec<_> = app
            .hooks()
            .iter()
            .filter(|hook| hook.text_at("/subscriptionId") == *id)
            .map(Hook::action)
            .collect();
        // The reinstatement was open when the customer canceled.
        assert_eq!(arrived, ["Renew", "Suspend", "Unsubscribe"], "each once, in order");
        assert_eq!(operator.truth(id).await.at("/state"), "Unsubscribed");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_next_attempt_goes_where_the_webhook_is_by_then(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.app.always(Reply::Status(500));
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "retrying").await;
    let new = ForeignApp::start().await;
    stage.world.operator.configure(&json!({"webhookUrl": new.url()})).await.is(200);
    assert_eq!(new.hooks().len(), 0, "not before its time");
    stage.move_on("PT57.6S").await;
    let told = stage.delivery_is(&operation, "acknowledged").await;
    assert_eq!(told.at("/tries/0/url"), stage.app.url(), "{told}");
    assert_eq!(told.at("/tries/1/url"), new.url(), "{told}");
    assert_eq!((stage.app.hooks().len(), new.hooks().len()), (1, 1));
    assert_eq!(new.hooks()[0].body, stage.app.hooks()[0].body);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn without_a_webhook_it_is_given_up_with_the_reason_and_may_be_sent_later(#[case] db: Db) {
    let world = World::with(db, |config| config.publisher_url = None).await;
    let operator = &world.operator;
    let page = json!({"landingPageUrl": "https://app.example/"});
    let publisher = operator.configure(&page).await.is(200);
    assert!(publisher.at("/webhookUrl").is_null(), "{publisher}");
    let id = active(operator, &world.publisher, &own(flat())).await;
    let change = json!({"action": "changePlan", "planId": "metered"});
    let suspend = json!({"action": "suspend"});
    let mut made = Vec::new();
    for (action, status) in [(change, "Failed"), (suspend, "Succeeded")] {
        let operation = operator.acted(&id, &action).await;
        let ended = delivery_is(operator, &operation, "givenUp").await;
        let reason = ended.text_at("/tries/0/error");
        assert!(reason.contains("contoso has no webhook"), "the reason: {ended}");
        let now = world.publisher.operation(&id, &operation).await.is(200);
        assert_eq!(now.at("/status"), status, "{now}");
        made.push(operation);
    }
    assert_eq!(operator.truth(&id).await.at("/state"), "Suspended", "it happens all the same");
    let app = ForeignApp::start().await;
    operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
    move_on(operator, "PT1H").await;
    assert_eq!(app.hooks().len(), 0, "nobody waits for a webhook that may never be set");
    let again = format!("/deliveries/{}/redeliver", made[1]);
    operator.post(&again, &json!({})).await.is(202);
    app.hook_of(&made[1]).await;
}
