//! Answers of the publisher face against Microsoft's own OpenAPI files: members, types, enums, formats. The files here
//! are Microsoft's, as published (LICENSE.microsoft). The check is small: no schema of theirs requires a member.

mod comparison;
mod document;
mod metering;
mod openapi;

use rstest::rstest;
use serde_json::json;

use self::document::Document;
use crate::support::{Answer, Db, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn answers_are_as_microsofts_openapi_file_has_them(#[case] db: Db) {
    let file = Document::saas();
    let world = World::new(db).await;
    let check = |method: &str, path: &str, answer: &Answer| file.holds((method, path), answer);
    for bought in [world.buy(3).await, world.buy_flat().await] {
        let look = async || {
            let resolved = world.publisher.resolve(&bought.token).await.is(200);
            check("post", "/saas/subscriptions/resolve", &resolved);
            let seen = world.publisher.subscription(&bought.id).await.is(200);
            check("get", "/saas/subscriptions/{subscriptionId}", &seen);
        };
        look().await;
        let activated = world.publisher.activate(&bought.id).await.is(200);
        check("post", "/saas/subscriptions/{subscriptionId}/activate", &activated);
        look().await;
        world.operator.unsubscribe(&bought.id).await.is(202);
        look().await;
    }
}

/// The same of lists, plans and operations, in all their states.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn lists_plans_and_operations_are_as_the_file_has_them(#[case] db: Db) {
    let file = Document::saas();
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let check = |path: &str, answer: &Answer| file.holds(("get", path), answer);
    let bought = world.buy_active(3).await;
    let metered = json!({"offerId": "contoso-archive", "planId": "metered"});
    let metered = world.buy_as(&metered).await;
    for id in [&bought.id, &metered.id] {
        let plans = world.publisher.plans(id).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/listAvailablePlans", &plans);
    }
    let look = async |operation: &str| {
        let one = world.publisher.operation(&bought.id, operation).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/operations/{operationId}", &one);
        let open = world.publisher.operations(&bought.id).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/operations", &open);
    };
    let accepted = world.publisher.change(&bought.id, &json!({"quantity": 4})).await.is(202);
    let started = accepted.header("operation-id").to_owned();
    look(&started).await;
    for action in ["suspend", "unsubscribe"] {
        let operation = world.operator.acted(&bought.id, &json!({"action": action})).await;
        look(&operation).await;
    }
    look(&started).await; // Failed
    check("/saas/subscriptions/", &world.publisher.list().await.is(200));
}
