//! Two brokers on one PostgreSQL: what is due is done once, and both keys from two sides start billing once.

use std::collections::BTreeMap;

use futures_util::future::{join_all, try_join};
use shared::{
    ids::{SandboxId, SubscriptionId},
    rehearsal::JournalEntry,
};
use sqlx::{AssertSqlSafe, Row, query};

use super::{
    super::{Failure, Store, journal_after},
    bed::{self, Bed, Kind, SEATS, buy, cancel, hour, make_sandbox},
};
use crate::{
    commands::{ActivateSubscription, AssignLicenses, Ran, RunDueTimers},
    domain::{license::Person, party::LicenseConfirmation, subscription::Activation},
};

fn sandbox() -> SandboxId {
    "shared".parse().unwrap()
}

async fn purchases(store: &Store, count: usize) -> Vec<SubscriptionId> {
    make_sandbox(store, &sandbox()).await;
    let bought = (0..count).map(|_| store.execute_in_turn(buy(&sandbox())));
    let bought = join_all(bought).await.into_iter();
    bought.map(|linked| linked.unwrap().subscription.id).collect()
}

async fn count(store: &Store, table: &str) -> i64 {
    let mut conn = store.read().await.unwrap();
    let statement = query(AssertSqlSafe(format!("SELECT COUNT(sandbox_id) FROM {table}")));
    statement.fetch_one(&mut *conn).await.unwrap().get(0)
}

async fn timer_kinds(store: &Store) -> Vec<String> {
    let mut conn = store.read().await.unwrap();
    let rows = query("SELECT kind FROM timers").fetch_all(&mut *conn).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn journal(store: &Store) -> Vec<JournalEntry> {
    let mut conn = store.read().await.unwrap();
    let rows = journal_after(&mut conn, &sandbox(), 0, 100_000).await.unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row.sequence).collect();
    assert_eq!(numbers, (1..).take(rows.len()).collect::<Vec<_>>(), "the journal has gaps");
    rows
}

/// How often each subscription has an event of this name.
async fn times(store: &Store, name: &str) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for row in journal(store).await.into_iter().filter(|row| row.name == name) {
        *times.entry(row.subscription_id.unwrap()).or_default() += 1;
    }
    times
}

/// Runs what is due until there is nothing, as the timer worker and an advance do.
async fn run_due(store: &Store, to: i64) -> Result<usize, Failure> {
    let mut happened = 0;
    loop {
        let advance = Some((hour(0), hour(to)));
        let command = RunDueTimers { sandbox: sandbox(), advance, ids: bed::ids() };
        match store.execute_in_turn(command).await? {
            Ran::Page(timers) => happened += timers.len(),
            Ran::Done => return Ok(happened),
        }
    }
}

fn each_once(ids: &[SubscriptionId]) -> BTreeMap<String, usize> {
    ids.iter().map(|id| (id.to_string(), 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn two_brokers_never_run_one_timer_twice() {
    let bed = Bed::new(Kind::Postgres);
    let (one, other) = (bed.open().await, bed.open().await);
    let ids = purchases(&one, 400).await;
    assert_eq!(count(&one, "timers").await, 400);
    let (by_one, by_other) = try_join(run_due(&one, 800), run_due(&other, 800)).await.unwrap();
    assert_eq!(by_one + by_other, 400, "{by_one} by one and {by_other} by the other");
    assert_eq!(times(&one, "unsubscribed").await, each_once(&ids));
    assert_eq!(count(&one, "operations").await, 400);
    assert_eq!(count(&one, "timers").await, 0);
}

/// Customers cancel at one broker in the very moment in which the 30 days end at the other.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn a_timer_and_a_cancellation_end_a_subscription_once() {
    let bed = Bed::new(Kind::Postgres);
    let (one, other) = (bed.open().await, bed.open().await);
    let ids = purchases(&one, 100).await;
    let cancels = join_all(ids.iter().map(|id| one.execute(cancel(&sandbox(), *id))));
    let (canceled, limited) = tokio::join!(cancels, run_due(&other, 800));
    limited.unwrap();
    for end in canceled {
        assert!(matches!(end, Ok(_) | Err(Failure::Refused(_))), "{end:?}");
    }
    assert_eq!(times(&one, "unsubscribed").await, each_once(&ids));
    assert_eq!(count(&one, "operations").await, 100);
    assert_eq!(count(&one, "deliveries").await, 100);
    assert_eq!(count(&one, "timers").await, 0);
}

fn people() -> Vec<Person> {
    let person =
        |number| Person { object_id: None, email_id: Some(format!("{number}@customer.example")) };
    (0..SEATS).map(person).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
async fn both_keys_from_two_brokers_start_billing_once() {
    let bed = Bed::new(Kind::Postgres);
    let (one, other) = (bed.open().await, bed.open().await);
    let ids = purchases(&one, 60).await;
    let activate = |store: &Store, id: SubscriptionId| {
        let store = store.clone();
        async move {
            let command = ActivateSubscription {
                ids: bed::ids(),
                sandbox: sandbox(),
                publisher: "contoso".parse().unwrap(),
                license_confirmation: LicenseConfirmation::Explicit,
                subscription: id,
                body: Ok(Activation::default()),
            };
            store.execute(command).await
        }
    };
    let assign = |store: &Store, id: SubscriptionId| {
        let store = store.clone();
        async move {
            let command = AssignLicenses {
                ids: bed::ids(),
                sandbox: sandbox(),
                publisher: "contoso".parse().unwrap(),
                subscription: id,
                people: Ok(people()),
            };
            store.execute(command).await
        }
    };
    let all = ids.iter().map(|id| async {
        let calls = tokio::join!(
            activate(&one, *id),
            assign(&other, *id),
            activate(&other, *id),
            assign(&one, *id)
        );
        let activated = [calls.0, calls.2];
        assert_eq!(activated.iter().filter(|end| end.is_ok()).count(), 1, "{activated:?}");
        assert!(calls.1.is_ok() && calls.3.is_ok(), "{:?} {:?}", calls.1, calls.3);
    });
    join_all(all).await;
    for name in ["billingStarted", "charged", "fulfillmentConfirmed", "licensesAssigned"] {
        assert_eq!(times(&one, name).await, each_once(&ids), "{name}");
    }
    assert_eq!(count(&one, "charges").await, 60);
    let kinds = timer_kinds(&one).await;
    assert_eq!(kinds, vec!["termEnd"; 60], "the 30 days are void, and each renews once");
}
