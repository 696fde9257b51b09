//! S18, S19: the publisher takes part, and gets to know the purchase by a personal link and its code.

use rstest::rstest;

use crate::support::{Db, World, browser::Visitor, people, world::bought};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s18_the_publisher_assigns_licenses_and_activates_on_the_customers_behalf(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy(2).await;
    let resolved = world.publisher.resolve(&purchase.token).await.is(200);
    let beneficiary = resolved.at("/subscription/beneficiary");
    assert_ne!(beneficiary, resolved.at("/subscription/purchaser"), "a partner bought for it");
    world.publisher.assign(&purchase.id, &people(2)).await.is(200);
    world.publisher.activate(&purchase.id).await.is(200);
    let truth = world.operator.truth(&purchase.id).await;
    assert_eq!(truth.at("/licensesAssigned"), 2, "{truth}");
    assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
    assert_eq!(truth.at("/customerId"), beneficiary["tenantId"], "{truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s19_link_and_code_identify_this_one_purchase(#[case] db: Db) {
    let world = World::new(db).await;
    let twins = [world.buy_flat().await, world.buy_flat().await];
    assert_ne!(twins[0].token, twins[1].token);
    for purchase in &twins {
        let fresh = bought(&world.operator.link(&purchase.id).await.is(201));
        for (link, code) in [(&purchase.link, &purchase.token), (&fresh.link, &fresh.token)] {
            let (_, carried) = link.split_once("?token=").expect("a token");
            let carried = percent_encoding::percent_decode_str(carried).decode_utf8().unwrap();
            assert_eq!(carried, code.as_str());
            let resolved = world.publisher.resolve(code).await.is(200);
            assert_eq!(resolved.at("/id"), purchase.id.as_str(), "{resolved}");
        }
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s19_the_link_leads_to_the_publishers_page_of_this_purchase(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let (page, _) = visitor.follow(&purchase.link).await;
    let page = page.is(200);
    assert!(page.text.contains(&purchase.id), "{page}");
    assert!(!page.text.contains(&purchase.token), "the token is not on the page");
    world.stop().await;
}
