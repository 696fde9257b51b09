//! Two brokers on one PostgreSQL share the webhooks: each leaves once, and what one had under way when it was killed the
//! other takes over.

use serde_json::json;
use tokio::task::JoinSet;

use super::{House, press};
use crate::support::{
    Db,
    foreign_app::{Reply, active, delivery_is, move_on},
    wait,
    world::{flat, own},
};

/// Webhooks that are due at a time.
const MANY: usize = 60;
/// Who makes them, half of them at each broker.
const CLIENTS: usize = 6;

#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn each_webhook_leaves_from_one_of_two_brokers_and_once() {
    let house = House::new(Db::Postgres).await;
    let brokers = [house.start("one").await, house.start("two").await];
    house.app.always(Reply::Status(503));
    let mut crowd = JoinSet::new();
    for number in 0..CLIENTS {
        let (operator, publisher) = brokers[number % 2].callers();
        crowd.spawn(async move {
            let mut made = Vec::new();
            for _ in 0..MANY / CLIENTS {
                let id = active(&operator, &publisher, &own(flat())).await;
                let change = json!({"action": "changePlan", "planId": "metered"});
                made.push((operator.acted(&id, &change).await, id));
            }
            made
        });
    }
    let made = crowd.join_all().await.concat();
    for (operation, _) in &made {
        delivery_is(&brokers[0].operator, operation, "retrying").await;
    }
    assert_eq!(house.app.hooks().len(), MANY, "each was tried once");
    // All are due at one instant, for whoever takes them.
    house.app.always(Reply::Status(200));
    move_on(&brokers[1].operator, "PT57.6S").await;
    for (operation, id) in &made {
        let told = delivery_is(&brokers[0].operator, operation, "acknowledged").await;
        assert_eq!(told.at("/attempts"), 2, "{told}");
        assert_eq!(house.app.hooks_of(operation).len(), 2, "each attempt leaves once");
        assert_eq!(brokers[1].status(id, operation).await, "InProgress");
    }
    move_on(&brokers[0].operator, "PT10S").await;
    for (operation, id) in &made {
        for broker in &brokers {
            assert_eq!(broker.status(id, operation).await, "Succeeded");
        }
    }
    let journal = brokers[0].operator.journal().await;
    let changed = journal.iter().filter(|entry| entry["name"] == "planChanged").count();
    assert_eq!(changed, MANY, "each plan once");
}

#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_broker_had_under_way_the_other_one_takes_over() {
    let house = House::new(Db::Postgres).await;
    let first = house.start("one").await;
    house.app.always(Reply::Never);
    let (operator, publisher) = first.callers();
    press(&operator, "hold").await;
    let mut made = Vec::new();
    for _ in 0..4 {
        let id = active(&operator, &publisher, &own(flat())).await;
        made.push((operator.acted(&id, &json!({"action": "suspend"})).await, id));
    }
    press(&operator, "release").await;
    house.app.hook(made.len()).await;
    let second = house.start("two").await;
    assert_eq!(house.app.hooks().len(), made.len(), "the other one leaves alone what is under way");
    first.broker.kill().await;
    house.app.always(Reply::Status(200));
    for (suspend, id) in &made {
        wait::until("the lease to end", async || {
            (house.app.hooks_of(suspend).len() == 2).then_some(())
        })
        .await;
        delivery_is(&second.operator, suspend, "acknowledged").await;
        let hooks = house.app.hooks_of(suspend);
        assert_eq!(hooks.len(), 2);
        assert_eq!(hooks[0].body, hooks[1].body);
        assert_eq!(second.operator.times("suspended", id).await, 1);
    }
}
