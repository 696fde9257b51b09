//! A subscription is canceled within its cancellation period, which differs for a month and a year, and renews if the
//! partner wants it to.

use rstest::rstest;
use serde_json::json;

use crate::{contract::partner_center::stage::Sold, support::Db};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s29_s30_s32_the_cancellation_period_of_a_month_and_of_a_year(#[case] db: Db) {
    let year = Sold::for_a_year(db, "annual").await;
    let month = year.world.buy(5).await.id;
    year.activate(&month).await;
    let path = format!("{}/subscriptions/{month}", year.customer());
    let until = |read: crate::support::Answer| read.text_at("/refundOptions/0/expiresAt");
    assert_eq!(until(year.partner.get(&path).await.is(200)), "2027-02-01T09:00:00Z");
    assert_eq!(until(year.read().await), "2027-02-14T09:00:00Z");
    year.move_on("P10D").await;
    let body = json!({"status": "deleted"});
    let late = year.partner.patch(&path, &body).await.is(200);
    assert_eq!((late.at("/status"), late.at("/autoRenewEnabled")), (json!("active"), json!(false)));
    let inside = year.amend(&body).await.is(200);
    assert_eq!(inside.at("/status"), "deleted", "{inside}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s31_s33_the_partner_chooses_whether_it_renews(#[case] db: Db) {
    let renews = Sold::new(db).await;
    let ends = renews.world.buy(5).await.id;
    renews.activate(&ends).await;
    let path = format!("{}/subscriptions/{ends}", renews.customer());
    let off = json!({"autoRenewEnabled": false});
    renews.partner.patch(&path, &off).await.is(200);
    renews.move_on("P1M").await;
    let over = renews.partner.get(&path).await.is(200);
    assert_eq!(over.at("/status"), "expired", "{over}");
    let next = renews.read().await;
    assert_eq!(next.at("/status"), "active", "{next}");
    assert_eq!(next.at("/effectiveStartDate"), "2027-02-28T00:00:00Z", "{next}");
    assert_eq!(renews.actions_told().await, ["Renew"]);
}
