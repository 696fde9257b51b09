//! PATCH of a subscription's `status` to `deleted` by each policy, auto-renew, and the end of a term (partner-center.md 2.5,
//! 2.6).

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use shared::clock::FakeClock;

use super::stage::Sold;
use crate::support::{Answer, Db, World};

async fn cancel(sold: &Sold) -> Answer {
    sold.change(&json!({"status": "deleted"})).await
}

/// Holds that it ended at once, and that its publisher heard of it.
async fn is_gone(sold: &Sold, answer: Answer) {
    let gone = answer.is(200);
    assert_eq!(gone.at("/status"), "deleted", "{gone}");
    assert_eq!(sold.actions_told().await, ["Unsubscribe"]);
    let truth = sold.world.operator.truth(&sold.id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
}

/// Holds that it will end with its term, and that nobody heard of it yet.
async fn is_scheduled(sold: &Sold, answer: Answer) {
    let stays = answer.is(200);
    assert_eq!(stays.at("/status"), "active", "{stays}");
    assert_eq!(stays.at("/autoRenewEnabled"), false, "{stays}");
    assert_eq!(stays.at("/actions"), json!(["Edit"]), "{stays}");
    assert_eq!(sold.actions_told().await, [""; 0]);
    assert_eq!(sold.world.operator.times("cancellationScheduled", &sold.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p38_by_the_month_it_ends_at_once_within_24_hours(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.move_on("PT23H59M59S").await;
    is_gone(&sold, cancel(&sold).await).await;
    let other = Sold { id: sold.world.buy(5).await.id, ..sold };
    other.activate(&other.id).await;
    other.move_on("PT24H").await;
    is_scheduled(&other, cancel(&other).await).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p39_by_the_year_it_ends_at_once_within_14_days(#[case] db: Db) {
    // Charged by the month or not: the term decides (Q14).
    let sold = Sold::for_a_year(db, "monthly").await;
    let read = sold.read().await;
    assert_eq!(read.at("/refundOptions/0/expiresAt"), "2027-02-14T09:00:00Z", "{read}");
    sold.move_on("P13DT23H").await;
    is_gone(&sold, cancel(&sold).await).await;
    let mut purchase = crate::support::world::seats(5);
    purchase["term"] = "P1Y".into();
    let other = Sold { id: sold.world.buy_as(&purchase).await.id, ..sold };
    other.activate(&other.id).await;
    other.move_on("P14D").await;
    is_scheduled(&other, cancel(&other).await).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p41_a_scheduled_cancellation_stays_active_to_the_end_of_the_term(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.move_on("P3D").await;
    is_scheduled(&sold, cancel(&sold).await).await;
    let charges = sold.world.operator.charges(&sold.id).await;
    is_scheduled(&sold, cancel(&sold).await).await; // twice is once
    sold.world.operator.advance(&json!({"to": "2027-02-27T23:59:59Z"})).await.is(200);
    assert_eq!(sold.read().await.at("/status"), "active");
    sold.move_on("PT1S").await;
    let over = sold.read().await;
    assert_eq!(over.at("/status"), "expired", "its term was over: {over}");
    assert_eq!(sold.actions_told().await, ["Unsubscribe"]);
    assert_eq!(sold.world.operator.times("renewed", &sold.id).await, 0);
    assert_eq!(sold.world.operator.charges(&sold.id).await, charges, "no more, and no refund");
    sold.amend(&json!({"autoRenewEnabled": true})).await.partner_error(400, 2_011);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p41_auto_renew_turned_on_again_takes_it_back(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.move_on("P3D").await;
    cancel(&sold).await.is(200);
    let back = sold.change(&json!({"autoRenewEnabled": true})).await.is(200);
    assert_eq!(back.at("/actions"), json!(["Cancel", "Edit"]), "{back}");
    sold.move_on("P1M").await;
    assert_eq!(sold.read().await.at("/status"), "active");
    assert_eq!(sold.actions_told().await, ["Renew"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p42_a_policy_that_refuses_what_comes_late(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.world.operator.set_quirk("cancellation_policy", "hide-2019a").await;
    assert_eq!(sold.read().await.at("/actions"), json!(["Cancel", "Edit"]));
    sold.move_on("PT24H").await;
    let before = sold.read().await;
    assert_eq!(before.at("/actions"), json!(["Edit"]), "{before}");
    let refused = sold.amend(&json!({"status": "deleted", "friendlyName": "Desk"})).await;
    let refused = refused.partner_error(400, 900_213);
    let said = refused.text_at("/description");
    assert!(said.contains("24-hour") && said.contains("2027-02-01T09:00:00Z"), "{refused}");
    assert_eq!(sold.read().await.json(), before.json());
    // Corrections of 2026 (P-1): 72 hours for every term, and then an error.
    sold.world.operator.set_quirk("cancellation_policy", "csp-2024").await;
    assert_eq!(sold.read().await.at("/actions"), json!(["Cancel", "Edit"]));
    sold.move_on("PT48H").await;
    let refused = cancel(&sold).await.partner_error(400, 900_213);
    assert!(refused.text_at("/description").contains("72-hour"), "{refused}");
    assert_eq!(sold.world.operator.times("cancellationScheduled", &sold.id).await, 0);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p42_a_window_of_days_is_told_in_days(#[case] db: Db) {
    let sold = Sold::for_a_year(db, "annual").await;
    sold.world.operator.set_quirk("cancellation_policy", "hide-2019a").await;
    sold.move_on("P14D").await;
    let refused = cancel(&sold).await.partner_error(400, 900_117);
    assert!(refused.text_at("/description").contains("14-day"), "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p46_auto_renew_is_on_and_without_it_the_term_is_the_last(#[case] db: Db) {
    let sold = Sold::new(db).await;
    assert_eq!(sold.read().await.at("/autoRenewEnabled"), true, "by default");
    let off = sold.change(&json!({"autoRenewEnabled": false})).await.is(200);
    assert_eq!(off.at("/status"), "active", "{off}");
    let charges = sold.world.operator.charges(&sold.id).await;
    sold.move_on("P2M").await;
    let over = sold.read().await;
    assert_eq!(over.at("/status"), "expired", "{over}");
    assert_eq!(over.at("/autoRenewEnabled"), false, "{over}");
    assert_eq!(over.at("/actions"), json!([]), "{over}");
    assert_eq!(sold.actions_told().await, ["Unsubscribe"]);
    assert_eq!(sold.world.operator.charges(&sold.id).await, charges, "nothing is billed");
    let truth = sold.world.operator.truth(&sold.id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
    sold.amend(&json!({"status": "active"})).await.partner_error(400, 2_011);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_suspended_one_is_canceled_by_the_same_rules(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.change(&json!({"status": "suspended"})).await.is(200);
    sold.move_on("P2D").await;
    let late = cancel(&sold).await.is(200);
    assert_eq!(late.at("/status"), "suspended", "{late}");
    assert_eq!(late.at("/autoRenewEnabled"), false, "{late}");
    sold.change(&json!({"autoRenewEnabled": true})).await.partner_error(400, 800_093);
    // Back from suspension after the end of its term, it ends.
    sold.move_on("P26D").await;
    sold.amend(&json!({"status": "active"})).await.is(202);
    let operation = sold.told("Reinstate").await;
    sold.world.publisher.decide(&sold.id, &operation, "Success").await.is(200);
    sold.move_on("PT1S").await;
    assert_eq!(sold.read().await.at("/status"), "expired");
    let other = Sold { id: sold.world.buy(5).await.id, ..sold };
    other.activate(&other.id).await;
    other.change(&json!({"status": "suspended"})).await.is(200);
    let gone = cancel(&other).await.is(200);
    assert_eq!(gone.at("/status"), "deleted", "{gone}");
    assert_eq!(gone.at("/suspensionReasons"), Value::Null, "{gone}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p43_two_years_with_payments_due_stay_until_the_last_one(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.world.operator.set_quirk("cancellation_policy", "saas-72h").await;
    let price =
        json!({"currency": "USD", "term": "P2Y", "billingCycle": "annual", "unitPrice": 200});
    let plan = json!({"planId": "long", "name": "Long", "markets": ["US"], "minQuantity": 1,
        "maxQuantity": 9, "prices": [price]});
    let offer = json!({"publisherId": "contoso", "offerId": "contoso-long", "name": "Contoso Long",
        "plans": [plan]});
    sold.world.operator.post("/offers", &json!({"offers": [offer]})).await.is(200);
    let purchase = json!({"offerId": "contoso-long", "planId": "long", "quantity": 2});
    let long = Sold { id: sold.world.buy_as(&purchase).await.id, ..sold };
    long.activate(&long.id).await;
    long.move_on("PT72H").await;
    let before = long.read().await;
    assert_eq!(before.at("/actions"), json!(["Edit"]), "{before}");
    let refused = cancel(&long).await.partner_error(400, 900_213);
    let said = refused.text_at("/description");
    assert!(said.contains("payments") && said.contains("2028-01-31T00:00:00Z"), "{refused}");
    assert_eq!(long.read().await.json(), before.json());
    long.world.operator.advance(&json!({"to": "2028-01-31T00:00:00Z"})).await.is(200);
    is_gone(&long, cancel(&long).await).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_has_run_out_is_being_expired_until_its_timer_has_run(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let id = world.buy(5).await.id;
    let path = format!("/customers/{}/subscriptions/{id}", world.sandbox.customers[0].customer_id);
    let partner = world.partner("alder-finch").await;
    partner.patch(&path, &json!({"autoRenewEnabled": false})).await.is(200);
    // The broker sleeps through the end by the machine's clock: nothing tells it that a test has moved that.
    clock.advance(SignedDuration::from_hours(24 * 40));
    let partner = world.partner("alder-finch").await;
    for change in [
        json!({"friendlyName": "Desk"}),
        json!({"status": "deleted"}),
        json!({"autoRenewEnabled": true}),
    ] {
        partner.patch(&path, &change).await.partner_error(400, 900_277);
    }
}
