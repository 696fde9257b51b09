//! /v1/products, SKUs, availabilities: what is for sale, in a country and to a customer (partner-center.md 3.3).

use std::collections::BTreeSet;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, partner::PartnerApp};

/// What is for sale in the United States.
const PRODUCTS: &str = "/products?country=US&targetView=MarketplaceSaaS";

/// An offer of a publisher's own with one flat plan.
fn offer(id: &str, markets: &Value, selling: &Value) -> Value {
    json!({"publisherId": "contoso", "offerId": id, "name": format!("Contoso {id}"), "selling": selling,
    "plans": [{"planId": "one", "name": "One", "description": "For one.", "markets": markets, "prices": [
        {"currency": "USD", "term": "P1M", "billingCycle": "monthly", "unitPrice": 20},
        {"currency": "EUR", "term": "P1M", "billingCycle": "monthly", "unitPrice": 18.5},
        {"currency": "KRW", "term": "P1Y", "billingCycle": "annual", "unitPrice": 240_000}]}]})
}

async fn publish(world: &World, offers: &[Value]) -> Vec<String> {
    let answer = world.operator.post("/offers", &json!({"offers": offers})).await.is(200);
    let published = answer.at("/offers");
    let ids = published.as_array().expect("offers").iter();
    ids.map(|offer| offer["productId"].as_str().unwrap().to_owned()).collect()
}

