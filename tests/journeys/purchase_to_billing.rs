//! From purchase to billing with both services: pages as a browser sees them, the marketplace as its operator does.

use rstest::rstest;
use serde_json::json;
use shared::rehearsal::Sandbox;

use crate::support::{
    Db, World,
    browser::Visitor,
    pair::Pair,
    world::{bought, flat, page_at, seats},
};

const PEOPLE: &str = "a@harborlane.example\nb@harborlane.example";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn both_services_as_processes_bring_a_purchase_to_billing(#[case] db: Db) {
    let pair = Pair::start(db).await;
    let (sim, url) = pair.publisher(&[]).await;
    let operator = pair.operator();
    operator.configure(&page_at(&url, "default", "contoso")).await.is(200);

    let purchase = bought(&operator.purchase(&seats(2)).await.is(201));
    let visitor = Visitor::new(&url);
    let (landing, path) = visitor.follow(&purchase.link).await;
    assert!(landing.text.contains("0 of 2 keys in"), "{landing}");
    visitor.submit(&landing, &path, PEOPLE).await.is(303);
    let publisher = Visitor::new(&url);
    let console = publisher.sign_in(pair.token(), "default").await;
    publisher.press(&console, "default", &purchase.id, "assign-licenses").await;
    let waiting = operator.truth(&purchase.id).await;
    assert_eq!(waiting.at("/waitingFor/0/confirmation"), "fulfillmentConfirmed", "{waiting}");
    assert!(waiting.at("/billingStartedAt").is_null(), "{waiting}");
    publisher.press(&console, "default", &purchase.id, "confirm-setup").await;

    let truth = operator.truth(&purchase.id).await;
    assert_eq!(truth.at("/billingStartedAt"), truth.at("/fulfillmentConfirmedAt"), "{truth}");
    assert_eq!(operator.charges(&purchase.id).await.len(), 1);
    assert_eq!(operator.times("billingStarted", &purchase.id).await, 1);
    let (landing, _) = visitor.follow(&purchase.link).await;
    assert!(landing.text.contains("Both keys in"), "{landing}");
    pair.stop(sim).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_publisher_on_its_own_takes_both_steps_once_the_information_is_there(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(true).await);
    for purchase in [seats(2), flat()] {
        let purchase = world.buy_as(&purchase).await;
        let (landing, path) = visitor.follow(&purchase.link).await;
        visitor.submit(&landing, &path, PEOPLE).await.is(303);
        let truth = world.operator.billed(&purchase.id).await;
        assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
        assert_eq!(world.operator.charges(&purchase.id).await.len(), 1);
    }
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_publisher_serves_every_sandbox_and_every_publisher_of_it(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(true).await;
    let made = world.operator.create_sandbox(&json!({"id": "second"})).await.is(201);
    let second: Sandbox = serde_json::from_value(made.json()).unwrap();
    let operator = world.operator.in_sandbox(&second.id);
    for (publisher, offer, plan) in
        [("contoso", "contoso-archive", "standard"), ("fabrikam", "fabrikam-insight", "team")]
    {
        let path = format!("/publishers/{publisher}");
        operator.put(&path, &page_at(&url, "second", publisher)).await.is(200);
        let body = json!({"offerId": offer, "planId": plan});
        let purchase = bought(&operator.purchase(&body).await.is(201));
        let visitor = Visitor::new(&url);
        let (page, path) = visitor.follow(&purchase.link).await;
        assert_eq!(path, format!("/s/second/{publisher}/landing"));
        visitor.submit(&page, &path, "").await.is(303);
        operator.billed(&purchase.id).await;
    }
    world.stop().await;
}
