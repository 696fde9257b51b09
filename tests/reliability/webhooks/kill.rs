//! The broker is killed between commit and send, between send and record, and anywhere else.

use std::hash::{BuildHasher, RandomState};

use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use super::{House, press};
use crate::{
    reliability::crowd::Dice,
    support::{
        Db,
        foreign_app::{Hook, Reply, active, delivery, delivery_is, move_on},
        world::{flat, own},
    },
};

/// Subscriptions of a test.
const SUBSCRIPTIONS: usize = 6;
/// Kills of the last test.
const ROUNDS: u64 = 4;

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_commit_and_send_and_between_send_and_record_loses_no_webhook(
    #[case] db: Db,
) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    // The publisher reads each webhook and does not answer: the broker has sent and cannot record. What comes behind
    // it is committed and not sent. They are let go together, so that all are under way when the kill comes.
    house.app.always(Reply::Never);
    let (operator, publisher) = running.callers();
    press(&operator, "hold").await;
    let mut committed = Vec::new();
    for _ in 0..SUBSCRIPTIONS {
        let id = active(&operator, &publisher, &own(flat())).await;
        let suspend = operator.acted(&id, &json!({"action": "suspend"})).await;
        let reinstate = operator.acted(&id, &json!({"action": "reinstate"})).await;
        committed.push((id, suspend, reinstate));
    }
    press(&operator, "release").await;
    house.app.hook(SUBSCRIPTIONS).await;
    let sent = house.app.hooks();
    running.broker.kill().await;
    assert_eq!(sent.len(), SUBSCRIPTIONS, "one each");

    house.app.always(Reply::Status(200));
    let running = house.start("broker").await;
    let operator = &running.operator;
    for (id, suspend, reinstate) in &committed {
        delivery_is(operator, suspend, "acknowledged").await;
        delivery_is(operator, reinstate, "acknowledged").await;
        let arrived = house.app.hooks().into_iter();
        let arrived: Vec<_> =
            arrived.filter(|hook| hook.text_at("/subscriptionId") == *id).collect();
        let told: Vec<_> = arrived.iter().map(Hook::action).collect();
        assert_eq!(told, ["Suspend", "Suspend", "Reinstate"], "again, and then what was behind");
        assert_eq!(arrived[0].id(), arrived[1].id());
        assert_eq!(arrived[0].body, arrived[1].body, "the same to the byte");
    }
    move_on(operator, "PT10S").await;
    for (id, suspend, reinstate) in &committed {
        for operation in [suspend, reinstate] {
            assert_eq!(running.status(id, operation).await, "Succeeded");
        }
        assert_eq!(operator.truth(id).await.at("/state"), "Subscribed");
        for event in ["suspended", "reinstated"] {
            assert_eq!(operator.times(event, id).await, 1, "{event}");
        }
    }
    assert_eq!(running.broker.terminate().await.code, Some(0));
}

/// Nobody else can be at work on a SQLite file: what a killed broker had taken is sent at the next start, although its
/// lease lasts much longer than this test.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_the_lease_of_a_killed_broker_is_not_waited_for() {
    let house = House::new(Db::Sqlite).await;
    let running = house.start_with("broker", "600").await;
    let (operator, publisher) = running.callers();
    house.app.always(Reply::Never);
    let id = active(&operator, &publisher, &own(flat())).await;
    let suspend = operator.acted(&id, &json!({"action": "suspend"})).await;
    house.app.hook(1).await;
    running.broker.kill().await;
    house.app.always(Reply::Status(200));
    let running = house.start_with("broker", "600").await;
    delivery_is(&running.operator, &suspend, "acknowledged").await;
    assert_eq!(house.app.hooks_of(&suspend).len(), 2, "once by each");
}

/// Everything is committed and nothing is sent: the webhooks were held back when the kill came.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_commit_and_send_loses_no_webhook(#[case] db: Db) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    let (operator, publisher) = running.callers();
    press(&operator, "hold").await;
    let mut committed = Vec::new();
    for _ in 0..SUBSCRIPTIONS {
        let id = active(&operator, &publisher, &own(flat())).await;
        let change = json!({"action": "changePlan", "planId": "metered"});
        committed.push((operator.acted(&id, &change).await, id));
    }
    running.broker.kill().await;
    let running = house.start("broker").await;
    assert_eq!(house.app.hooks().len(), 0, "held back still");
    press(&running.operator, "release").await;
    for (change, _) in &committed {
        delivery_is(&running.operator, change, "acknowledged").await;
        assert_eq!(house.app.hooks_of(change).len(), 1);
    }
    move_on(&running.operator, "PT10S").await;
    for (change, id) in &committed {
        assert_eq!(running.status(id, change).await, "Succeeded");
        assert_eq!(running.operator.times("planChanged", id).await, 1);
    }
}

