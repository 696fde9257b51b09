//! Operations that are not there, and those that are.

use rstest::rstest;

use crate::support::{Db, World};

const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q01_c48_an_operation_that_is_not_there_is_404_or_400(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let app = &world.publisher;
    for operation in [NOWHERE, "garbled"] {
        let got = app.operation(&bought.id, operation).await;
        got.detail(404, Some("operationId"), "EntityNotFound");
        let patched = app.decide(&bought.id, operation, "Success").await;
        patched.detail(404, Some("operationId"), "EntityNotFound");
    }
    world.operator.set_quirk("unknown_operation", "bad_request").await;
    for (subscription, operation) in
        [(bought.id.as_str(), NOWHERE), (&bought.id, "garbled"), (NOWHERE, NOWHERE)]
    {
        let got = app.operation(subscription, operation).await;
        let got = got.detail(400, Some("operationId"), "EntityNotFound");
        assert_eq!(got.at("/message"), "Failed to get operation");
        let patched = app.decide(subscription, operation, "Success").await;
        let patched = patched.detail(400, Some("operationId"), "NotFound");
        assert_eq!(patched.at("/message"), "Failed to find operation");
    }
    app.subscription(NOWHERE).await.is(404); // nothing else has changed
    world.other_publisher.operation(&bought.id, NOWHERE).await.forbidden();
}
