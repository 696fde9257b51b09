//! Orders (partner-center.md 3.5).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Ask, Db, World, people,
    shop::{ARCHIVE, GOLD, SILVER, Shop},
    visitor::claims,
};

/// An order of one line.
fn order(shop: &Shop, item: (usize, usize), quantity: i64) -> Value {
    json!({"billingCycle": "monthly", "lineItems": [{
        "lineItemNumber": 0, "offerId": shop.item(item), "quantity": quantity, "termDuration": "P1M",
    }]})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_order_is_placed_without_a_cart(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    // As the .NET SDK writes it.
    let body = json!({
        "Id": null, "ReferenceCustomerId": shop.customer.to_uppercase(), "BillingCycle": "Monthly",
        "PartnerOnRecordAttestationAccepted": true, "Status": null, "CreationDate": null,
        "LineItems": [
            {"LineItemNumber": 1, "OfferId": shop.item(ARCHIVE), "Quantity": 1, "TermDuration": "P1M",
             "FriendlyName": null, "PartnerIdOnRecord": null, "SubscriptionId": null},
            {"LineItemNumber": 0, "OfferId": shop.item(SILVER), "Quantity": 5, "TermDuration": "P1M",
             "FriendlyName": "Desk", "PartnerIdOnRecord": "4847001"},
        ],
    });
    let placed = shop.post("/orders", &body).await.is(201);
    assert_eq!(placed.at("/lineItems").as_array().unwrap().len(), 2, "{placed}");
    for (pointer, expected) in [
        ("/status", json!("pending")),
        ("/lineItems/0/lineItemNumber", json!(0)),
        ("/lineItems/0/offerId", json!(shop.item(SILVER))),
        ("/lineItems/0/friendlyName", json!("Desk")),
        ("/lineItems/0/partnerIdOnRecord", json!("4847001")),
        ("/lineItems/0/pricing", Value::Null),
        ("/lineItems/1/lineItemNumber", json!(1)),
        ("/lineItems/1/partnerIdOnRecord", Value::Null),
    ] {
        assert_eq!(placed.at(pointer), expected, "{pointer} {placed}");
    }
    let path = format!("/orders/{}", placed.text_at("/id"));
    assert_eq!(shop.get(&path).await.is(200).json(), placed.json());
    let priced = shop.get(&format!("{path}?include_price=true")).await.is(200);
    assert_eq!(priced.at("/lineItems/0/pricing/extendedPrice"), 100, "{priced}");
    // The subscription is the partner's for the customer (contract 1, 2.3).
    let id = placed.text_at("/lineItems/0/subscriptionId");
    let shown = world.publisher.subscription(&id).await.is(200);
    assert_eq!(shown.at("/allowedCustomerOperations"), json!(["Read"]), "{shown}");
    assert_eq!(shown.at("/purchaser/emailId"), "dana.whitlock@alderfinch.example");
    assert_eq!(shown.at("/beneficiary/emailId"), "priya.nair@harborlane.example");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_purchaser_is_whoever_of_the_partner_has_signed_in(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let signed_in = async |asked: Value| {
        let made = world.operator.post("/partners/alder-finch/tokens", &asked).await.is(201);
        let app = shop.app.with_bearer(&made.text_at("/accessToken"));
        (made.text_at("/user"), Shop { app, ..shop.clone() })
    };
    let purchaser =
        async |id: String| world.publisher.subscription(&id).await.is(200).at("/purchaser");
    let (name, agent) = signed_in(json!({"roles": ["SalesAgent"]})).await;
    let by_cart = agent.buy(&[agent.line(SILVER, 5)]).await;
    let by_cart = purchaser(by_cart.text_at("/orders/0/lineItems/0/subscriptionId")).await;
    assert_eq!(by_cart["emailId"], name.as_str(), "{by_cart}");
    assert_eq!(by_cart["objectId"], claims(&agent.app.bearer)["oid"], "{by_cart}");
    assert_eq!(by_cart["tenantId"], shop.app.app.tenant_id.as_str(), "{by_cart}");
    assert_eq!(by_cart["puid"].as_str().unwrap().len(), 16, "{by_cart}");
    let ordered = async |shop: &Shop| {
        let placed = shop.post("/orders", &order(shop, SILVER, 5)).await.is(201);
        purchaser(placed.text_at("/lineItems/0/subscriptionId")).await
    };
    assert_eq!(ordered(&agent).await, by_cart);
    // A program alone buys as the partner's global admin, who is the same person when signed in.
    let alone = ordered(&shop).await;
    assert_eq!(alone["emailId"], "dana.whitlock@alderfinch.example", "{alone}");
    let (_, admin) = signed_in(json!({})).await;
    assert_eq!(ordered(&admin).await, alone);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_order_with_a_line_that_cannot_be_bought_is_refused_by_its_number(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, direct, lab) = (world.provider().await, world.direct().await, world.lab().await);
    let changed = |member: &str, value: Value| {
        let mut body = order(&shop, SILVER, 5);
        body["lineItems"][0][member] = value;
        body
    };
    let unattested = changed("partnerIdOnRecord", json!("4847001"));
    let attested = |mpn: &str| {
        let mut body = changed("partnerIdOnRecord", json!(mpn));
        body["partnerOnRecordAttestationAccepted"] = true.into();
        body
    };
    let mut foreign = order(&shop, SILVER, 5);
    foreign["referenceCustomerId"] = direct.customer.clone().into();
    let mut cycle = order(&shop, SILVER, 5);
    cycle["billingCycle"] = "annual".into();
    let mut euro = order(&shop, SILVER, 5);
    euro["CurrencyCode"] = "EUR".into();
    for (body, status, code) in [
        (changed("offerId", json!("DZH9S0000099:0001:DZUS00010001")), 404, 400_013),
        (changed("offerId", json!("DZH9S0000001:0099:DZUS00990001")), 404, 400_018),
        (changed("offerId", json!("DZH9S0000001:0001:DZUS00010002")), 404, 400_019),
        (changed("offerId", json!("desk")), 400, 800_002),
        (changed("offerId", Value::Null), 400, 800_002),
        (order(&shop, SILVER, 0), 400, 2_002),
        (order(&shop, SILVER, 501), 400, 2_002),
        (order(&shop, GOLD, 1), 400, 2_002),
        (order(&shop, ARCHIVE, 2), 400, 2_002),
        (changed("termDuration", json!("P3Y")), 400, 800_002),
        (changed("friendlyName", json!("x".repeat(257))), 400, 800_002),
        (unattested, 400, 900_206),
        (attested("9999999"), 404, 800_015),
        (attested("4512006"), 400, 800_016),
        (attested("4847002"), 403, 900_123),
        (foreign, 400, 800_002),
        (cycle, 400, 800_002),
        (euro, 400, 900_169),
        (json!({"billingCycle": "monthly", "lineItems": []}), 400, 800_002),
    ] {
        let refused = shop.post("/orders", &body).await;
        assert_eq!(
            (refused.status, refused.at("/code")),
            (status, code.into()),
            "{body} {refused}"
        );
    }
    let mut named = order(&direct, SILVER, 5);
    named["lineItems"][0]["partnerIdOnRecord"] = "4847001".into();
    direct.post("/orders", &named).await.partner_error(400, 800_098);
    lab.post("/orders", &order(&lab, SILVER, 26)).await.partner_error(403, 800_067);
    for shop in [shop, direct, lab] {
        assert_eq!(shop.order_ids().await, Vec::<String>::new());
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn orders_are_listed_and_found_by_their_ids(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let first = shop.post("/orders", &order(&shop, SILVER, 5)).await.is(201).text_at("/id");
    world.operator.advance_by("PT1M").await;
    let second = shop.post("/orders", &order(&shop, ARCHIVE, 1)).await.is(201).text_at("/id");
    world.operator.advance_by("PT1M").await;
    // The control API's purchase is an order too, by the names of the catalogue.
    let gold = json!({
        "offerId": "contoso-desk", "planId": "gold", "quantity": 4, "customerId": shop.customer,
    });
    let third = world.operator.purchase(&gold).await.is(201).text_at("/orderId");
    assert_eq!(shop.order_ids().await, [first.clone(), second.clone(), third.clone()]);
    let bought = shop.get(&format!("/orders/{third}")).await.is(200);
    assert_eq!(bought.at("/lineItems/0/offerId"), shop.item(GOLD), "{bought}");
    let listed = shop.get("/orders?billingType=License&INCLUDE_PRICE=true").await.is(200);
    assert_eq!(listed.at("/totalCount"), 3, "{listed}");
    assert_eq!(listed.at("/items/0/lineItems/0/pricing/price"), 20, "{listed}");
    assert_eq!(
        listed.at("/links/self/uri").as_str().unwrap().split('?').next().unwrap(),
        shop.path("/orders")
    );
    assert_eq!(shop.get("/orders?billingType=usage").await.is(200).at("/totalCount"), 0);
    shop.get("/orders?billingType=both").await.partner_error(400, 800_002);
    shop.get("/orders?include_price=maybe").await.partner_error(400, 800_002);
    for unknown in ["x", "%00", &first.to_lowercase(), &first[1..]] {
        shop.get(&format!("/orders/{unknown}")).await.partner_error(404, 20_000);
        let status = shop.get(&format!("/orders/{unknown}/provisioningstatus")).await;
        status.partner_error(404, 20_000);
    }
    let neighbour = world.shop("alder-finch", "KR").await;
    neighbour.get(&format!("/orders/{first}")).await.partner_error(404, 20_000);
    let foreign = world.direct().await.for_customer(&shop.customer);
    foreign.get("/orders").await.partner_error(403, 20_002);
    foreign.get(&format!("/orders/{first}")).await.partner_error(403, 20_002);
    // Where lists lag behind, an id is found at once.
    world.operator.set_quirk("order_list_delay", "quarter_hour").await;
    assert_eq!(shop.order_ids().await, Vec::<String>::new());
    shop.get(&format!("/orders/{first}")).await.is(200);
    world.operator.advance_by("PT13M").await;
    assert_eq!(shop.order_ids().await, [first]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q01_an_order_is_pending_until_both_keys_are_in(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let placed = shop.post("/orders", &order(&shop, SILVER, 2)).await.is(201);
    let path = format!("/orders/{}", placed.text_at("/id"));
    let id = placed.text_at("/lineItems/0/subscriptionId");
    let stands = async || {
        let order = shop.get(&path).await.is(200).text_at("/status");
        let line = shop.get(&format!("{path}/provisioningstatus")).await.is(200);
        assert_eq!(line.at("/items/0/quantityProvisioningInformation/0/quantity"), 2, "{line}");
        (order, line.text_at("/items/0/status"))
    };
    let pair = |order: &str, line: &str| (order.to_owned(), line.to_owned());
    assert_eq!(stands().await, pair("pending", "pending"));
    world.publisher.activate(&id).await.is(200);
    assert_eq!(stands().await, pair("pending", "pending"), "one key is not enough");
    world.publisher.assign(&id, &people(2)).await.is(200);
    assert_eq!(stands().await, pair("completed", "fulfilled"));
    world.operator.unsubscribe(&id).await.is(202);
    assert_eq!(stands().await, pair("cancelled", "fulfilled"));
    let lost = shop.post("/orders", &order(&shop, SILVER, 2)).await.is(201);
    world.operator.unsubscribe(&lost.text_at("/lineItems/0/subscriptionId")).await.is(202);
    let path = format!("/orders/{}/provisioningstatus", lost.text_at("/id"));
    assert_eq!(shop.get(&path).await.is(200).at("/items/0/status"), "unfulfilled");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p04_p15_s01_no_reseller_orders_and_nobody_without_the_customers_agreement(#[case] db: Db) {
    let world = World::new(db).await;
    let provider = world.provider().await;
    // A customer that its provider has given to the reseller.
    let described = json!({
        "associatedPartnerId": "4847001",
        "companyProfile": {"domain": "millpond.onmicrosoft.example"},
        "billingProfile": {
            "culture": "en-US", "language": "en", "email": "a.ruiz@millpond.example",
            "companyName": "Millpond", "firstName": "Ana", "lastName": "Ruiz",
            "defaultAddress": {
                "country": "US", "city": "Salem", "state": "OR", "addressLine1": "1 Mill Road",
                "postalCode": "97301", "firstName": "Ana", "lastName": "Ruiz",
                "phoneNumber": "5550100",
            },
        },
    });
    let agent = provider.app.as_user(&["AdminAgent"]);
    let made = agent.post("/customers", &described).await;
    let customer = made.is(201).text_at("/id");
    let shop = Shop { app: world.partner("nordpunkt").await, ..provider.for_customer(&customer) };
    shop.fill(&[shop.line(SILVER, 1)]).await.partner_error(403, 900_308);
    shop.post("/orders", &order(&shop, SILVER, 1)).await.partner_error(403, 900_308);
    let provider = provider.for_customer(&customer);
    // P15: nothing is sold before the customer has accepted its agreement.
    let cart = provider.fill(&[provider.line(SILVER, 1)]).await.is(201).text_at("/id");
    provider.check_out(&cart).await.partner_error(403, 13_605);
    shop.check_out(&cart).await.partner_error(403, 900_308);
    assert_eq!(provider.order_ids().await, Vec::<String>::new());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_order_is_canceled_in_an_integration_sandbox_only(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, lab) = (world.provider().await, world.lab().await);
    let cancel = json!({"Id": null, "Status": "Cancelled", "LineItems": null});
    let placed = shop.post("/orders", &order(&shop, SILVER, 5)).await.is(201);
    let path = format!("/orders/{}", placed.text_at("/id"));
    shop.patch(&path, &cancel).await.partner_error(403, 800_077);
    assert_eq!(shop.get(&path).await.is(200).at("/status"), "pending");

    let mut body = order(&lab, SILVER, 5);
    let second = body["lineItems"][0].clone();
    body["lineItems"].as_array_mut().unwrap().push(second);
    let placed = lab.post("/orders", &body).await.is(201);
    let path = format!("/orders/{}", placed.text_at("/id"));
    for wrong in [json!({"status": "completed"}), json!({"status": null}), json!({})] {
        lab.patch(&path, &wrong).await.partner_error(400, 800_002);
    }
    lab.patch("/orders/unknown", &cancel).await.partner_error(404, 20_000);
    let canceled = lab.patch(&path, &cancel).await.is(200);
    assert_eq!(canceled.at("/status"), "cancelled", "{canceled}");
    for line in 0..2 {
        assert_eq!(canceled.at(&format!("/lineItems/{line}/links/activationLinks")), Value::Null);
        let id = canceled.text_at(&format!("/lineItems/{line}/subscriptionId"));
        assert_eq!(world.operator.truth(&id).await.at("/state"), "Unsubscribed");
    }
    lab.patch(&path, &cancel).await.partner_error(400, 800_061);
    let call = lab.app.call(Method::PATCH, &lab.path(&path)).body("nonsense");
    call.ask().await.partner_error(400, 800_002);
}
