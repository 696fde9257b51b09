//! The partner manages what it bought for a customer: what still has to be done, nickname, seats, cancellation, auto-renew,
//! reseller.

use rstest::rstest;
use serde_json::json;

use crate::{
    contract::partner_center::stage::Sold,
    support::{Ask, Db, people, world::seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s07_s10_s11_action_needed_with_a_link_until_everything_is_done(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(2)).await;
    let list = format!("{}/subscriptions", sold.customer());
    let page = sold.partner.get(&list).await.is(200);
    assert_eq!(page.at("/items/0/attentionNeeded"), true, "{page}");
    let link = page.text_at("/items/0/links/activationLinks/uri");
    assert_eq!(link, format!("{}/activationlinks", sold.path()), "{page}");
    sold.world.publisher.assign(&sold.id, &people(2)).await.is(200);
    sold.world.publisher.activate(&sold.id).await.is(200);
    let page = sold.partner.get(&list).await.is(200);
    assert_eq!(page.at("/items/0/attentionNeeded"), false, "{page}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s02_s03_s12_s13_s15_s16_one_admin_changes_everything_that_may_change(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for role in ["GlobalAdmin", "AdminAgent"] {
        let admin = sold.partner.as_user(&[role]);
        let mut whole = admin.get(&sold.path()).await.is(200).json();
        let seats = if role == "GlobalAdmin" { 8 } else { 3 };
        let changes = json!({"friendlyName": format!("Desk of {role}"), "quantity": seats,
            "autoRenewEnabled": role != "GlobalAdmin", "partnerId": "4847001"});
        for (name, value) in changes.as_object().unwrap() {
            whole[name] = value.clone();
        }
        admin.patch(&sold.path(), &whole).await.is(202);
        sold.told("ChangeQuantity").await;
        sold.move_on("PT10S").await;
        let read = admin.get(&sold.path()).await.is(200);
        for (name, value) in changes.as_object().unwrap() {
            assert_eq!(read.at(&format!("/{name}")), *value, "{role}: {read}");
        }
    }
    let seen = sold.world.publisher.subscription(&sold.id).await.is(200);
    assert_eq!((seen.at("/quantity"), seen.at("/autoRenew")), (json!(3), json!(true)), "{seen}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s14_canceled_and_the_publisher_hears_of_it(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let gone = sold.change(&json!({"status": "deleted"})).await.is(200);
    assert_eq!(gone.at("/status"), "deleted", "{gone}");
    let operation = sold.told("Unsubscribe").await;
    let hook = sold.app.hook_of(&operation).await.json();
    assert_eq!(hook["operationRequestSource"], "Azure", "{hook}");
    let seen = sold.world.publisher.subscription(&sold.id).await.is(200);
    assert_eq!(seen.at("/saasSubscriptionStatus"), "Unsubscribed", "{seen}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_steps_that_the_publisher_defines_come_first(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let steps = format!("/{}/publisherSteps", sold.id);
    let step = json!({"id": "export", "title": "Export your data",
        "url": "https://contoso.example/export", "blocks": ["cancel"]});
    let declare = sold.world.publisher.call(reqwest::Method::PUT, &steps);
    declare.json(&json!({"steps": [step]})).ask().await.is(200);
    let cancel = json!({"status": "deleted"});
    let refused = sold.change(&cancel).await.partner_error(400, 900_280);
    assert!(refused.text_at("/description").contains("Export your data"), "{refused}");
    let done = sold.world.publisher.call(reqwest::Method::POST, &format!("{steps}/export/done"));
    done.ask().await.is(200);
    assert_eq!(sold.change(&cancel).await.is(200).at("/status"), "deleted");
}