/// The one availability of the first SKU of a product, by the path before `/products`.
async fn availability(partner: &PartnerApp, base: &str, product: &str, query: &str) -> Value {
    let path = format!("{base}/products/{product}/skus/0001/availabilities{query}");
    let found = partner.get(&path).await.is(200);
    assert_eq!(found.at("/totalCount"), 1, "{found}");
    found.at("/items/0")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p08_products_of_the_marketplace_are_azure_saas_and_not_microsofts(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let listed = partner.get(PRODUCTS).await.is(200);
    let items = listed.at("/items");
    assert_eq!(items.as_array().unwrap().len(), world.sandbox.offers.len(), "{listed}");
    for item in items.as_array().unwrap() {
        let saas = json!({"id": "Azure", "displayName": "Azure", "subType": {"id": "SaaS", "displayName": "SaaS"}});
        assert_eq!(item["productType"], saas, "{item}");
        assert_eq!(item["isMicrosoftProduct"], false, "{item}");
        assert_eq!(item["id"].as_str().unwrap().len(), 12, "{item}");
    }
    let first = &items[0];
    assert_eq!(first["title"], "Contoso Desk", "{first}");
    assert_eq!(first["publisherName"], "Contoso Software", "{first}");
    let own = first["links"]["self"]["uri"].as_str().unwrap();
    assert_eq!(own, "/products/DZH9S0000001?country=US", "{first}");
    assert_eq!(partner.get(own).await.is(200).json(), *first);
    let skus = partner.get(first["links"]["skus"]["uri"].as_str().unwrap()).await.is(200);
    let silver = skus.at("/items/0");
    assert_eq!(silver["id"], "0001", "{silver}");
    assert_eq!(silver["title"], "Contoso Desk - Silver", "{silver}");
    assert_eq!((&silver["minimumQuantity"], &silver["maximumQuantity"]), (&json!(1), &json!(500)));
    assert_eq!(silver["supportedBillingCycles"], json!(["monthly", "annual"]), "{silver}");
    assert_eq!(silver["dynamicAttributes"]["isMicrosoftProduct"], false, "{silver}");
    let own = silver["links"]["self"]["uri"].as_str().unwrap();
    assert_eq!(partner.get(own).await.is(200).json(), silver);
    let flat = partner.get("/products/DZH9S0000002/skus/0001?country=US").await.is(200);
    assert_eq!(flat.at("/maximumQuantity"), 1, "a flat rate: {flat}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p09_the_view_of_marketplace_saas_has_saas_only_and_azure_contains_it(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let saas = partner.get(PRODUCTS).await.is(200).at("/items");
    let saas_by_case =
        partner.get("/Products/?Country=us&targetview=marketplacesaas").await.is(200);
    assert_eq!(saas_by_case.at("/items"), saas);
    assert_eq!(
        partner.get("/products?country=US&targetView=Azure").await.is(200).at("/items"),
        saas
    );
    for (query, status, code) in [
        ("country=US&targetView=OnlineServices", 403, 400_036),
        ("country=US", 403, 400_036),
        ("country=US&targetView=Azure&targetSegment=everybody", 403, 400_030),
        ("country=XX&targetView=Azure", 400, 800_070),
        ("targetView=Azure", 400, 800_070),
        ("country=US&targetView=Azure&size=501", 400, 800_002),
    ] {
        partner.get(&format!("/products?{query}")).await.partner_error(status, code);
    }
    for segment in ["commercial", "Commercial"] {
        let path = format!("{PRODUCTS}&targetSegment={segment}");
        assert_eq!(partner.get(&path).await.is(200).at("/items"), saas);
    }
    let schools = partner.get(&format!("{PRODUCTS}&targetSegment=education")).await.is(200);
    assert_eq!(schools.at("/items"), json!([]), "{schools}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p10_a_catalog_item_is_product_sku_and_availability(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let found = availability(&partner, "", "DZH9S0000001", "?country=US").await;
    let item = found["catalogItemId"].as_str().unwrap();
    assert_eq!(item, format!("DZH9S0000001:0001:{}", found["id"].as_str().unwrap()));
    assert_eq!(found["id"].as_str().unwrap().len(), 12, "{found}");
    assert_eq!(found["defaultCurrency"], json!({"code": "USD", "symbol": "$"}), "{found}");
    assert_eq!(found["segment"], "commercial", "{found}");
    assert_eq!(found["country"], "US", "{found}");
    assert_eq!(found["isPurchasable"], true, "{found}");
    assert_eq!(found["isRenewable"], true, "{found}");
    let refund = |after: &str| json!([{"refundOptions": [{"sequenceId": 0, "type": "Full", "expiresAfter": after}]}]);
    let terms = json!([
        {"id": "t1", "duration": "P1M", "description": "1 Month Subscription", "billingCycle": "Monthly",
         "cancellationPolicies": refund("P1D")},
        {"id": "t2", "duration": "P1Y", "description": "1 Year Subscription", "billingCycle": "Annual",
         "cancellationPolicies": refund("P14D")},
        {"id": "t3", "duration": "P1Y", "description": "1 Year Subscription", "billingCycle": "Monthly",
         "cancellationPolicies": refund("P14D")}]);
    assert_eq!(found["terms"], terms, "{found}");
    let renewal = &found["renewalInstructions"][0];
    assert_eq!(renewal["applicableTermIds"], json!(["t1", "t2", "t3"]), "{found}");
    let into = json!([{"renewToId": "DZH9S0000001:0001", "isAutoRenewable": true}]);
    assert_eq!(renewal["renewalOptions"], into, "{found}");
    assert!(!found.to_string().to_lowercase().contains("price"), "no price stands there: {found}");
    let own = found["links"]["self"]["uri"].as_str().unwrap();
    assert_eq!(partner.get(own).await.is(200).json(), found);
    // The policy of the sandbox decides the windows.
    world.operator.set_quirk("cancellation_policy", "csp-2024").await;
    let other = availability(&partner, "", "DZH9S0000001", "?country=US").await;
    assert_eq!(other["terms"][0]["cancellationPolicies"], refund("PT72H"), "{other}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_a_customer_may_buy_is_read_without_a_country(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("alder-finch").await;
    let korean = world.sandbox.customers.iter().find(|one| one.country == "KR").unwrap();
    let base = format!("/customers/{}", korean.customer_id);
    let listed = partner.get(&format!("{base}/products?targetView=MarketplaceSaaS")).await.is(200);
    let own = format!("{base}/products/DZH9S0000001");
    assert_eq!(listed.at("/items/0/links/self/uri"), own.as_str(), "{listed}");
    let product = partner.get(&own).await.is(200);
    assert_eq!(product.json(), listed.at("/items/0"));
    let skus = partner.get(&product.text_at("/links/skus/uri")).await.is(200);
    let sku = partner.get(&skus.text_at("/items/0/links/self/uri")).await.is(200);
    assert_eq!(sku.json(), skus.at("/items/0"));
    let link = sku.text_at("/links/availabilities/uri");
    let found = partner.get(&link).await.is(200).at("/items/0");
    assert_eq!(found["defaultCurrency"], json!({"code": "KRW", "symbol": "₩"}), "{found}");
    assert_eq!(found["country"], "KR", "{found}");
    let id = found["id"].as_str().unwrap().to_lowercase();
    assert_eq!(partner.get(&format!("{link}/{id}")).await.is(200).json(), found);
    // The same without a customer, in the same country.
    let named = availability(&partner, "", "DZH9S0000001", "?country=KR").await;
    assert_eq!(named["catalogItemId"], found["catalogItemId"]);
    partner.get(&format!("{base}/products?targetView=x")).await.partner_error(403, 400_036);
    partner.get(&format!("{base}/products")).await.partner_error(403, 400_036);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_not_there_is_not_found_by_its_number(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let german = json!(["DE"]);
    let mut hidden = offer("hidden", &json!(["US"]), &json!({}));
    hidden["plans"][0]["isPrivate"] = true.into();
    let mut second = offer("two", &json!(["US"]), &json!({}));
    second["plans"].as_array_mut().unwrap().push(json!({"planId": "german", "name": "G", "markets": ["DE"],
        "prices": [{"currency": "EUR", "term": "P1M", "billingCycle": "monthly", "unitPrice": 1}]}));
    let offers = [offer("german", &german, &json!({})), hidden, second];
    let ids = publish(&world, &offers).await;
    let [german, hidden, two] = ids.as_slice() else { panic!("{ids:?}") };
    let listed = partner.get(PRODUCTS).await.is(200).text;
    assert!(!listed.contains(german.as_str()) && !listed.contains(hidden.as_str()), "{listed}");
    assert!(listed.contains(two.as_str()), "{listed}");
    for (path, code) in [
        ("DZH9S0000099".to_owned(), 400_013),
        ("nothing".to_owned(), 400_013),
        (german.clone(), 400_013),
        (hidden.clone(), 400_013),
        (format!("{german}/skus"), 400_013),
        ("nothing/skus/0001".to_owned(), 400_013),
        ("DZH9S0000001/skus/0099".to_owned(), 400_018),
        ("DZH9S0000001/skus/silver".to_owned(), 400_018),
        (format!("{two}/skus/0002"), 400_018),
        (format!("{two}/skus/0002/availabilities"), 400_018),
        (format!("{two}/skus/0001/availabilities/DZUS00010009"), 400_019),
        (format!("{two}/skus/0001/availabilities/DZDE00010001"), 400_019),
    ] {
        let answer = partner.get(&format!("/products/{path}?country=US")).await;
        answer.partner_error(404, code);
    }
    let skus = partner.get(&format!("/products/{two}/skus?country=US")).await.is(200);
    assert_eq!(skus.at("/totalCount"), 1, "{skus}");
    let skus = partner.get(&format!("/products/{two}/skus/0002?country=DE")).await;
    skus.is(200);
    for path in ["", "/skus", "/skus/0001", "/skus/0001/availabilities"] {
        partner.get(&format!("/products/DZH9S0000001{path}")).await.partner_error(400, 800_070);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_availability_is_short_lived_and_says_whether_the_caller_may_buy(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let us = json!(["US"]);
    let everybodys = offer("all", &us, &json!({"segments": ["education", "government"]}));
    let ids = publish(
        &world,
        &[
            offer("exclusive", &us, &json!({"exclusiveTo": ["alder-finch"]})),
            offer("direct", &us, &json!({"inCsp": false})),
            offer("once", &us, &json!({"onePerCustomer": true})),
            everybodys.clone(),
        ],
    )
    .await;
    let may = async |app: &PartnerApp, product: &str| {
        availability(app, "", product, "?country=US").await["isPurchasable"] == true
    };
    let provider = world.partner("alder-finch").await;
    let reseller = world.partner("nordpunkt").await;
    assert!(!may(&partner, &ids[0]).await && may(&provider, &ids[0]).await, "exclusive");
    assert!(
        !may(&partner, &ids[1]).await && !may(&provider, &ids[1]).await,
        "not through partners"
    );
    assert!(may(&partner, &ids[2]).await && !may(&reseller, &ids[2]).await, "resellers do not buy");
    // Once to each customer, as long as it has it.
    let [first, .., other, _] = world.sandbox.customers.as_slice() else { panic!("customers") };
    let base = |id: &str| format!("/customers/{id}");
    let purchase = json!({"offerId": "once", "planId": "one", "customerId": other.customer_id});
    let bought = world.buy_as(&purchase).await;
    let owned = availability(&partner, &base(&other.customer_id), &ids[2], "").await;
    assert_eq!(owned["isPurchasable"], false, "{owned}");
    let free = availability(&provider, &base(&first.customer_id), &ids[2], "").await;
    assert_eq!(free["isPurchasable"], true, "{free}");
    world.operator.unsubscribe(&bought.id).await;
    let again = availability(&partner, &base(&other.customer_id), &ids[2], "").await;
    assert_eq!(again["isPurchasable"], true, "{again}");
    // Segments.
    let query = "?country=US&targetSegment=government";
    assert_eq!(availability(&partner, "", &ids[3], query).await["segment"], "government");
    let before = availability(&partner, "", &ids[3], "?country=US").await;
    assert_eq!(before["segment"], "education", "{before}");
    let path = format!(
        "/products/{}/skus/0001/availabilities?country=US&targetSegment=commercial",
        ids[3]
    );
    partner.get(&path).await.partner_error(404, 400_013);
    // The offer changes: its availabilities have other ids.
    let own = before["links"]["self"]["uri"].as_str().unwrap().to_owned();
    partner.get(&own).await.is(200);
    publish(&world, &[everybodys]).await;
    partner.get(&own).await.partner_error(404, 400_019);
    let after = availability(&partner, "", &ids[3], "?country=US").await;
    assert_ne!(after["catalogItemId"], before["catalogItemId"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_thousand_products_are_each_seen_once_while_others_are_added(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let many = |from: usize, count: usize| -> Vec<Value> {
        // Every third is sold elsewhere.
        let market =
            |number: usize| if number.is_multiple_of(3) { json!(["DE"]) } else { json!(["US"]) };
        let numbers = from..from + count;
        numbers.map(|number| offer(&format!("o{number:04}"), &market(number), &json!({}))).collect()
    };
    let before: BTreeSet<String> = publish(&world, &many(0, 1_000)).await.into_iter().collect();
    let (mut seen, mut pages, mut next) = (Vec::new(), 0, None::<(String, String)>);
    loop {
        let call = match &next {
            None => partner.call(Method::GET, PRODUCTS),
            Some((uri, token)) => {
                partner.call(Method::GET, uri).header("MS-ContinuationToken", token)
            }
        };
        let page = call.ask().await.is(200);
        let items = page.at("/items");
        let ids = items.as_array().unwrap().iter();
        seen.extend(ids.map(|item| item["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Value::String(uri) = page.at("/links/next/uri") else { break };
        assert_eq!(page.at("/totalCount"), 100, "{page}");
        next = Some((uri, page.text_at("/links/next/headers/0/value")));
        publish(&world, &many(1_000 + pages, 1)).await;
        // What is replaced keeps its place.
        publish(&world, &many(1, 1)).await;
    }
    assert!(pages >= 7, "{pages}");
    let each: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(each.len(), seen.len(), "none twice");
    let there = before.iter().enumerate().filter(|(number, _)| !number.is_multiple_of(3));
    assert!(there.map(|(_, id)| id).all(|id| each.contains(id)), "none lost");
    assert!(each.len() >= 666 + world.sandbox.offers.len(), "{}", each.len());
    let small = partner.get(&format!("{PRODUCTS}&size=3")).await.is(200);
    assert_eq!(small.at("/totalCount"), 3, "{small}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p06_the_catalogue_of_a_customer_that_cannot_be_read_is_nobodys(#[case] db: Db) {
    let partner = World::new(db).await.provider().await.app;
    for id in ["%FF", "%00", "nobody", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/customers/{id}{PRODUCTS}");
        partner.get(&path).await.partner_error(403, 20_002);
    }
}
