//! S1 to S4, S7, S35: who of the CSP programme does what, finds SaaS in the catalogue and chooses a customer, by API.

use rstest::rstest;

use crate::support::{Db, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s01_only_direct_bill_partners_and_indirect_providers_can_buy(#[case] db: Db) {
    let world = World::new(db).await;
    for (partner, may) in [("bluestem", true), ("alder-finch", true), ("nordpunkt", false)] {
        let app = world.partner(partner).await;
        let path = "/products/DZH9S0000001/skus/0001/availabilities?country=US";
        let found = app.get(path).await.is(200);
        assert_eq!(found.at("/items/0/isPurchasable"), may, "{partner}: {found}");
    }
    // An indirect reseller goes through its provider.
    let reseller = world.partner("nordpunkt").await.as_user(&["GlobalAdmin"]);
    let path = "/relationships?relationship_type=IsIndirectResellerOf";
    let provider = reseller.get(path).await.is(200);
    assert_eq!(provider.at("/items/0/name"), "Alder & Finch Distribution", "{provider}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s02_s03_global_admins_and_admin_agents_read_everything(#[case] db: Db) {
    let world = World::new(db).await;
    let app = world.partner("bluestem").await;
    let customer = &world.sandbox.customers[3].customer_id;
    for path in [
        "/customers".to_owned(),
        format!("/customers/{customer}"),
        format!("/customers/{customer}/products?targetView=MarketplaceSaaS"),
        format!("/customers/{customer}/subscriptions"),
        format!("/customers/{customer}/agreements"),
        format!("/customers/{customer}/relationships"),
        "/profiles/mpn".to_owned(),
        "/compliance/csp/agreementstatus?mpnId=4512006".to_owned(),
    ] {
        for role in ["GlobalAdmin", "AdminAgent"] {
            app.as_user(&[role]).get(&path).await.is(200);
        }
        app.as_user(&[]).get(&path).await.partner_error(403, 900_150);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s04_s07_s35_a_partner_finds_saas_and_chooses_the_customer_by_api(#[case] db: Db) {
    let world = World::new(db).await;
    let app = world.partner("alder-finch").await;
    let customers = app.get("/customers").await.is(200);
    let items = customers.at("/items");
    let chosen = items
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["companyProfile"]["companyName"] == "Hanbit Garam Logistics");
    let id = chosen.expect("the customer")["id"].as_str().unwrap();
    let path = format!("/customers/{id}/products?targetView=MarketplaceSaaS");
    let products = app.get(&path).await.is(200);
    assert!(products.at("/totalCount").as_u64().unwrap() > 1, "many offers: {products}");
    let mut publishers: Vec<_> = products
        .at("/items")
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["publisherName"].as_str().unwrap().to_owned())
        .collect();
    publishers.dedup();
    assert!(publishers.len() > 1, "of many ISVs: {publishers:?}");
    let skus = app.get(&products.text_at("/items/0/links/skus/uri")).await.is(200);
    let path = skus.text_at("/items/0/links/availabilities/uri");
    let found = app.get(&path).await.is(200);
    assert!(found.text_at("/items/0/catalogItemId").starts_with("DZH9S"), "{found}");
    assert_eq!(found.at("/items/0/isPurchasable"), true, "{found}");
}
