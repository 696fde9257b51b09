//! Plans that activate by themselves (F9): active and billed from the purchase on.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Db, World, people, world::own};

/// A purchase of the plan that activates by itself.
fn instant() -> Value {
    json!({"offerId": "contoso-archive", "planId": "instant"})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c57_such_a_purchase_is_subscribed_and_billed_at_once(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    for purchase in [instant(), own(instant())] {
        let bought = world.buy_as(&purchase).await;
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), "Subscribed", "{seen}");
        let term = json!({"startDate": "2027-01-31T00:00:00Z", "endDate": "2027-02-27T00:00:00Z",
            "termUnit": "P1M"});
        assert_eq!(seen.at("/term"), term, "{seen}");
        let truth = world.operator.truth(&bought.id).await;
        for key in ["licensesAssignedAt", "fulfillmentConfirmedAt", "billingStartedAt"] {
            assert_eq!(truth.at(&format!("/{key}")), "2027-01-31T09:00:00.000000Z", "{truth}");
        }
        assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
        assert_eq!(truth.at("/attentionNeeded"), false, "{truth}");
        assert_eq!(truth.at("/term/provisional"), false, "{truth}");
        let charges = world.operator.charges(&bought.id).await;
        assert_eq!(charges.len(), 1, "{charges:?}");
        assert_eq!(charges[0]["chargeStartDate"], "2027-01-31T00:00:00.000000Z", "{charges:?}");
        assert_eq!(world.operator.times("billingStarted", &bought.id).await, 1);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c57_such_a_purchase_is_told_of_by_subscribe_and_a_manual_one_by_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let manual = world.buy(2).await;
    let bought = world.buy_as(&own(instant())).await;
    let told = world.operator.deliveries(&bought.id).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["action"], "Subscribe", "{told:?}");
    let operation = told[0]["id"].as_str().unwrap();
    let read = world.publisher.operation(&bought.id, operation).await.is(200);
    assert_eq!(read.at("/action"), "Subscribe", "{read}");
    assert_eq!(read.at("/status"), "Succeeded", "{read}");
    assert_eq!(read.at("/planId"), "instant", "{read}");
    assert!(read.json().get("quantity").is_none(), "a flat rate: {read}");
    let open = world.publisher.operations(&bought.id).await.is(200);
    assert_eq!(open.json(), json!({"operations": []}), "notify only: {open}");
    world.publisher.decide(&bought.id, operation, "Failure").await.is(409);
    world.start_billing(&manual).await;
    let told = world.operator.deliveries(&manual.id).await;
    assert_eq!(told, Vec::<Value>::new(), "neither at purchase nor at activation");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c14_c21_c57_it_resolves_and_needs_no_activation(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_as(&own(instant())).await;
    let before = world.operator.truth(&bought.id).await;
    let resolved = world.publisher.resolve(&bought.token).await.is(200);
    assert_eq!(resolved.at("/id"), bought.id.as_str(), "{resolved}");
    assert_eq!(resolved.at("/subscription/saasSubscriptionStatus"), "Subscribed", "{resolved}");
    world.publisher.activate(&bought.id).await.detail(400, None, "BadRequest");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    world.publisher.assign(&bought.id, &people(1)).await.is(200);
    assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
    world.operator.advance(&json!({"to": "2027-03-28T00:00:00Z"})).await.is(200);
    let seen = world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen.at("/saasSubscriptionStatus"), "Subscribed", "no limit of 30 days: {seen}");
    assert_eq!(seen.at("/term/startDate"), "2027-03-28T00:00:00Z", "renewed twice: {seen}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_catalogue_tells_which_plans_activate_by_themselves(#[case] db: Db) {
    let world = World::new(db).await;
    let sandbox = world.operator.get("").await.is(200);
    let mut automatic = Vec::new();
    for offer in sandbox.at("/offers").as_array().unwrap() {
        for plan in offer["plans"].as_array().unwrap() {
            if plan["isAutoActivated"].as_bool().expect("a flag") {
                automatic.push((offer["offerId"].clone(), plan["planId"].clone()));
            }
        }
    }
    assert_eq!(automatic, [(json!("contoso-archive"), json!("instant"))]);
}
