//! How partners cancel, and how a subscription looks to them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    contract::partner_center::stage::Sold,
    support::{Db, world::seats},
};

/// Until when canceling costs nothing.
async fn deadline(sold: &Sold) -> Value {
    let read = sold.read().await;
    let deadline = read.at("/refundOptions/0/expiresAt");
    assert_eq!(read.at("/cancellationAllowedUntilDate"), deadline, "{read}");
    deadline
}

/// What a cancellation at this instant comes to: the status then, or the number of the refusal.
async fn canceled(sold: &Sold) -> Value {
    let answer = sold.change(&json!({"status": "deleted"})).await;
    if answer.status == 200 { answer.at("/status") } else { answer.at("/code") }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q59_each_cancellation_policy_has_its_window_and_what_comes_late(#[case] db: Db) {
    for (policy, until, inside, late) in [
        ("csp-2019", "2027-02-01T09:00:00Z", "PT23H59M59S", json!("active")),
        ("hide-2019a", "2027-02-01T09:00:00Z", "PT23H59M59S", json!(900_213)),
        ("saas-72h", "2027-02-03T09:00:00Z", "PT71H59M59S", json!("deleted")),
        ("csp-2024", "2027-02-03T09:00:00Z", "PT71H59M59S", json!(900_213)),
    ] {
        let sold = Sold::new(db).await;
        sold.world.operator.set_quirk("cancellation_policy", policy).await;
        assert_eq!(deadline(&sold).await, until, "{policy}");
        let second = sold.world.buy(5).await.id;
        sold.activate(&second).await;
        sold.move_on(inside).await;
        assert_eq!(canceled(&sold).await, "deleted", "{policy}");
        sold.move_on("PT1S").await;
        let second = Sold { id: second, ..sold };
        assert_eq!(canceled(&second).await, late, "{policy}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q60_the_window_counts_from_the_order_or_from_the_start_of_billing(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(5)).await;
    assert_eq!(deadline(&sold).await, "2027-02-01T09:00:00Z", "known at the order");
    sold.world.operator.set_quirk("cancellation_anchor", "activation").await;
    assert_eq!(deadline(&sold).await, Value::Null, "it has not begun");
    sold.move_on("P5D").await;
    sold.activate(&sold.id).await;
    assert_eq!(deadline(&sold).await, "2027-02-06T09:00:00Z");
    sold.move_on("PT23H59M59S").await;
    assert_eq!(canceled(&sold).await, "deleted");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q61_a_year_charged_by_the_month_has_the_window_of_a_year_or_of_a_month(#[case] db: Db) {
    let sold = Sold::for_a_year(db, "monthly").await;
    assert_eq!(deadline(&sold).await, "2027-02-14T09:00:00Z");
    sold.world.operator.set_quirk("window_by", "billing_cycle").await;
    assert_eq!(deadline(&sold).await, "2027-02-01T09:00:00Z");
    sold.move_on("PT24H").await;
    assert_eq!(canceled(&sold).await, "active", "it is scheduled");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q62_before_activation_it_is_active_or_pending(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(5)).await;
    let seen = async || {
        let read = sold.read().await;
        (read.text_at("/status"), read.at("/attentionNeeded"))
    };
    assert_eq!(seen().await, ("active".to_owned(), json!(true)));
    sold.world.operator.set_quirk("preactivation_status", "pending").await;
    assert_eq!(seen().await, ("pending".to_owned(), json!(true)));
    let whole = sold.change(&json!({"friendlyName": "Desk"})).await.is(200);
    assert_eq!(whole.at("/friendlyName"), "Desk", "sent back as it was read: {whole}");
    sold.change(&json!({"status": "active"})).await.partner_error(400, 800_040);
    sold.activate(&sold.id).await;
    assert_eq!(seen().await, ("active".to_owned(), json!(false)));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q63_p32_without_auto_renew_in_the_body_it_is_off_or_stays(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.world.operator.set_quirk("autorenew_absent", "keep").await;
    let kept = sold.amend(&json!({"friendlyName": "One"})).await.is(200);
    assert_eq!(kept.at("/autoRenewEnabled"), true, "{kept}");
    let off = sold.amend(&json!({"autoRenewEnabled": false})).await.is(200);
    assert_eq!(off.at("/autoRenewEnabled"), false, "{off}");
    let kept = sold.amend(&json!({"friendlyName": "Two"})).await.is(200);
    assert_eq!(kept.at("/autoRenewEnabled"), false, "{kept}");
    sold.amend(&json!({"autoRenewEnabled": true})).await.is(200);
    sold.world.operator.set_quirk("autorenew_absent", "off").await;
    let off = sold.amend(&json!({"friendlyName": "Three"})).await.is(200);
    assert_eq!(off.at("/autoRenewEnabled"), false, "{off}");
}
