//! Check-out (partner-center.md 3.4).

use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Answer, Db, World,
    shop::{ARCHIVE, GOLD, SILVER, Shop},
};

/// An offer of Contoso's with one plan of 10 to 50 licenses, sold as `selling` says.
fn draft(id: &str, selling: &Value) -> Value {
    json!({
        "offerId": id, "publisherId": "contoso", "name": "Contoso Extra", "selling": selling,
        "plans": [{
            "planId": "only", "name": "Only", "minQuantity": 1, "maxQuantity": 50,
            "markets": ["US"],
            "prices": [{"currency": "USD", "term": "P1M", "billingCycle": "monthly", "unitPrice": 3}],
        }],
    })
}

/// Publishes such an offer; the place of its product.
async fn publish(world: &World, id: &str, selling: &Value) -> usize {
    let body = json!({"offers": [draft(id, selling)]});
    let published = world.operator.post("/offers", &body).await.is(200);
    let product = published.text_at("/offers/0/productId");
    product.trim_start_matches("DZH9S").parse().expect("a number")
}

/// Refused, and nothing was bought.
async fn refused(shop: &Shop, lines: &[Value], (status, code): (u16, u32)) {
    let cart = shop.fill(lines).await.is(201).text_at("/id");
    shop.check_out(&cart).await.partner_error(status, code);
    assert_eq!(shop.order_ids().await, Vec::<String>::new());
    let read = shop.get(&format!("/carts/{cart}")).await.is(200);
    assert_eq!(read.at("/status"), "Active", "the cart can be checked out later");
}

/// Checks carts out, all at once.
async fn at_once(shop: &Shop, carts: &[String]) -> Vec<Answer> {
    let mut crowd = JoinSet::new();
    for cart in carts {
        let (shop, cart) = (shop.clone(), cart.clone());
        crowd.spawn(async move { shop.check_out(&cart).await });
    }
    crowd.join_all().await
}

