//! How webhooks leave, and what an answer means.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Db,
    foreign_app::{Reply, Stage},
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
