//! Carts (partner-center.md 3.4).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Ask, Db, World,
    shop::{ARCHIVE, GOLD, SILVER, Shop},
};

/// The errors of a cart's lines, by line.
async fn errors(shop: &Shop, lines: &[Value]) -> Vec<Option<u64>> {
    let cart = shop.fill(lines).await.is(201);
    let lines = cart.at("/lineItems").as_array().expect("a list").clone();
    lines.iter().map(|line| line["error"]["errorCode"].as_u64()).collect()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p10_the_catalogues_items_are_taken_by_carts(#[case] db: Db) {
    let world = World::new(db).await;
    for shop in [world.provider().await, world.shop("alder-finch", "KR").await] {
        let sold = shop.get("/products/DZH9S0000001/skus/0001/availabilities").await.is(200);
        let item = sold.text_at("/items/0/catalogItemId");
        assert_eq!(item, shop.item(SILVER), "{sold}");
        for item in [item.to_lowercase(), item] {
            let line = with(&shop.line(SILVER, 5), "catalogItemId", item);
            assert_eq!(errors(&shop, &[line]).await, [None]);
        }
    }
}

/// The same line with another member.
fn with(line: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut line = line.clone();
    line[member] = value.into();
    line
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p11_a_new_cart_is_active_for_seven_days_and_its_lines_have_groups(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let lines = [
        with(&with(&shop.line(SILVER, 5), "friendlyName", "Desk for Harbor Lane"), "id", 4),
        with(&shop.line(ARCHIVE, 1), "id", 7),
        with(&with(&shop.line(GOLD, 3), "id", 9), "provisioningContext", json!({"key": "Value"})),
        with(
            &with(&with(&shop.line(GOLD, 2), "id", 11), "billingCycle", "annual"),
            "termDuration",
            "P1Y",
        ),
    ];
    let made = shop.fill(&lines).await.is(201);
    assert_eq!(made.at("/status"), "Active", "{made}");
    assert_eq!(made.at("/creationTimestamp"), "2027-01-31T09:00:00.000000Z");
    assert_eq!(made.at("/expirationTimestamp"), "2027-02-07T09:00:00.000000Z");
    assert_eq!(made.at("/lastModifiedUser"), shop.app.app.client_id);
    assert_eq!(made.at("/attributes/objectType"), "Cart");
    let groups: Vec<_> =
        (0..4).map(|at| made.text_at(&format!("/lineItems/{at}/orderGroup"))).collect();
    assert_eq!(groups, ["0", "1", "0", "2"]);
    for (pointer, expected) in [
        ("/lineItems/0/id", json!(4)),
        ("/lineItems/0/friendlyName", json!("Desk for Harbor Lane")),
        ("/lineItems/0/currencyCode", json!("USD")),
        ("/lineItems/0/pricing/listPrice", json!(20)),
        ("/lineItems/0/pricing/extendedPrice", json!(100)),
        ("/lineItems/2/provisioningContext", json!({"key": "Value"})),
        ("/lineItems/3/pricing/price", json!(394.2)),
    ] {
        assert_eq!(made.at(pointer), expected, "{pointer} {made}");
    }
    let read = shop.get(&format!("/carts/{}", made.text_at("/id"))).await.is(200);
    assert_eq!(read.json(), made.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p12_p16_what_is_wrong_with_a_line_stands_in_its_cart(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, direct, lab) = (world.provider().await, world.direct().await, world.lab().await);
    let good = shop.line(SILVER, 5);
    assert_eq!(errors(&shop, std::slice::from_ref(&good)).await, [None]);
    let (item, wrong) = (Some(10_001), Some(10_010));
    for (line, code) in [
        (with(&good, "catalogItemId", "DZH9S0000099:0001:DZUS00010001"), item),
        (with(&good, "catalogItemId", "DZH9S0000001:0099:DZUS00990001"), item),
        (with(&good, "catalogItemId", "DZH9S0000001:0001:DZUS00010002"), item),
        (with(&good, "catalogItemId", "DZH9S0000001:0001:DZKR00010001"), item),
        (with(&good, "catalogItemId", "contoso-desk"), wrong),
        (with(&good, "catalogItemId", Value::Null), wrong),
        (with(&good, "quantity", 0), wrong),
        (with(&good, "quantity", -3), wrong),
        (with(&good, "quantity", 501), Some(10_015)),
        (with(&good, "quantity", i64::MAX), Some(10_015)),
        (with(&shop.line(GOLD, 1), "quantity", 1), wrong),
        (shop.line(ARCHIVE, 2), Some(10_015)),
        (with(&good, "billingCycle", "triennial"), wrong),
        (with(&good, "billingCycle", "annual"), wrong),
        (with(&good, "billingCycle", Value::Null), wrong),
        (with(&good, "termDuration", Value::Null), wrong),
        (with(&good, "termDuration", "P3Y"), wrong),
        (with(&good, "friendlyName", "x".repeat(257)), wrong),
        (with(&good, "participants", json!([{"key": "seller", "value": "4847001"}])), wrong),
    ] {
        let cart = shop.fill(std::slice::from_ref(&line)).await.is(201);
        let error = cart.at("/lineItems/0/error");
        assert_eq!(error["errorCode"].as_u64(), code, "{line} {error}");
        assert!(!error["errorDescription"].as_str().unwrap().is_empty());
        assert!(!error["additionalInformation"].as_str().unwrap().is_empty());
        assert_eq!(cart.at("/lineItems/0/orderGroup"), Value::Null, "a line in error has no group");
        let id = cart.text_at("/id");
        shop.check_out(&id).await.partner_error(400, 800_009);
    }
    let (euro, dollar) = (with(&good, "currencyCode", "EUR"), with(&good, "currencyCode", "usd"));
    assert_eq!(errors(&shop, &[euro, dollar]).await, [Some(10_000), None], "the market's currency");
    let named = json!([{"key": "transaction_reseller", "value": "4847001"}]);
    let through = with(&direct.line(SILVER, 5), "participants", named.clone());
    assert_eq!(errors(&direct, &[through]).await, [Some(10_004)], "not a provider");
    let many = lab.line(SILVER, 26);
    assert_eq!(errors(&lab, &[many]).await, [Some(10_009)], "25 in an integration sandbox");
    let body = json!({"lineItems": [with(&good, "participants", named)]});
    let cart = shop.post("/carts", &body).await.is(201);
    assert_eq!(cart.at("/lineItems/0/error/errorCode"), 10_012, "not attested");
    assert_eq!(shop.order_ids().await.len() + direct.order_ids().await.len(), 0);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_cart_is_replaced_until_it_is_ordered(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let cart = shop.fill(&[shop.line(SILVER, 600)]).await.is(201);
    let path = format!("/carts/{}", cart.text_at("/id"));
    world.operator.advance_by("PT1H").await;
    let mut body = cart.json();
    body["lineItems"][0]["quantity"] = 6.into();
    let mended = shop.put(&path, &body).await.is(200);
    assert_eq!(mended.at("/lineItems/0/error"), Value::Null, "{mended}");
    assert_eq!(mended.at("/lineItems/0/quantity"), 6);
    assert_eq!(mended.at("/creationTimestamp"), cart.at("/creationTimestamp"));
    assert_eq!(mended.at("/lastModifiedTimestamp"), "2027-01-31T10:00:00.000000Z");
    assert_eq!(mended.at("/expirationTimestamp"), cart.at("/expirationTimestamp"));
    let id = cart.text_at("/id");
    shop.check_out(&id).await.is(201);
    shop.put(&path, &body).await.partner_error(400, 800_065);
    assert_eq!(shop.get(&path).await.is(200).at("/status"), "Ordered");
    shop.put("/carts/00000000-0000-0000-0000-000000000000", &body)
        .await
        .partner_error(404, 800_008);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_cart_is_its_customers_and_its_partners_own(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, direct) = (world.provider().await, world.direct().await);
    let cart = shop.fill(&[shop.line(SILVER, 1)]).await.is(201).text_at("/id");
    let path = format!("/carts/{cart}");
    let neighbour = world.shop("alder-finch", "KR").await;
    neighbour.get(&path).await.partner_error(404, 800_008);
    neighbour.check_out(&cart).await.partner_error(404, 800_008);
    let foreign = direct.for_customer(&shop.customer);
    foreign.get(&path).await.partner_error(403, 20_002);
    foreign.check_out(&cart).await.partner_error(403, 20_002);
    foreign.fill(&[shop.line(SILVER, 1)]).await.partner_error(403, 20_002);
    for trick in ["x", "x%2Fy", "%00", "00000000-0000-0000-0000-000000000000"] {
        shop.get(&format!("/carts/{trick}")).await.partner_error(404, 800_008);
        shop.check_out(trick).await.partner_error(404, 800_008);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_body_that_is_no_cart_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let line = shop.line(SILVER, 1);
    for body in [
        json!({}),
        json!({"lineItems": null}),
        json!({"lineItems": []}),
        json!({"lineItems": {}}),
        json!({"lineItems": [null]}),
        json!({"lineItems": [[]]}),
        json!({"lineItems": [with(&line, "quantity", "5")]}),
        json!({"lineItems": [with(&line, "quantity", 1.5)]}),
        json!({"lineItems": [with(&line, "participants", "4847001")]}),
        json!({"lineItems": [with(&line, "renewsTo", "P1M")]}),
        json!({"lineItems": vec![line.clone(); 101]}),
        json!({"partnerOnRecordAttestationAccepted": "yes", "lineItems": [line]}),
    ] {
        let refused = shop.post("/carts", &body).await.partner_error(400, 800_002);
        let said = refused.text_at("/description");
        assert!(
            said.to_lowercase().contains("lineitems") || said.contains("attestation"),
            "{said}"
        );
    }
    for body in ["", "[]", "{", "nonsense"] {
        let call = shop.app.call(Method::POST, &shop.path("/carts")).body(body);
        call.ask().await.partner_error(400, 800_002);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p30_carts_are_read_as_the_sdk_and_powershell_write_them(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    // The .NET SDK: PascalCase, defaults and nulls serialised.
    let sdk = json!({
        "Id": null, "CreationTimestamp": null, "LastModifiedTimestamp": null,
        "ExpirationTimestamp": null, "LastModifiedUser": null, "Status": null,
        "PartnerOnRecordAttestationAccepted": true,
        "LineItems": [{
            "Id": 0, "CatalogItemId": shop.item(SILVER), "FriendlyName": "Desk", "Quantity": 5,
            "CurrencyCode": null, "BillingCycle": "Monthly", "TermDuration": "P1M",
            "Participants": [{"Key": "TransactionReseller", "Value": "4847001"}],
            "ProvisioningContext": null, "OrderGroup": null, "AddonItems": null, "Error": null,
            "RenewsTo": null, "CustomTermEndDate": "0001-01-01T00:00:00",
        }],
        "Links": null, "Attributes": {"Etag": null, "ObjectType": "Cart"},
    });
    let cart = shop.post("/carts", &sdk).await.is(201);
    assert_eq!(cart.at("/lineItems/0/error"), Value::Null, "{cart}");
    assert_eq!(cart.at("/lineItems/0/billingCycle"), "monthly");
    let reseller = json!([{"key": "transaction_reseller", "value": "4847001"}]);
    assert_eq!(cart.at("/lineItems/0/participants"), reseller);
    // PowerShell: the cart that was read, with one member changed, in the SDK's case.
    let powershell = json!({
        "Id": cart.at("/id"), "Status": "Active",
        "PartnerOnRecordAttestationAccepted": true,
        "CreationTimestamp": cart.at("/creationTimestamp"),
        "LineItems": [{
            "Id": 0, "CatalogItemId": shop.item(SILVER), "FriendlyName": "Desk", "Quantity": 9,
            "BillingCycle": "monthly", "TermDuration": "P1M", "OrderGroup": "0",
            "Participants": [{"Key": "transaction_reseller", "Value": "4847001"}],
        }],
    });
    let path = format!("/carts/{}", cart.text_at("/id"));
    let changed = shop.put(&path, &powershell).await.is(200);
    assert_eq!(changed.at("/lineItems/0/quantity"), 9, "{changed}");
    let result = shop.check_out(&cart.text_at("/id")).await.is(201);
    assert_eq!(result.at("/orders/0/lineItems/0/partnerIdOnRecord"), "4847001", "{result}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p58_a_cart_or_an_order_is_made_once_by_its_request_id(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, direct) = (world.provider().await, world.direct().await);
    let id = "5f0c3a9e-3d2f-4a7b-9b1d-000000000001";
    let cart = json!({"lineItems": [shop.line(SILVER, 5)]});
    let order = json!({"billingCycle": "monthly", "lineItems": [
        {"lineItemNumber": 0, "offerId": shop.item(SILVER), "quantity": 5, "termDuration": "P1M"},
    ]});
    let send = async |shop: &Shop, rest: &str, body: &Value| {
        let call = shop.app.call(Method::POST, &shop.path(rest)).json(body);
        call.header("MS-RequestId", id).ask().await.is(201)
    };
    for (rest, body) in [("/carts", &cart), ("/orders", &order)] {
        let first = send(&shop, rest, body).await;
        let again = send(&shop, rest, body).await;
        assert_eq!(again.json(), first.json(), "{rest}");
        assert_eq!(again.header("ms-requestid"), id);
        let mut changed = body.clone();
        changed["lineItems"][0]["quantity"] = 6.into();
        let other = send(&shop, rest, &changed).await;
        assert_ne!(other.at("/id"), first.at("/id"), "another body is another request");
        let foreign = send(&direct, rest, body).await;
        assert_ne!(foreign.at("/id"), first.at("/id"), "another partner's is its own");
        let plain = shop.post(rest, body).await.is(201);
        assert_ne!(plain.at("/id"), first.at("/id"), "without an id nothing is remembered");
    }
    assert_eq!(shop.order_ids().await.len(), 3);
    assert_eq!(direct.order_ids().await.len(), 1);
    let mut crowd = JoinSet::new();
    for _ in 0..8 {
        let call = shop.app.call(Method::POST, &shop.path("/orders")).json(&order);
        let call = call.header("MS-RequestId", "another");
        crowd.spawn(async move { call.ask().await.is(201).text_at("/id") });
    }
    let made = crowd.join_all().await;
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    assert_eq!(shop.order_ids().await.len(), 4);
}
