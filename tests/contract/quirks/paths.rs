//! What is found on the publisher face, how lists are written, and what a PATCH of an operation must say.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, foreign_app::Stage, world::own};

const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q12_c43_operations_are_listed_while_in_progress_or_late(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    let listed = async || {
        let list = app.operations(&stage.id).await.is(200);
        list.at("/operations").as_array().expect("a list").len()
    };
    let started = app.change(&stage.id, &json!({"planId": "gold"})).await.is(202);
    assert_eq!(listed().await, 1, "NotStarted, and open");
    operator.set_quirk("list_operations", "in_progress").await;
    assert_eq!(listed().await, 0);
    stage.move_on("PT2S").await;
    assert_eq!(listed().await, 1);
    operator.set_quirk("list_operations", "late").await;
    assert_eq!(listed().await, 0);
    stage.move_on("PT2.999999S").await;
    assert_eq!(listed().await, 0);
    stage.move_on("PT0.000001S").await;
    assert_eq!(listed().await, 1);
    stage.operation(started.header("operation-id")).await; // found by its id all the time
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q78_c43_operations_are_in_an_object_or_a_bare_list(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    let list = async || app.operations(&stage.id).await.is(200);
    assert_eq!(list().await.text, r#"{"operations":[]}"#);
    operator.set_quirk("operations_list", "empty_json").await;
    assert_eq!(list().await.text, "{}");
    operator.set_quirk("operations_list", "list").await;
    assert_eq!(list().await.text, "[]");
    operator.set_quirk("unknown_subscription_operations", "empty").await;
    assert_eq!(app.operations(NOWHERE).await.is(200).text, "[]");
    let open = stage.change_plan("gold").await;
    let bare = list().await;
    assert_eq!(bare.at("/0/id"), open.as_str(), "{bare}");
    operator.set_quirk("operations_list", "empty_json").await;
    let some = list().await;
    assert_eq!(some.text, format!(r#"{{"operations":{}}}"#, bare.text));
    operator.set_quirk("operations_list", "object").await;
    assert_eq!(list().await.text, some.text);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q79_operations_of_what_is_no_id_are_404_or_400(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher;
    app.operations("garbled").await.detail(404, Some("subscriptionId"), "EntityNotFound");
    world.operator.set_quirk("malformed_id", "bad_request").await;
    app.operations("garbled").await.detail(400, Some("subscriptionId"), "InvalidValue");
    app.operations(NOWHERE).await.is(404);
    app.subscription("garbled").await.is(404); // no other call has a 400
    app.with_bearer("wrong").operations("garbled").await.forbidden(); // whose it is comes first
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q80_c55_operations_of_all_or_of_some_actions_are_found(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    let mut made = Vec::new();
    for (action, decision) in [
        (json!({"action": "changePlan", "planId": "gold"}), "Success"),
        (json!({"action": "changeQuantity", "quantity": 21}), "Success"),
        (json!({"action": "renew"}), ""),
        (json!({"action": "suspend"}), ""),
        (json!({"action": "reinstate"}), "Success"),
        (json!({"action": "unsubscribe"}), ""),
    ] {
        let operation = stage.acted(&action).await;
        stage.delivery_is(&operation, "acknowledged").await;
        if !decision.is_empty() {
            stage.decide(&operation, decision).await;
        }
        made.push(operation);
    }
    let instant = own(json!({"offerId": "contoso-archive", "planId": "instant"}));
    let instant = stage.world.buy_as(&instant).await;
    let subscribed = operator.deliveries(&instant.id).await[0]["id"].as_str().unwrap().to_owned();
    let statuses = async || {
        let mut statuses = Vec::new();
        for operation in &made {
            statuses.push(app.operation(&stage.id, operation).await.status);
        }
        statuses.push(app.operation(&instant.id, &subscribed).await.status);
        statuses
    };
    assert_eq!(statuses().await, [200; 7]);
    operator.set_quirk("get_operation", "prose").await;
    assert_eq!(statuses().await, [200, 200, 404, 404, 404, 200, 404]);
    operator.set_quirk("get_operation", "sample").await;
    assert_eq!(statuses().await, [200, 200, 404, 404, 200, 404, 404]);
    operator.set_quirk("unknown_operation", "bad_request").await;
    assert_eq!(statuses().await, [200, 200, 400, 400, 200, 400, 400], "as what is not there");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q81_f05_c46_a_patch_of_what_only_tells_is_409_or_400(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let app = &stage.world.publisher;
    let told = stage.acted(&json!({"action": "renew"})).await;
    let changed = stage.change_plan("gold").await;
    stage.delivery_is(&changed, "acknowledged").await;
    stage.decide(&changed, "Success").await;
    let patch = async |operation: &str| app.decide(&stage.id, operation, "Success").await;
    patch(&told).await.is(409);
    stage.world.operator.set_quirk("patch_told_operation", "bad_request").await;
    patch(&told).await.detail(400, Some("status"), "InvalidValue");
    patch(&changed).await.is(409);
    stage.is(&told, "Succeeded", "gold").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q82_plan_and_quantity_of_a_patch_are_ignored_or_required(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let asked = stage.acted(&json!({"action": "changeQuantity", "quantity": 25})).await;
    stage.delivery_is(&asked, "acknowledged").await;
    let patch = async |body: &Value| {
        let path = format!("/{}/operations/{asked}", stage.id);
        stage.world.publisher.call(Method::PATCH, &path).json(body).ask().await
    };
    stage.world.operator.set_quirk("operation_patch_body", "required").await;
    for (body, target) in [
        (json!({"status": "Failure"}), "planId"),
        (json!({"status": "Failure", "planId": "gold", "quantity": 25}), "planId"),
        (json!({"status": "Failure", "planId": "silver"}), "quantity"),
        (json!({"status": "Failure", "planId": "silver", "quantity": 20}), "quantity"),
        (json!({"status": "Failure", "planId": "silver", "quantity": "many"}), "quantity"),
    ] {
        patch(&body).await.detail(400, Some(target), "BadRequest");
    }
    stage.is(&asked, "InProgress", "silver").await;
    patch(&json!({"status": "Success", "planId": "silver", "quantity": "25"})).await.is(200);
    stage.is(&asked, "Succeeded", "silver").await;
    patch(&json!({"status": "Failure"})).await.is(409); // what has ended comes first
    stage.world.operator.set_quirk("operation_patch_body", "ignore").await;
    let other = stage.change_plan("gold").await;
    stage.delivery_is(&other, "acknowledged").await;
    let path = format!("/{}/operations/{other}", stage.id);
    let odd = json!({"status": "Success", "planId": "bronze", "quantity": 1});
    stage.world.publisher.call(Method::PATCH, &path).json(&odd).ask().await.is(200);
    stage.is(&other, "Succeeded", "gold").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q83_c26_the_last_page_has_no_link_or_an_empty_one(#[case] db: Db) {
    let world = World::new(db).await;
    world.buy_flat().await;
    assert!(!world.publisher.list().await.is(200).text.contains("@nextLink"));
    world.operator.set_quirk("last_next_link", "empty").await;
    let last = world.publisher.list().await.is(200);
    assert!(last.text.ends_with(r#"],"@nextLink":""}"#), "{last}");
    for _ in 0..100 {
        world.buy_flat().await;
    }
    let first = world.publisher.list().await.is(200);
    let next = first.text_at("/@nextLink");
    assert!(next.starts_with("http"), "{next}");
    assert_eq!(world.publisher.follow(&next).await.is(200).at("/@nextLink"), "");
}
