//! Words and forms of earlier years, and of single pages of the documents.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Db,
    foreign_app::{Stage, active},
    world::{flat, own, seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q69_the_id_of_a_webhook_names_its_operation_or_nothing(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let app = &stage.world.publisher;
    stage.world.operator.set_quirk("webhook_id", "org_pair").await;
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "acknowledged").await;
    let hook = stage.app.hook(1).await;
    let pair = hook.id();
    let parts: Vec<_> = pair.strip_prefix("org:").expect("org:").split(',').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [36, 36], "{pair}");
    assert_eq!(hook.text_at("/activityId"), operation);
    assert_eq!(hook.text_at("/subscription/id"), stage.id, "the subscription's stays");
    for part in [pair.as_str(), parts[0], parts[1]] {
        app.operation(&stage.id, part).await.is(404);
    }
    let listed = app.operations(&stage.id).await.is(200);
    assert_eq!(listed.at("/operations/0/id"), operation.as_str(), "the list knows it: {listed}");
    stage.decide(&operation, "Success").await;
    // What the publisher started itself has always been told by its operation's id.
    let started = app.change(&stage.id, &json!({"planId": "silver"})).await.is(202);
    stage.move_on("PT2S").await;
    let own = started.header("operation-id");
    stage.delivery_is(own, "acknowledged").await;
    assert_eq!(stage.app.hook_of(own).await.id(), own);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q70_wh04_a_webhook_has_a_bearer_or_none(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let renewed = async || {
        let told = stage.acted(&json!({"action": "renew"})).await;
        let shown = stage.delivery_is(&told, "acknowledged").await;
        (stage.app.hook_of(&told).await, shown)
    };
    let (hook, _) = renewed().await;
    assert_eq!(hook.bearer().split('.').count(), 3);
    stage.world.operator.set_quirk("webhook_authorization", "absent").await;
    let (hook, shown) = renewed().await;
    assert!(!hook.headers.contains_key("authorization"), "{hook:?}");
    assert_eq!(hook.header("content-type"), "application/json");
    assert_eq!(shown.at("/tries/0/requestHeaders/authorization"), Value::Null, "{shown}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q71_c51_what_has_happened_is_succeeded_or_success(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("webhook_success_word", "success").await;
    let told = stage.acted(&json!({"action": "renew"})).await;
    assert_eq!(stage.app.hook_of(&told).await.text_at("/status"), "Success");
    assert_eq!(stage.operation(&told).await.at("/status"), "Succeeded", "the API as ever");
    let asked = stage.change_plan("gold").await;
    assert_eq!(stage.app.hook_of(&asked).await.text_at("/status"), "InProgress");
    stage.decide(&asked, "Failure").await;
    stage.world.operator.set_quirk("webhook_success_word", "succeeded").await;
    let told = stage.acted(&json!({"action": "renew"})).await;
    assert_eq!(stage.app.hook_of(&told).await.text_at("/status"), "Succeeded");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q72_a_reinstate_is_told_as_others_or_in_a_short_form(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("webhook_reinstate_form", "operation_type").await;
    let suspended = stage.acted(&json!({"action": "suspend"})).await;
    stage.delivery_is(&suspended, "acknowledged").await;
    assert_eq!(stage.app.hook_of(&suspended).await.action(), "Suspend", "others as ever");
    let asked = stage.acted(&json!({"action": "reinstate"})).await;
    let body = stage.app.hook_of(&asked).await.json();
    let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let short = [
        "activityId",
        "id",
        "operationRequestSource",
        "operationType",
        "subscriptionId",
        "timeStamp",
    ];
    assert_eq!(names, short, "{body}");
    assert_eq!(body["operationType"], "Reinstate", "{body}");
    stage.delivery_is(&asked, "acknowledged").await;
    stage.decide(&asked, "Success").await;
    stage.is(&asked, "Succeeded", "silver").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q73_the_quantity_of_a_webhook_is_a_number_or_a_text(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let told = async |id: &str| {
        let operation = world.operator.acted(id, &json!({"action": "renew"})).await;
        stage.app.hook_of(&operation).await.json()
    };
    assert_eq!(told(&stage.id).await["quantity"], 20);
    world.operator.set_quirk("webhook_quantity_type", "string").await;
    let hook = told(&stage.id).await;
    assert_eq!((&hook["quantity"], &hook["subscription"]["quantity"]), (&json!("20"), &json!(20)));
    let id = active(&world.operator, &world.publisher, &own(flat())).await;
    assert_eq!(told(&id).await["quantity"], "1");
    world.operator.set_quirk("webhook_flat_quantity", "null").await;
    let hook = told(&id).await;
    assert_eq!(hook.get("quantity"), Some(&Value::Null), "none is no text: {hook}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q74_a_suspension_is_called_suspend_or_suspended(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("suspend_action", "suspended").await;
    let renewed = stage.acted(&json!({"action": "renew"})).await;
    stage.delivery_is(&renewed, "acknowledged").await;
    assert_eq!(stage.app.hook_of(&renewed).await.action(), "Renew");
    let suspended = stage.acted(&json!({"action": "suspend"})).await;
    assert_eq!(stage.app.hook_of(&suspended).await.action(), "Suspended");
    assert_eq!(stage.operation(&suspended).await.at("/action"), "Suspended");
    stage.world.operator.set_quirk("suspend_action", "suspend").await;
    assert_eq!(stage.operation(&suspended).await.at("/action"), "Suspend");
    let body = stage.delivery(&suspended).await.at("/body");
    assert_eq!(body["action"], "Suspended", "told again in the same words: {body}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q75_q76_words_of_operations_have_a_history(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    let asked = stage.change_plan("gold").await;
    stage.delivery_is(&asked, "acknowledged").await;
    operator.set_quirk("change_plan_action", "convert").await;
    operator.set_quirk("operation_success_word", "succeed").await;
    let listed = app.operations(&stage.id).await.is(200);
    assert_eq!(listed.at("/operations/0/action"), "Convert", "{listed}");
    let one = stage.operation(&asked).await;
    assert_eq!((one.at("/action"), one.at("/status")), (json!("ChangePlan"), json!("InProgress")));
    stage.decide(&asked, "Success").await;
    assert_eq!(stage.operation(&asked).await.at("/status"), "Succeed");
    operator.set_quirk("operation_success_word", "succeeded").await;
    assert_eq!(stage.operation(&asked).await.at("/status"), "Succeeded");
    let other = stage.acted(&json!({"action": "changeQuantity", "quantity": 21})).await;
    let listed = app.operations(&stage.id).await.is(200);
    assert_eq!(listed.at("/operations/0/id"), other.as_str(), "{listed}");
    assert_eq!(listed.at("/operations/0/action"), "ChangeQuantity", "{listed}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q77_members_that_are_gone_come_back(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let bought = world.buy_as(&own(seats(2))).await;
    let before = world.publisher.subscription(&bought.id).await.is(200);
    world.operator.set_quirk("retired_members", "sent").await;
    let then = world.publisher.subscription(&bought.id).await.is(200);
    let resolved = world.publisher.resolve(&bought.token).await.is(200);
    let listed = world.publisher.list().await.is(200).at("/subscriptions");
    let listed = listed.as_array().unwrap().iter().find(|one| one["id"] == bought.id.as_str());
    for shown in [then.json(), resolved.at("/subscription"), listed.unwrap().clone()] {
        let mut rest = shown.clone();
        let members = rest.as_object_mut().unwrap();
        assert_eq!(members.remove("storeFront"), Some(json!("AzurePortal")), "{shown}");
        for id in ["sessionId", "fulfillmentId"] {
            assert_eq!(members.remove(id).unwrap().as_str().unwrap().len(), 36, "{shown}");
        }
        let beneficiary = members["beneficiary"].as_object_mut().unwrap();
        let tenant = beneficiary["tenantId"].as_str().unwrap().to_owned();
        for member in ["iss", "idp"] {
            let issuer = beneficiary.remove(member).unwrap();
            assert_eq!(issuer, format!("https://sts.windows.net/{tenant}/"), "{shown}");
        }
        assert_eq!(rest, before.json(), "nothing else has changed");
    }
}
