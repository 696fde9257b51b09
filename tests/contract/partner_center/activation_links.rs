//! Activation links and activation in an integration sandbox (partner-center.md 3.6, 3.7).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::purchase_token::fingerprint;

use crate::support::{
    Ask, Db, World, people,
    shop::{ARCHIVE, GOLD, SILVER, Shop, token_of},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p19_p20_every_place_shows_the_link_of_its_own_purchase(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let bought = shop.buy(&[shop.line(SILVER, 5), shop.line(GOLD, 3), shop.line(ARCHIVE, 1)]).await;
    let order = format!("/orders/{}", bought.text_at("/orders/0/id"));
    let of_order = shop.links(&order).await;
    assert_eq!(of_order.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [0, 1]);
    for (line, link) in &of_order {
        let id = bought.text_at(&format!("/orders/0/lineItems/{line}/subscriptionId"));
        let own = [(*line, link.clone())];
        assert_eq!(shop.links(&format!("{order}/lineitems/{line}")).await, own);
        assert_eq!(shop.links(&format!("/subscriptions/{id}")).await, own);
        let resolved = world.publisher.resolve(&token_of(link)).await.is(200);
        assert_eq!(resolved.at("/id"), id.as_str(), "{resolved}");
    }
    assert_ne!(of_order[0].1, of_order[1].1, "a token is of one purchase");

    let path = format!("{order}/lineitems/0/activationlinks");
    let answer = shop.get(&path).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.at("/totalCount"), 1, "{answer}");
    assert_eq!(answer.at("/items/0/lineItemNumber"), 0);
    assert_eq!(answer.at("/items/0/link/method"), "GET");
    assert_eq!(answer.at("/items/0/link/headers"), json!([]));
    assert_eq!(answer.at("/links/self/uri"), shop.path(&path));
    assert_eq!(answer.at("/attributes/objectType"), "Collection");
    let link = answer.text_at("/items/0/link/uri");
    assert!(link.starts_with("http://") && link.contains("/landing?token="), "{link}");
    let exchange = |entry: &Value| entry["name"] == "activationLinks";
    let entry = world.operator.exchange("the link was read", exchange).await;
    assert!(!entry.to_string().contains(&token_of(&link)), "no token in the journal: {entry}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p21_line_numbers_count_from_nought(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let bought = shop.buy(&[shop.line(SILVER, 5), shop.line(GOLD, 3)]).await;
    let order = format!("/orders/{}", bought.text_at("/orders/0/id"));
    for number in ["2", "99", "-1", "x", "1.0", "9999999999999999999999", "%00"] {
        let path = format!("{order}/lineitems/{number}/activationlinks");
        shop.get(&path).await.partner_error(400, 800_071);
    }
    for unknown in ["/orders/x", "/orders/x/lineitems/0"] {
        shop.get(&format!("{unknown}/activationlinks")).await.partner_error(404, 20_000);
    }
    for unknown in ["x", "%00", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/subscriptions/{unknown}/activationlinks");
        shop.get(&path).await.partner_error(404, 20_003);
    }
    let id = bought.text_at("/orders/0/lineItems/0/subscriptionId");
    let neighbour = world.shop("alder-finch", "KR").await;
    neighbour.get(&format!("/subscriptions/{id}/activationlinks")).await.partner_error(404, 20_003);
    neighbour.get(&format!("{order}/activationlinks")).await.partner_error(404, 20_000);
    let foreign = world.direct().await.for_customer(&shop.customer);
    foreign.get(&format!("{order}/activationlinks")).await.partner_error(403, 20_002);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_link_stays_the_same_until_half_its_life_is_over_or_it_has_served(#[case] db: Db) {
    let world = World::new(db).await;
    let shop = world.provider().await;
    let bought = shop.buy(&[shop.line(SILVER, 2)]).await;
    let id = bought.text_at("/orders/0/lineItems/0/subscriptionId");
    let place = format!("/subscriptions/{id}");
    let link = async || shop.links(&place).await.remove(0).1;
    let resolves = async |link: &str| world.publisher.resolve(&token_of(link)).await.status;
    let first = link().await;
    let told = world.operator.events("purchased").await;
    let told = told.iter().find(|entry| entry["subscriptionId"] == id.as_str()).unwrap();
    assert_eq!(
        told["data"]["token"],
        fingerprint(&token_of(&first)),
        "the purchase told of this one"
    );
    world.operator.advance_by("PT11H59M59S").await;
    assert_eq!(link().await, first);
    world.operator.advance_by("PT1S").await;
    let second = link().await;
    assert_ne!(second, first);
    assert_eq!((resolves(&first).await, resolves(&second).await), (200, 200), "both, for 24 hours");
    world.operator.advance_by("PT12H").await;
    assert_eq!((resolves(&first).await, resolves(&second).await), (400, 200));
    let third = link().await;
    world.publisher.assign(&id, &people(2)).await.is(200);
    assert_eq!(link().await, third);
    world.publisher.activate(&id).await.is(200);
    let manage = link().await;
    assert_ne!(manage, third, "Q18: afterwards a fresh one leads to where it is managed");
    assert_eq!(resolves(&manage).await, 200);
    world.operator.unsubscribe(&id).await.is(202);
    let order = format!("/orders/{}", bought.text_at("/orders/0/id"));
    for place in [place.clone(), order.clone(), format!("{order}/lineitems/0")] {
        shop.get(&format!("{place}/activationlinks")).await.partner_error(400, 800_040);
    }
    let read = shop.get(&order).await.is(200);
    assert_eq!(read.at("/lineItems/0/links/activationLinks"), Value::Null, "{read}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p26_in_an_integration_sandbox_the_partner_activates(#[case] db: Db) {
    let world = World::new(db).await;
    let (shop, lab) = (world.provider().await, world.lab().await);
    let activate = async |shop: &Shop, id: &str| {
        let path = shop.path(&format!("/subscriptions/{id}/activate"));
        shop.app.call(Method::POST, &path).ask().await
    };
    let bought = lab.buy(&[lab.line(SILVER, 5)]).await;
    let id = bought.text_at("/orders/0/lineItems/0/subscriptionId");
    let dummy = lab.links(&format!("/subscriptions/{id}")).await;
    assert!(dummy[0].1.starts_with("https://publisher.example/"), "{dummy:?}");
    assert!(world.operator.charges(&id).await.is_empty());
    world.operator.advance_by("PT1H").await;
    let activated = activate(&lab, &id).await.is(200);
    assert_eq!(activated.json(), json!({"subscriptionId": id, "status": "Success"}));
    let truth = world.operator.truth(&id).await;
    for instant in ["licensesAssignedAt", "fulfillmentConfirmedAt", "billingStartedAt"] {
        assert_eq!(truth.at(&format!("/{instant}")), "2027-01-31T10:00:00.000000Z", "{truth}");
    }
    assert_eq!(world.operator.charges(&id).await.len(), 1, "billing starts");
    let order = lab.get(&format!("/orders/{}", bought.text_at("/orders/0/id"))).await.is(200);
    assert_eq!(order.at("/status"), "completed");
    activate(&lab, &id).await.partner_error(400, 800_041);
    assert_eq!(world.operator.charges(&id).await.len(), 1);

    for unknown in ["x", "00000000-0000-0000-0000-000000000000"] {
        activate(&lab, unknown).await.partner_error(404, 20_003);
    }
    let real = shop.buy(&[shop.line(SILVER, 5)]).await;
    let real = real.text_at("/orders/0/lineItems/0/subscriptionId");
    activate(&shop, &real).await.partner_error(400, 900_127);
    activate(&lab, &real).await.partner_error(404, 20_003);
    assert_eq!(world.operator.truth(&real).await.at("/state"), "PendingFulfillmentStart");
    let agent = Shop { app: lab.app.as_user(&["SalesAgent"]), ..lab.clone() };
    activate(&agent, &id).await.partner_error(403, 900_150);
    let ended = lab.buy(&[lab.line(SILVER, 5)]).await;
    let ended = ended.text_at("/orders/0/lineItems/0/subscriptionId");
    world.operator.unsubscribe(&ended).await.is(202);
    activate(&lab, &ended).await.partner_error(400, 2_011);
    lab.patch(&format!("/subscriptions/{id}"), &json!({"status": "suspended"})).await.is(200);
    activate(&lab, &id).await.partner_error(400, 800_091);
}
