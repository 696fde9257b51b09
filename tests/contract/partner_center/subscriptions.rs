//! GET /v1/customers/{customer}/subscriptions, …/{subscription}, …/provisioningstatus.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::Sold;
use crate::support::{
    Db, people,
    world::{flat, own, seats},
};

/// Ids in an answer's items.
fn ids(page: &crate::support::Answer) -> Vec<String> {
    let items = page.at("/items");
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    items.as_array().expect("items").iter().map(id).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p05_the_list_has_all_subscriptions_of_that_customer_and_of_no_other(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let world = &sold.world;
    let second = world.buy_flat().await.id;
    let mut elsewhere = seats(3);
    elsewhere["customerId"] = world.sandbox.customers[1].customer_id.clone().into();
    let other = world.buy_as(&elsewhere).await.id;
    let gone = world.buy(2).await.id;
    world.operator.unsubscribe(&gone).await.is(202);
    let list = format!("{}/subscriptions", sold.customer());
    let page = sold.partner.get(&list).await.is(200);
    let mut expected = vec![sold.id.clone(), second, gone];
    expected.sort();
    assert_eq!(ids(&page), expected, "{page}");
    assert_eq!(page.at("/totalCount"), 3, "{page}");
    assert_eq!(page.at("/links/self/uri"), list, "{page}");
    assert_eq!(page.at("/links/next"), Value::Null, "{page}");
    assert_eq!(page.at("/attributes/objectType"), "Collection", "{page}");
    let path = format!("/customers/{}/subscriptions", world.sandbox.customers[1].customer_id);
    assert_eq!(ids(&sold.partner.get(&path).await.is(200)), [other]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p05_p38_a_subscription_in_the_form_of_the_contract(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(5)).await;
    sold.move_on("PT1H").await;
    sold.activate(&sold.id).await;
    let mut read = sold.read().await.json();
    let own = sold.path();
    let etag = read["attributes"].as_object_mut().unwrap().remove("etag").unwrap();
    assert!(etag.as_str().unwrap().starts_with("eyJpZCI6"), "{etag}");
    let order = read.as_object_mut().unwrap().remove("orderId").unwrap();
    assert!(order.as_str().unwrap().len() >= 32, "{order}");
    let link = |uri: String| json!({"uri": uri, "method": "GET", "headers": []});
    let product = "/products/DZH9S0000001";
    let expected = json!({
        "id": sold.id, "offerId": "DZH9S0000001:0001:DZUS00010001",
        "offerName": "Contoso Desk - Silver", "friendlyName": "Contoso Desk - Silver",
        "productType": {"id": "Azure", "displayName": "Azure",
            "subType": {"id": "SaaS", "displayName": "SaaS"}},
        "quantity": 5, "unitType": "License(s)", "hasPurchasableAddons": false,
        "creationDate": "2027-01-31T09:00:00Z", "effectiveStartDate": "2027-01-31T10:00:00Z",
        "commitmentEndDate": "2027-02-27T10:00:00Z",
        "commitmentEndDateTime": "2027-02-27T23:59:59Z", "status": "active",
        "autoRenewEnabled": true, "isTrial": false, "billingType": "license",
        "billingCycle": "monthly", "termDuration": "P1M", "renewalTermDuration": "",
        "refundOptions": [{"type": "Full", "expiresAt": "2027-02-01T09:00:00Z"}],
        "cancellationAllowedUntilDate": "2027-02-01T09:00:00Z", "isMicrosoftProduct": false,
        "partnerId": "", "attentionNeeded": false, "actionTaken": false,
        "actions": ["Cancel", "Edit"], "contractType": "subscription",
        "publisherName": "Contoso Software",
        "links": {
            "product": link(format!("{product}?country=US")),
            "sku": link(format!("{product}/skus/0001?country=US")),
            "availability":
                link(format!("{product}/skus/0001/availabilities/DZUS00010001?country=US")),
            "activationLinks": link(format!("{own}/activationlinks")), "self": link(own.clone()),
        },
        "attributes": {"objectType": "Subscription"},
    });
    assert_eq!(read, expected);
    let page = sold.partner.get(&format!("{}/subscriptions", sold.customer())).await.is(200);
    assert_eq!(page.at("/items/0"), sold.read().await.json(), "{page}");
    // A flat rate has one.
    let flat = sold.world.buy_flat().await.id;
    let flat = sold.partner.get(&format!("{}/subscriptions/{flat}", sold.customer())).await.is(200);
    assert_eq!(flat.at("/quantity"), 1, "{flat}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p06_p07_what_is_not_there_or_not_yours(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let world = &sold.world;
    let second = &world.sandbox.customers[1].customer_id;
    let unknown = "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed";
    for path in [
        format!("{}/subscriptions/{unknown}", sold.customer()),
        format!("{}/subscriptions/nonsense", sold.customer()),
        format!("/customers/{second}/subscriptions/{}", sold.id),
    ] {
        sold.partner.get(&path).await.partner_error(404, 20_003);
        sold.partner.get(&format!("{path}/provisioningstatus")).await.partner_error(404, 20_003);
        let body = json!({"friendlyName": "Mine"});
        sold.partner.patch(&path, &body).await.partner_error(404, 20_003);
    }
    let name = sold.read().await.text_at("/friendlyName");
    assert_ne!(name, "Mine", "a refusal changes nothing");
    let direct = world.partner("bluestem").await;
    for path in [sold.path(), format!("/customers/{unknown}/subscriptions/{}", sold.id)] {
        direct.get(&path).await.partner_error(403, 20_002);
        direct.get(&format!("{path}/provisioningstatus")).await.partner_error(403, 20_002);
        direct.patch(&path, &json!({"status": "deleted"})).await.partner_error(403, 20_002);
    }
    let list = format!("{}/subscriptions", sold.customer());
    direct.get(&list).await.partner_error(403, 20_002);
    assert_eq!(sold.read().await.at("/status"), "active");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p22_attention_is_needed_until_both_confirmations_are_in(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(2)).await;
    let publisher = &sold.world.publisher;
    let waits = async |id: &str| {
        let path = format!("{}/subscriptions/{id}", sold.customer());
        let read = sold.partner.get(&path).await.is(200);
        assert_eq!(read.at("/status"), "active", "{read}");
        let link = read.at("/links/activationLinks/uri");
        assert_eq!(link, format!("{path}/activationlinks"), "{read}");
        read.at("/attentionNeeded") == true
    };
    let (first, second) = (sold.id.clone(), sold.world.buy(2).await.id);
    assert!(waits(&first).await && waits(&second).await, "neither");
    publisher.assign(&first, &people(2)).await.is(200);
    publisher.activate(&second).await.is(200);
    assert!(waits(&first).await && waits(&second).await, "one of the two");
    publisher.activate(&first).await.is(200);
    publisher.assign(&second, &people(2)).await.is(200);
    assert!(!waits(&first).await && !waits(&second).await, "both, in either order");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p24_dates_are_provisional_until_billing_starts(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(2)).await;
    let dates = async || {
        let read = sold.read().await;
        [read.text_at("/effectiveStartDate"), read.text_at("/commitmentEndDateTime")]
    };
    assert_eq!(dates().await, ["2027-01-31T09:00:00Z", "2027-02-27T23:59:59Z"]);
    sold.move_on("P5D").await;
    sold.world.publisher.activate(&sold.id).await.is(200);
    assert_eq!(dates().await, ["2027-02-05T09:00:00Z", "2027-03-04T23:59:59Z"]);
    sold.move_on("P1D").await;
    sold.world.publisher.assign(&sold.id, &people(2)).await.is(200);
    assert_eq!(dates().await, ["2027-02-06T09:00:00Z", "2027-03-05T23:59:59Z"]);
    sold.move_on("P1M").await;
    assert_eq!(dates().await, ["2027-03-06T00:00:00Z", "2027-04-05T23:59:59Z"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p52_the_list_by_order_and_by_reseller(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let other = sold.world.buy(2).await.id;
    sold.change(&json!({"partnerId": "4847001"})).await.is(200);
    let order = sold.read().await.text_at("/orderId");
    let list = format!("{}/subscriptions", sold.customer());
    let found =
        async |query: &str| ids(&sold.partner.get(&format!("{list}?{query}")).await.is(200));
    assert_eq!(found(&format!("order_id={order}")).await, std::slice::from_ref(&sold.id));
    assert_eq!(found(&format!("ORDER_ID={order}")).await, std::slice::from_ref(&sold.id));
    assert_eq!(found(&format!("order_id={}", order.to_uppercase())).await, [""; 0]);
    assert_eq!(found("order_id=none").await, [""; 0]);
    assert_eq!(found("mpn_id=4847001").await, std::slice::from_ref(&sold.id));
    assert_eq!(found("mpn_id=4847002").await, [""; 0]);
    assert_eq!(
        found(&format!("mpn_id=4847001&order_id={order}")).await,
        std::slice::from_ref(&sold.id)
    );
    let mut both = [sold.id.clone(), other];
    both.sort();
    assert_eq!(found("").await, both);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p05_pages_where_a_size_is_asked_for(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for _ in 0..4 {
        sold.world.buy(1).await;
    }
    let list = format!("{}/subscriptions", sold.customer());
    let whole = ids(&sold.partner.get(&list).await.is(200));
    assert_eq!(whole.len(), 5);
    let (mut seen, mut next) = (Vec::new(), Some(format!("{list}?size=2")));
    while let Some(path) = next {
        let page = sold.partner.get(&path).await.is(200);
        assert_eq!(page.at("/links/self/uri"), path, "{page}");
        seen.extend(ids(&page));
        next = page.at("/links/next/uri").as_str().map(str::to_owned);
    }
    assert_eq!(seen, whole);
    for wrong in ["size=0", "size=-1", "size=2001", "size=x", "offset=-1", "offset=1.5"] {
        let refused = sold.partner.get(&format!("{list}?{wrong}")).await;
        refused.partner_error(400, 800_002);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p34_how_far_a_subscription_is_provisioned(#[case] db: Db) {
    let sold = Sold::waiting(db, &seats(5)).await;
    let status = async || {
        let path = format!("{}/provisioningstatus", sold.path());
        sold.partner.get(&path).await.is(200)
    };
    let waiting = status().await;
    let expected = json!({"skuId": "0001", "status": "pending", "quantity": 5,
        "endDate": "2027-02-27T09:00:00Z",
        "attributes": {"objectType": "SubscriptionProvisioningStatus"}});
    assert_eq!(waiting.json(), expected, "{waiting}");
    sold.activate(&sold.id).await;
    assert_eq!(status().await.at("/status"), "success");
    let gate = sold.app.hold();
    sold.change(&json!({"quantity": 6})).await.is(202);
    assert_eq!(status().await.at("/status"), "pending", "the publisher is asked");
    gate.open();
    let operation = sold.told("ChangeQuantity").await;
    sold.world.publisher.decide(&sold.id, &operation, "Success").await.is(200);
    let done = status().await;
    assert_eq!((done.at("/status"), done.at("/quantity")), (json!("success"), json!(6)));
    let never = sold.world.buy(1).await.id;
    sold.world.operator.unsubscribe(&never).await.is(202);
    let path = format!("{}/subscriptions/{never}/provisioningstatus", sold.customer());
    assert_eq!(sold.partner.get(&path).await.is(200).at("/status"), "failed");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_the_customer_bought_itself_is_seen_and_not_changed(#[case] db: Db) {
    let sold = Sold::selling(db, &own(flat())).await;
    let read = sold.read().await;
    assert_eq!(read.at("/refundOptions/0/expiresAt"), "2027-02-03T09:00:00Z", "{read}");
    assert_eq!(read.at("/actions"), json!([]), "{read}");
    sold.change(&json!({"status": "deleted"})).await.partner_error(403, 800_020);
    assert_eq!(sold.read().await.json(), read.json());
}
