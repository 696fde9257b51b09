//! GET /api/saas/subscriptions/{subscriptionId}: the Subscription object.

use rstest::rstest;
use serde_json::json;

use crate::support::{Db, World, world::flat};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c23_a_pending_one_has_a_term_unit_and_no_dates(#[case] db: Db) {
    let world = World::new(db).await;
    for term in ["P1M", "P1Y"] {
        let mut purchase = flat();
        purchase["term"] = term.into();
        let bought = world.buy_as(&purchase).await;
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), "PendingFulfillmentStart", "{seen}");
        assert_eq!(seen.at("/term"), json!({"termUnit": term}), "{seen}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c24_the_last_day_is_inclusive_and_both_are_midnight(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let mut terms = Vec::new();
    for (activate_at, term) in [
        ("2027-01-31T09:00:00Z", "P1M"),
        ("2027-02-28T23:59:59.999999Z", "P1M"),
        ("2027-03-01T00:00:00Z", "P1Y"),
        ("2028-02-29T12:00:00Z", "P1Y"),
    ] {
        world.operator.advance(&json!({"to": activate_at})).await.is(200);
        let mut purchase = flat();
        purchase["term"] = term.into();
        let bought = world.buy_as(&purchase).await;
        world.publisher.activate(&bought.id).await.is(200);
        terms.push(world.publisher.subscription(&bought.id).await.is(200).at("/term"));
    }
    let day = |day: &str| format!("{day}T00:00:00Z");
    let term = |start: &str, end: &str, unit: &str| json!({"startDate": day(start), "endDate": day(end), "termUnit": unit});
    assert_eq!(
        terms,
        [
            term("2027-01-31", "2027-02-27", "P1M"),
            term("2027-02-28", "2027-03-27", "P1M"),
            term("2027-03-01", "2028-02-29", "P1Y"),
            term("2028-02-29", "2029-02-27", "P1Y"),
        ]
    );
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c28_an_unknown_one_is_not_found(#[case] db: Db) {
    let world = World::new(db).await;
    for unknown in [
        "00000000-0000-0000-0000-000000000000",
        "no-guid",
        "00000000000000000000000000000000",
        "%00",
        "%ff",
    ] {
        let refused = world.publisher.subscription(unknown).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    let bought = world.buy_flat().await;
    let upper = world.publisher.subscription(&bought.id.to_uppercase()).await.is(200);
    assert_eq!(upper.at("/id"), bought.id.as_str(), "a GUID is one in any case");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c29_the_object_has_the_members_of_the_real_service(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(4).await;
    let check = async |status: &str| {
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), status, "{seen}");
        for (member, value) in [
            ("id", json!(bought.id)),
            ("publisherId", json!("contoso")),
            ("offerId", json!("contoso-desk")),
            ("planId", json!("silver")),
            ("quantity", json!(4)),
            ("autoRenew", json!(true)),
            ("isTest", json!(false)),
            ("isFreeTrial", json!(false)),
            ("sandboxType", json!("None")),
            ("sessionMode", json!("None")),
            ("created", json!("2027-01-31T09:00:00Z")),
            ("lastModified", json!("0001-01-01T00:00:00")),
        ] {
            assert_eq!(seen.at(&format!("/{member}")), value, "{member}: {seen}");
        }
        for party in ["beneficiary", "purchaser"] {
            for member in ["emailId", "objectId", "tenantId", "puid"] {
                assert!(!seen.text_at(&format!("/{party}/{member}")).is_empty(), "{seen}");
            }
        }
        assert!(!seen.text.contains("null"), "members are left out, never null: {seen}");
    };
    check("PendingFulfillmentStart").await;
    world.publisher.activate(&bought.id).await.is(200);
    check("Subscribed").await;
    world.operator.unsubscribe(&bought.id).await.is(202);
    check("Unsubscribed").await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c30_a_partners_purchase_lets_the_customer_read_only(#[case] db: Db) {
    let world = World::new(db).await;
    let buy = async |sold_by: &str| {
        let mut purchase = flat();
        purchase["soldBy"] = sold_by.into();
        let bought = world.buy_as(&purchase).await;
        world.publisher.subscription(&bought.id).await.is(200)
    };
    let customer = world.sandbox.customers.first().expect("a customer").clone();
    let by_partner = buy("partner").await;
    assert_eq!(by_partner.at("/allowedCustomerOperations"), json!(["Read"]), "{by_partner}");
    assert_eq!(by_partner.at("/beneficiary/tenantId"), customer.customer_id.as_str());
    let partner = world.sandbox.partners.iter().find(|one| one.partner_id == customer.partner_id);
    let partner = partner.expect("the customer's partner");
    assert_eq!(by_partner.at("/purchaser/tenantId"), partner.tenant_id.as_str());

    let by_customer = buy("customer").await;
    let mut operations = by_customer.at("/allowedCustomerOperations");
    operations.as_array_mut().expect("a list").sort_by_key(ToString::to_string);
    assert_eq!(operations, json!(["Delete", "Read", "Update"]), "{by_customer}");
    assert_eq!(by_customer.at("/purchaser"), by_customer.at("/beneficiary"), "{by_customer}");
}