/// The publisher decided in the middle of the attempt that the kill cut: it is decided, once, and the webhook that comes
/// again changes nothing.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_patch_before_the_kill_stands_after_it(#[case] db: Db) {
    let house = House::new(db).await;
    let running = house.start("broker").await;
    house.app.always(Reply::Never);
    let (operator, publisher) = running.callers();
    press(&operator, "hold").await;
    let mut decided = Vec::new();
    for (decision, status, plan) in
        [("Success", "Succeeded", "metered"), ("Failure", "Failed", "standard")]
    {
        let id = active(&operator, &publisher, &own(flat())).await;
        let wish = json!({"action": "changePlan", "planId": "metered"});
        decided.push((operator.acted(&id, &wish).await, id, decision, status, plan));
    }
    press(&operator, "release").await;
    house.app.hook(decided.len()).await;
    for (change, id, decision, ..) in &decided {
        publisher.decide(id, change, decision).await.is(200);
    }
    running.broker.kill().await;
    house.app.always(Reply::Status(400));
    let running = house.start("broker").await;
    move_on(&running.operator, "PT1H").await;
    for (change, id, _, status, plan) in &decided {
        assert_eq!(running.status(id, change).await, *status);
        let now = running.publisher.subscription(id).await.is(200);
        assert_eq!(now.at("/planId"), *plan, "{now}");
        let ended = running.operator.times("operationSucceeded", id).await
            + running.operator.times("operationFailed", id).await;
        assert_eq!(ended, 1);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_lose_no_webhook_that_was_promised(#[case] db: Db) {
    let seed = RandomState::new().hash_one(0) >> 32;
    eprintln!("the seed is {seed}");
    let mut dice = Dice(seed);
    let house = House::new(db).await;
    let mut promised = Vec::new();
    for round in 0..ROUNDS {
        let running = house.start("broker").await;
        let answers = [Reply::Status(200), Reply::Status(503), Reply::Reset, Reply::Never];
        let pick = usize::try_from(dice.roll(4)).unwrap();
        let mut turns: Vec<_> = answers.iter().cycle().skip(pick).take(20).cloned().collect();
        turns.push(Reply::Status(200));
        house.app.in_turn(turns);
        let mut crowd = JoinSet::new();
        for _ in 0..SUBSCRIPTIONS {
            let (operator, publisher) = running.callers();
            crowd.spawn(async move {
                let id = active(&operator, &publisher, &own(flat())).await;
                let mut operations = Vec::new();
                for action in ["renew", "suspend", "unsubscribe"] {
                    operations.push(operator.acted(&id, &json!({"action": action})).await);
                }
                (id, operations)
            });
        }
        promised.extend(crowd.join_all().await);
        let later = dice.roll(30);
        eprintln!(
            "round {round}: killed {later} requests later, {} arrived",
            house.app.hooks().len()
        );
        for _ in 0..later {
            running.operator.get("/clock").await.is(200);
        }
        running.broker.kill().await;
    }
    house.app.always(Reply::Status(200));
    let running = house.start("broker").await;
    let operator = &running.operator;
    for (id, operations) in &promised {
        // What was tried and failed waits for its time; what was cut comes again at once.
        move_on(operator, "PT57.6S").await;
        for operation in operations {
            delivery_is(operator, operation, "acknowledged").await;
            let told = delivery(operator, operation).await;
            let arrived = house.app.hooks_of(operation);
            assert!(!arrived.is_empty(), "{told}");
            assert!(arrived.iter().all(|hook| hook.body == arrived[0].body), "{told}");
        }
        let arrived = house.app.hooks().into_iter();
        let arrived = arrived.filter(|hook| hook.text_at("/subscriptionId") == *id);
        let mut order: Vec<_> = arrived.map(|hook| hook.action()).collect();
        order.dedup();
        assert_eq!(order, ["Renew", "Suspend", "Unsubscribe"], "none overtakes another");
    }
    let journal = operator.journal().await;
    for event in ["renewed", "suspended", "unsubscribed"] {
        let times = journal.iter().filter(|entry| entry["name"] == event).count();
        assert_eq!(times, promised.len(), "{event}, once each");
    }
}
