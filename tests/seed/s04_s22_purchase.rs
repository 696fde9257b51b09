//! S4, S5, S19, S22, S24: a partner buys for its customers, and gets by the API the link and the code that lead to the
//! publisher, whom it gives the information.

use rstest::rstest;

use crate::support::{
    Db, World,
    browser::Visitor,
    shop::{ARCHIVE, GOLD, SILVER, token_of},
    wait,
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s04_s05_a_partner_buys_many_offers_for_its_customers_and_manages_them(#[case] db: Db) {
    let world = World::new(db).await;
    let (harbor, hanbit) = (world.provider().await, world.shop("alder-finch", "KR").await);
    for shop in [&harbor, &hanbit] {
        let lines = [shop.line(SILVER, 5), shop.line(GOLD, 3), shop.line(ARCHIVE, 1)];
        let result = shop.buy(&lines).await;
        let listed = shop.get("/subscriptions").await.is(200);
        assert_eq!(listed.at("/totalCount"), 3, "{listed}");
        let id = result.text_at("/orders/0/lineItems/0/subscriptionId");
        let subscription = shop.get(&format!("/subscriptions/{id}")).await.is(200);
        assert_eq!(subscription.at("/orderId"), result.at("/orders/0/id"), "{subscription}");
        assert_eq!(subscription.at("/attentionNeeded"), true, "{subscription}");
        let mut body = subscription.json();
        body["friendlyName"] = "Desk of the front office".into();
        let changed = shop.patch(&format!("/subscriptions/{id}"), &body).await.is(200);
        assert_eq!(changed.at("/friendlyName"), "Desk of the front office", "{changed}");
    }
    assert_eq!(harbor.order_ids().await.len() + hanbit.order_ids().await.len(), 4);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s19_s22_s24_the_link_by_line_item_leads_the_partner_to_the_publishers_form(
    #[case] db: Db,
) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let shop = world.provider().await;
    let bought = shop.buy(&[shop.line(SILVER, 2), shop.line(GOLD, 2)]).await;
    let order = format!("/orders/{}", bought.text_at("/orders/0/id"));
    for line in 0..2 {
        let id = bought.text_at(&format!("/orders/0/lineItems/{line}/subscriptionId"));
        let link = shop.links(&format!("{order}/lineitems/{line}")).await.remove(0).1;
        let resolved = world.publisher.resolve(&token_of(&link)).await.is(200);
        assert_eq!(
            resolved.at("/id"),
            id.as_str(),
            "link and code are this purchase's: {resolved}"
        );
        let (page, path) = visitor.follow_as(&link, "Dana Whitlock").await;
        let page = page.is(200);
        assert!(page.text.contains(&id) && page.text.contains("<form"), "{page}");
        let people = "a@harborlane.example\nb@harborlane.example";
        visitor.submit(&page, &path, people).await.is(303);
        let told = wait::until("the submission at the marketplace", async || {
            let truth = world.operator.truth(&id).await;
            Some(truth).filter(|truth| !truth.at("/duties/informationSubmitted").is_null())
        });
        let by = told.await.text_at("/duties/informationSubmitted/by/emailId");
        assert!(by.starts_with("dana.whitlock"), "the partner did its duty: {by}");
    }
    world.stop().await;
}