/// A line that names a reseller.
fn through(shop: &Shop, mpn: &str) -> Value {
    let mut line = shop.line(SILVER, 5);
    line["participants"] = json!([{"key": "transaction_reseller", "value": mpn}]);
    line
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p13_checkout_makes_an_order_a_product_and_repeats_its_answer(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let mut silver = through(&shop, "4847001");
    silver["friendlyName"] = "Desk for Harbor Lane".into();
    let lines = [silver, shop.line(ARCHIVE, 1), shop.line(GOLD, 2)];
    let cart = shop.fill(&lines).await.is(201).text_at("/id");
    let result = shop.check_out(&cart).await.is(201);
    assert_eq!(result.at("/attributes/objectType"), "CartCheckoutResult", "{result}");
    assert_eq!(result.at("/orderErrors"), Value::Null);
    assert_eq!(result.at("/orders").as_array().unwrap().len(), 2, "Desk and Archive");
    let id = result.text_at("/orders/0/id");
    assert_eq!(id.len(), 33, "{id}");
    let own = format!("/customers/{}/orders/{id}", shop.customer);
    for (pointer, expected) in [
        ("/orders/0/status", json!("pending")),
        ("/orders/0/billingCycle", json!("monthly")),
        ("/orders/0/currencyCode", json!("USD")),
        ("/orders/0/currencySymbol", json!("$")),
        ("/orders/0/transactionType", json!("UserPurchase")),
        ("/orders/0/referenceCustomerId", json!(shop.customer)),
        ("/orders/0/creationDate", json!("2027-01-31T09:00:00.000000Z")),
        ("/orders/0/links/self/uri", json!(own)),
        ("/orders/0/lineItems/0/lineItemNumber", json!(0)),
        ("/orders/0/lineItems/0/offerId", json!(shop.item(SILVER))),
        ("/orders/0/lineItems/0/quantity", json!(5)),
        ("/orders/0/lineItems/0/friendlyName", json!("Desk for Harbor Lane")),
        ("/orders/0/lineItems/0/partnerIdOnRecord", json!("4847001")),
        ("/orders/0/lineItems/0/transactionType", json!("New")),
        ("/orders/0/lineItems/1/offerId", json!(shop.item(GOLD))),
        ("/orders/1/lineItems/0/offerId", json!(shop.item(ARCHIVE))),
        ("/orders/1/lineItems/0/quantity", json!(1)),
    ] {
        assert_eq!(result.at(pointer), expected, "{pointer} {result}");
    }
    let alternate = result.text_at("/orders/0/alternateId");
    assert!(
        alternate.len() == 12 && alternate.bytes().all(|b| b.is_ascii_hexdigit()),
        "{alternate}"
    );
    let links = result.at("/orders/0/lineItems/0/links");
    assert_eq!(links["activationLinks"]["uri"], format!("{own}/lineitems/0/activationlinks"));
    assert_eq!(links["sku"]["uri"], "/products/DZH9S0000001/skus/0001?country=US");
    let truth = world.operator.truth(&result.text_at("/orders/0/lineItems/0/subscriptionId")).await;
    assert_eq!(truth.at("/state"), "PendingFulfillmentStart", "{truth}");
    assert_eq!(truth.at("/orderId"), id);
    assert_eq!(shop.check_out(&cart).await.is(201).json(), result.json());
    assert_eq!(shop.order_ids().await.len(), 2);
    world.operator.set_quirk("second_checkout", "refuse").await;
    shop.check_out(&cart).await.partner_error(400, 800_065);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn p13_checkouts_at_once_make_one_set_of_orders(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let lines = [shop.line(SILVER, 5), shop.line(ARCHIVE, 1)];
    let cart = shop.fill(&lines).await.is(201).text_at("/id");
    let answers: Vec<_> = at_once(&shop, &vec![cart; 8]).await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.is(201).json()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(shop.order_ids().await.len(), 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p14_an_expired_cart_cannot_be_checked_out(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let line = shop.line(SILVER, 5);
    let lines = [line.clone()];
    let (first, second) = (shop.fill(&lines).await, shop.fill(&lines).await);
    world.operator.advance_by("PT167H59M59S").await;
    shop.check_out(&first.is(201).text_at("/id")).await.is(201);
    world.operator.advance_by("PT1S").await;
    let second = second.is(201).text_at("/id");
    shop.check_out(&second).await.partner_error(400, 800_009);
    let body = json!({"lineItems": [line]});
    shop.put(&format!("/carts/{second}"), &body).await.partner_error(400, 800_009);
    assert_eq!(shop.order_ids().await.len(), 1);
    world.operator.set_quirk("cart_life", "quarter_hour").await;
    let third = shop.fill(&[shop.line(SILVER, 1)]).await.is(201).text_at("/id");
    world.operator.advance_by("PT15M").await;
    shop.check_out(&third).await.partner_error(400, 800_009);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p49_a_reseller_must_be_the_providers_and_have_signed(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    refused(&shop, &[through(&shop, "9999999")], (404, 800_015)).await;
    refused(&shop, &[through(&shop, "48\u{0}47001")], (404, 800_015)).await;
    refused(&shop, &[through(&shop, "4512006")], (400, 800_016)).await;
    refused(&shop, &[through(&shop, "4847002")], (403, 900_123)).await;
    let bought = shop.buy(&[through(&shop, "4847001")]).await;
    assert_eq!(bought.at("/orders/0/lineItems/0/partnerIdOnRecord"), "4847001");
    // The partner must have signed as well (2.8).
    let direct = world.direct().await;
    let unsigned = json!({"agreementSigned": false});
    world.operator.put("/partners/bluestem", &unsigned).await.is(200);
    refused(&direct, &[direct.line(SILVER, 5)], (403, 900_124)).await;
    world.operator.put("/partners/bluestem", &json!({"agreementSigned": true})).await.is(200);
    direct.buy(&[direct.line(SILVER, 5)]).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn exclusive_offers_are_seen_by_all_and_bought_by_the_chosen(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, direct) = (world.provider().await, world.direct().await);
    let exclusive = publish(&world, "exclusive", &json!({"exclusiveTo": ["bluestem"]})).await;
    let outside = publish(&world, "outside", &json!({"inCsp": false})).await;
    refused(&shop, &[shop.line((exclusive, 1), 1)], (403, 800_020)).await;
    refused(&shop, &[shop.line((outside, 1), 1)], (403, 800_020)).await;
    direct.buy(&[direct.line((exclusive, 1), 1)]).await;
    // One group stands in no other's way: the orders there could be are there, and the errors beside them.
    let lines = [shop.line((exclusive, 1), 1), shop.line(SILVER, 5)];
    let cart = shop.fill(&lines).await.is(201).text_at("/id");
    let result = shop.check_out(&cart).await.is(201);
    assert_eq!(result.at("/orders").as_array().unwrap().len(), 1, "{result}");
    assert_eq!(result.at("/orderErrors/0/orderGroupId"), "0");
    assert_eq!(result.at("/orderErrors/0/code"), 800_020);
    assert_eq!(shop.check_out(&cart).await.is(201).json(), result.json(), "as often as asked");
    assert_eq!(shop.order_ids().await.len(), 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_for_one_purchase_is_sold_once_to_a_customer(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let once = publish(&world, "once", &json!({"onePerCustomer": true})).await;
    refused(&shop, &[shop.line((once, 1), 1), shop.line((once, 1), 2)], (403, 800_020)).await;
    let mut carts = Vec::new();
    for _ in 0..4 {
        carts.push(shop.fill(&[shop.line((once, 1), 1)]).await.is(201).text_at("/id"));
    }
    let ends = at_once(&shop, &carts).await;
    let mut statuses: Vec<_> = ends.iter().map(|end| end.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403], "whoever is first");
    let bought = ends.iter().find(|end| end.status == 201).unwrap();
    let id = bought.text_at("/orders/0/lineItems/0/subscriptionId");
    world.operator.unsubscribe(&id).await.is(202);
    shop.buy(&[shop.line((once, 1), 1)]).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_availability_of_before_the_offer_changed_is_stale_at_checkout(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let place = publish(&world, "extra", &json!({})).await;
    let cart = shop.fill(&[shop.line((place, 1), 1)]).await.is(201).text_at("/id");
    publish(&world, "extra", &json!({})).await;
    shop.check_out(&cart).await.partner_error(404, 400_019);
    let mut line = shop.line((place, 1), 1);
    line["catalogItemId"] = shop.item((place, 1)).replace("0001", "0002").into();
    line["catalogItemId"] = format!("DZH9S{place:07}:0001:DZUS00010002").into();
    shop.buy(&[line]).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_plan_that_is_sold_no_longer_cannot_be_checked_out(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let place = publish(&world, "extra", &json!({})).await;
    let line = shop.line((place, 1), 1);
    let cart = shop.fill(std::slice::from_ref(&line)).await.is(201).text_at("/id");
    for (member, value, status, code) in
        [("isPrivate", json!(true), 403, 2_091), ("markets", json!([]), 400, 800_070)]
    {
        let mut changed = draft("extra", &json!({}));
        changed["plans"][0][member] = value;
        world.operator.post("/offers", &json!({"offers": [changed]})).await.is(200);
        shop.check_out(&cart).await.partner_error(status, code);
        let again = shop.fill(std::slice::from_ref(&line)).await.is(201);
        assert_eq!(again.at("/lineItems/0/error/errorCode"), 10_001, "{again}");
    }
    // Beside it, what can be bought is bought.
    let both = [line, shop.line(SILVER, 5)];
    publish(&world, "extra", &json!({})).await;
    let mut first = both[0].clone();
    first["catalogItemId"] = format!("DZH9S{place:07}:0001:DZUS00010004").into();
    let cart = shop.fill(&[first, both[1].clone()]).await.is(201).text_at("/id");
    let mut gone = draft("extra", &json!({}));
    gone["plans"][0]["isPrivate"] = true.into();
    world.operator.post("/offers", &json!({"offers": [gone]})).await.is(200);
    let result = shop.check_out(&cart).await.is(201);
    assert_eq!(result.at("/orders").as_array().unwrap().len(), 1, "{result}");
    assert_eq!(result.at("/orderErrors/0/code"), 2_091, "{result}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_integration_sandbox_has_five_subscriptions_a_customer(#[case] db: Db) {
    let world = World::new(db).await;
    let lab = world.lab().await;
    let lines: Vec<_> = (0..6).map(|_| lab.line(SILVER, 25)).collect();
    refused(&lab, &lines, (403, 800_066)).await;
    lab.buy(&lines[..5]).await;
    let cart = lab.fill(&lines[..1]).await.is(201).text_at("/id");
    lab.check_out(&cart).await.partner_error(403, 800_066);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p02_s03_sellers_check_out_and_others_do_not(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    for role in ["GlobalAdmin", "AdminAgent", "SalesAgent"] {
        let shop = Shop { app: shop.app.as_user(&[role]), ..shop.clone() };
        let cart = shop.fill(&[shop.line(SILVER, 1)]).await.is(201);
        assert_eq!(cart.at("/lastModifiedUser"), "somebody@partner.example");
        shop.check_out(&cart.text_at("/id")).await.is(201);
    }
    let cart = shop.fill(&[shop.line(SILVER, 1)]).await.is(201).text_at("/id");
    for roles in [&["BillingAdmin"][..], &[]] {
        let shop = Shop { app: shop.app.as_user(roles), ..shop.clone() };
        shop.fill(&[shop.line(SILVER, 1)]).await.partner_error(403, 900_150);
        shop.check_out(&cart).await.partner_error(403, 900_150);
    }
    assert_eq!(shop.order_ids().await.len(), 3);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn without_a_landing_page_nothing_is_sold(#[case] db: Db) {
    let world = World::with(db, |config| config.publisher_url = None).await;
    let shop = world.provider().await;
    let lines = [shop.line(SILVER, 5)];
    let cart = shop.fill(&lines).await.is(201).text_at("/id");
    let refused = shop.check_out(&cart).await.partner_error(409, 800_082);
    assert!(refused.text_at("/description").contains("landingPageUrl"), "{refused}");
    assert_eq!(shop.order_ids().await, Vec::<String>::new());
}
