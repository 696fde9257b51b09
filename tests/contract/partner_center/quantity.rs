//! PATCH of a subscription's `quantity`: it goes through the publisher (partner-center.md 2.9).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::Sold;
use crate::support::{
    Db,
    foreign_app::Reply,
    world::{flat, seats},
};

async fn quantity(sold: &Sold) -> Value {
    sold.read().await.at("/quantity")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p34_licenses_change_when_the_publisher_has_agreed(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for to in [7, 2] {
        let before = quantity(&sold).await;
        let asked = sold.change(&json!({"quantity": to})).await.is(202);
        assert_eq!(asked.header("location"), format!("/v1{}", sold.path()), "{asked}");
        assert_eq!(asked.at("/quantity"), before, "not yet: {asked}");
        let operation = sold.told("ChangeQuantity").await;
        let hook = sold.app.hook_of(&operation).await.json();
        assert_eq!(hook["quantity"], to, "{hook}");
        assert_eq!(hook["operationRequestSource"], "Azure", "{hook}");
        assert_eq!(quantity(&sold).await, before);
        sold.world.publisher.decide(&sold.id, &operation, "Success").await.is(200);
        assert_eq!(quantity(&sold).await, to);
    }
    assert_eq!(sold.world.operator.times("quantityChanged", &sold.id).await, 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p35_a_publisher_that_refuses_leaves_the_old_number(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let charges = sold.world.operator.charges(&sold.id).await;
    sold.change(&json!({"quantity": 7})).await.is(202);
    let operation = sold.told("ChangeQuantity").await;
    sold.world.publisher.decide(&sold.id, &operation, "Failure").await.is(200);
    assert_eq!(quantity(&sold).await, 5);
    sold.app.always(Reply::Status(400));
    sold.change(&json!({"quantity": 8})).await.is(202);
    let refused = sold.told("ChangeQuantity").await;
    assert_ne!(refused, operation);
    sold.move_on("PT1M").await;
    assert_eq!(quantity(&sold).await, 5);
    assert_eq!(sold.world.operator.charges(&sold.id).await, charges);
    let failed = sold.world.operator.times("operationFailed", &sold.id).await;
    assert_eq!(failed, 2, "both of them");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p36_ten_seconds_of_silence_are_a_yes(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.change(&json!({"quantity": 7, "friendlyName": "Desk"})).await.is(202);
    assert_eq!(sold.read().await.at("/friendlyName"), "Desk", "the rest is so at once");
    sold.told("ChangeQuantity").await;
    sold.move_on("PT9S").await;
    assert_eq!(quantity(&sold).await, 5);
    sold.move_on("PT1S").await;
    assert_eq!(quantity(&sold).await, 7);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn one_change_waits_at_a_time(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let gate = sold.app.hold();
    sold.change(&json!({"quantity": 7})).await.is(202);
    let refused = sold.change(&json!({"quantity": 8})).await.partner_error(409, 900_278);
    assert!(refused.text_at("/description").contains("ChangeQuantity"), "{refused}");
    // What needs no publisher, and what comes before everything, is possible all the same.
    sold.change(&json!({"friendlyName": "Desk"})).await.is(200);
    sold.change(&json!({"status": "suspended"})).await.is(200);
    gate.open();
    sold.told("Suspend").await;
    sold.move_on("PT1M").await;
    let read = sold.read().await;
    assert_eq!((read.at("/quantity"), read.at("/status")), (json!(5), json!("suspended")));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p16_licenses_outside_the_limits_of_the_sku(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for wrong in [501, -5, i64::MAX] {
        let refused = sold.change(&json!({"quantity": wrong})).await.partner_error(400, 2_002);
        assert!(refused.text_at("/description").contains("1 to 500"), "{refused}");
    }
    assert_eq!(quantity(&sold).await, 5);
    let archive = Sold { id: sold.world.buy_as(&flat()).await.id, ..sold };
    archive.activate(&archive.id).await;
    archive.change(&json!({"quantity": 2})).await.partner_error(400, 800_095);
    archive.change(&json!({"quantity": 1})).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_integration_sandbox_has_25_licenses_of_a_subscription_later_too(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let kind = json!({"accountKind": "integrationSandbox"});
    sold.world.operator.put("/partners/alder-finch", &kind).await.is(200);
    let refused = sold.change(&json!({"quantity": 26})).await.partner_error(403, 800_067);
    assert!(refused.text_at("/description").contains("25"), "{refused}");
    assert_eq!(sold.actions_told().await, [""; 0], "nobody was asked");
    sold.change(&json!({"quantity": 501})).await.partner_error(400, 2_002);
    sold.change(&json!({"quantity": 25})).await.is(202);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p27_before_activation_only_what_needs_no_publisher(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(5)).await;
    let before = sold.read().await.json();
    for change in [json!({"quantity": 7}), json!({"status": "suspended"})] {
        sold.change(&change).await.partner_error(400, 800_081);
    }
    assert_eq!(sold.read().await.json(), before);
    let many = json!({"friendlyName": "Desk", "autoRenewEnabled": false, "partnerId": "4847001"});
    let changed = sold.change(&many).await.is(200);
    for (name, value) in many.as_object().unwrap() {
        assert_eq!(changed.at(&format!("/{name}")), *value, "{changed}");
    }
    sold.move_on("P20D").await; // long after every window: nothing was charged (Q4)
    let canceled = sold.change(&json!({"status": "deleted"})).await.is(200);
    assert_eq!(canceled.at("/status"), "deleted", "{canceled}");
    sold.told("Unsubscribe").await;
    assert_eq!(sold.world.operator.charges(&sold.id).await.len(), 0);
}
