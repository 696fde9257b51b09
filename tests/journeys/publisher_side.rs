//! A subscription's whole life with the bundled publisher following: both services, pages as a buyer sees them, and
//! what the customer and the marketplace do by the control API.

use rstest::rstest;
use serde_json::{Value, json};
use shared::rehearsal::Sandbox;

use crate::support::{
    Answer, Db, PublisherApp, World,
    browser::{Visitor, set_up},
    foreign_app::delivery_is,
    pair::Pair,
    wait,
    world::{SANDBOX, bought, own, page_at, seats},
};

const PEOPLE: &str = "a@harborlane.example\nb@harborlane.example";

/// What happens, and how the subscription looks behind it: state, plan, licenses.
fn life() -> [(Value, &'static str, &'static str, i64); 6] {
    let to = |action: &str| json!({"action": action});
    [
        (json!({"action": "changePlan", "planId": "gold"}), "Subscribed", "gold", 2),
        (json!({"action": "changeQuantity", "quantity": 5}), "Subscribed", "gold", 5),
        (to("suspend"), "Suspended", "gold", 5),
        (to("reinstate"), "Subscribed", "gold", 5),
        (to("renew"), "Subscribed", "gold", 5),
        (to("unsubscribe"), "Unsubscribed", "gold", 5),
    ]
}

/// Waits until the operation has succeeded. Where the clock stands, only the publisher's PATCH can make it.
async fn succeeded(publisher: &PublisherApp, id: &str, operation: &str) -> Answer {
    wait::until("the operation to succeed", async || {
        let now = publisher.operation(id, operation).await.is(200);
        (now.at("/status") == "Succeeded").then_some(now)
    })
    .await
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_bundled_publisher_follows_a_subscription_from_its_purchase_to_its_end(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(true).await;
    let (operator, publisher) = (&world.operator, &world.publisher);
    let hook = format!("{url}/s/{SANDBOX}/contoso/webhook");
    operator.configure(&json!({"webhookUrl": hook})).await.is(200);
    let purchase = world.buy_as(&own(seats(2))).await;
    set_up(operator, &url, &purchase, PEOPLE).await;
    let id = &purchase.id;
    let mut operations = Vec::new();
    for (action, state, plan, quantity) in life() {
        let operation = operator.acted(id, &action).await;
        let told = delivery_is(operator, &operation, "acknowledged").await;
        assert_eq!(told.at("/attempts"), 1, "{told}");
        assert_eq!(told.at("/tries/0/url"), hook.as_str(), "{told}");
        // The clock stands: a change succeeds by the publisher's own PATCH, not by its silence.
        succeeded(publisher, id, &operation).await;
        let now = publisher.subscription(id).await.is(200);
        assert_eq!(now.at("/saasSubscriptionStatus"), state, "{now}");
        assert_eq!(
            (now.at("/planId"), now.at("/quantity")),
            (json!(plan), json!(quantity)),
            "{now}"
        );
        operations.push(operation);
    }
    let told = operator.deliveries(id).await;
    let ids: Vec<_> = told.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, operations);
    assert!(told.iter().all(|one| one["state"] == "acknowledged"), "{told:?}");
    let term = operator.truth(id).await;
    assert_eq!(term.at("/term/startDate"), "2027-02-28T00:00:00.000000Z", "renewed once: {term}");
    let console = Visitor::new(&url).sign_in(&operator.token, SANDBOX).await;
    assert!(console.text.contains("Unsubscribed") || console.text.contains("Ended"), "{console}");
    world.stop().await;
}

/// What a publisher changes itself, by the API, comes back to it as a webhook.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_bundled_publisher_takes_what_was_changed_by_the_api(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(true).await;
    let (operator, publisher) = (&world.operator, &world.publisher);
    let hook = format!("{url}/s/{SANDBOX}/contoso/webhook");
    operator.configure(&json!({"webhookUrl": hook})).await.is(200);
    let purchase = world.buy_as(&own(seats(2))).await;
    set_up(operator, &url, &purchase, PEOPLE).await;
    let id = &purchase.id;
    for change in [json!({"planId": "gold"}), json!({"quantity": 7})] {
        let taken = publisher.change(id, &change).await.is(202);
        let operation = taken.header("operation-id").to_owned();
        operator.advance_by("PT2S").await;
        delivery_is(operator, &operation, "acknowledged").await;
        operator.advance_by("PT10S").await;
        succeeded(publisher, id, &operation).await;
    }
    publisher.delete(id).await.is(202);
    operator.advance_by("PT2S").await;
    let truth = operator.truth(id).await;
    assert_eq!((truth.at("/planId"), truth.at("/quantity")), (json!("gold"), json!(7)), "{truth}");
    assert_eq!(truth.at("/endReason"), "canceledByPublisher", "{truth}");
    let told = operator.deliveries(id).await;
    let actions: Vec<_> = told.iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["ChangePlan", "ChangeQuantity", "Unsubscribe"], "{told:?}");
    assert!(told.iter().all(|one| one["state"] == "acknowledged"), "{told:?}");
    world.stop().await;
}

/// Processes, a sandbox whose time runs, and a publisher that was killed in between and knows what it knew.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_publisher_that_was_killed_catches_up_with_what_it_missed(#[case] db: Db) {
    let pair = Pair::start(db).await;
    let operator = pair.operator();
    let sandbox: Sandbox = serde_json::from_value(operator.get("").await.is(200).json()).unwrap();
    let publisher = PublisherApp::sign_in(pair.base(), &sandbox.publisher).await;
    let start = async || {
        let (sim, url) = pair.publisher(&["--auto"]).await;
        let mut body = page_at(&url, "default", "contoso");
        body["webhookUrl"] = format!("{url}/s/default/contoso/webhook").into();
        operator.configure(&body).await.is(200);
        (sim, url)
    };
    let (sim, url) = start().await;
    let purchase = bought(&operator.purchase(&own(seats(2))).await.is(201));
    set_up(&operator, &url, &purchase, PEOPLE).await;
    let id = &purchase.id;
    let renewal = operator.acted(id, &json!({"action": "renew"})).await;
    delivery_is(&operator, &renewal, "acknowledged").await;
    sim.kill().await;

    let change = json!({"action": "changePlan", "planId": "gold"});
    let change = operator.acted(id, &change).await;
    delivery_is(&operator, &change, "retrying").await;
    let (sim, _) = start().await;
    operator.advance_by("PT1M").await;
    let told = delivery_is(&operator, &change, "acknowledged").await;
    assert_eq!(told.at("/tries/0/verdict"), "retry", "{told}");
    succeeded(&publisher, id, &change).await;
    let end = operator.acted(id, &json!({"action": "unsubscribe"})).await;
    delivery_is(&operator, &end, "acknowledged").await;
    let truth = operator.truth(id).await;
    assert_eq!((truth.at("/planId"), truth.at("/state")), (json!("gold"), json!("Unsubscribed")));
    pair.stop(sim).await;
}
