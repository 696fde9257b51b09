//! Does the steps of many sequences against a real store, level by level, so that commands of a level commit together.
//! Sequences that restart at the same places share a database; those whose 30 days pass at the same places share
//! sandboxes in it, because a sandbox has one clock.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use jiff::{Span, Timestamp, ToSpan};
use shared::{
    entropy::SystemEntropy,
    ids::{SandboxId, SubscriptionId},
};
use sqlx::{Row, any::AnyRow, query};

use super::oracle::{Done, Step, Stored, Story, check_order_is_irrelevant};
use crate::{
    commands::{
        ActivateSubscription, AssignLicenses, HoldDeliveries,
        advance_clock::{SETTLE, Target, advance},
    },
    domain::{license::Person, party::LicenseConfirmation},
    store::{
        Failure, Store, sandbox_clock,
        tests::bed::{Bed, Kind, SEATS, buy, cancel, hour, ids, make_sandbox},
    },
};

/// Commands in flight at a time; the queue holds 256.
const IN_FLIGHT: usize = 200;
/// Databases at a time.
const DATABASES: usize = 4;
/// Sequences that share a sandbox at most.
const SHARE: usize = 32;
/// Clocks moved at a time in one database: each may run a page of timers in one transaction.
const CLOCKS: usize = 4;

/// One sequence on its way.
struct Walker {
    sandbox: SandboxId,
    subscription: SubscriptionId,
    steps: Vec<Step>,
    with_activation: bool,
    done: Vec<Done>,
}

/// Walks every sequence, with either value of `licenseConfirmation`, and holds them against the oracle.
pub(super) async fn walk(kind: Kind, sequences: Vec<Vec<Step>>) {
    let mut by_restarts: BTreeMap<Vec<bool>, Vec<Vec<Step>>> = BTreeMap::new();
    for steps in sequences {
        let restarts = steps.iter().map(|step| *step == Step::Restart).collect();
        by_restarts.entry(restarts).or_default().push(steps);
    }
    let databases =
        by_restarts.into_iter().map(|(restarts, all)| walk_database(kind, restarts, all));
    let stories: Vec<_> = stream::iter(databases).buffer_unordered(DATABASES).collect().await;
    check_order_is_irrelevant(&stories.into_iter().flatten().collect::<Vec<_>>());
}

async fn walk_database(kind: Kind, restarts: Vec<bool>, all: Vec<Vec<Step>>) -> Vec<Story> {
    let bed = Bed::new(kind);
    let mut broker = bed.open().await;
    let mut walkers = set_out(&broker, all).await;
    let sandboxes: BTreeSet<_> = walkers.iter().map(|walker| walker.sandbox.clone()).collect();
    for (level, restart) in restarts.into_iter().enumerate() {
        if restart {
            broker.crash().await;
            broker = bed.open().await;
        }
        let clocks = clocks(&broker, &sandboxes).await;
        let steps = walkers.into_iter().map(|walker| walker.go(&broker, level, &clocks));
        walkers = stream::iter(steps).buffered(IN_FLIGHT).collect().await;
        pass_time(&broker, level, &walkers).await;
    }
    let mut stored = BTreeMap::new();
    for sandbox in &sandboxes {
        read(&broker, sandbox, &mut stored).await;
    }
    broker.stop().await;
    walkers.into_iter().map(|walker| walker.tell(&mut stored)).collect()
}

/// The sandbox of each sequence. Neighbors in the list are in different ones: on PostgreSQL, commands of one sandbox
/// wait for each other's journal numbers.
fn share_out(all: Vec<Vec<Step>>) -> Vec<(SandboxId, Vec<Step>)> {
    let mut by_passes: BTreeMap<Vec<bool>, Vec<Vec<Step>>> = BTreeMap::new();
    for steps in all {
        let passes = steps.iter().map(|step| *step == Step::ThirtyDays).collect();
        by_passes.entry(passes).or_default().push(steps);
    }
    let shares = by_passes.values().flat_map(|group| group.chunks(SHARE)).enumerate();
    let mut shared: Vec<_> = shares
        .flat_map(|(number, share)| {
            let sandbox: SandboxId = format!("s{number}").parse().unwrap();
            let place =
                move |(place, steps): (usize, &Vec<Step>)| (place, sandbox.clone(), steps.clone());
            share.iter().enumerate().map(place)
        })
        .collect();
    shared.sort_by_key(|(place, _, _)| *place);
    shared.into_iter().map(|(_, sandbox, steps)| (sandbox, steps)).collect()
}

/// Sandboxes and purchases for all sequences.
async fn set_out(store: &Store, all: Vec<Vec<Step>>) -> Vec<Walker> {
    let shared = share_out(all);
    let sandboxes: BTreeSet<_> = shared.iter().map(|(sandbox, _)| sandbox.clone()).collect();
    stream::iter(&sandboxes)
        .for_each_concurrent(IN_FLIGHT, |sandbox| async move {
            make_sandbox(store, sandbox).await;
            // Nobody sends webhooks here, and an advance would wait for them.
            let hold = HoldDeliveries { sandbox: sandbox.clone(), hold: true };
            store.execute_in_turn(hold).await.unwrap();
        })
        .await;
    let purchases = shared.into_iter().flat_map(|(sandbox, steps)| {
        // Without an activation the two values make no difference.
        let values: &[bool] =
            if steps.contains(&Step::Activate) { &[false, true] } else { &[false] };
        values.iter().map(move |value| (sandbox.clone(), steps.clone(), *value))
    });
    let bought = purchases.map(|(sandbox, steps, with_activation)| async move {
        let linked = store.execute(buy(&sandbox)).await.unwrap();
        let subscription = linked.subscription.id;
        Walker { sandbox, subscription, steps, with_activation, done: Vec::new() }
    });
    stream::iter(bought).buffered(IN_FLIGHT).collect().await
}

async fn clocks(store: &Store, sandboxes: &BTreeSet<SandboxId>) -> BTreeMap<SandboxId, Timestamp> {
    let mut conn = store.read().await.unwrap();
    let mut clocks = BTreeMap::new();
    for sandbox in sandboxes {
        let clock = sandbox_clock(&mut conn, sandbox).await.unwrap().unwrap();
        clocks.insert(sandbox.clone(), clock.at(store.real_now()));
    }
    clocks
}

/// After each level a clock goes on: by 30 days where that is the step, else by an hour, so that instants differ.
async fn pass_time(store: &Store, level: usize, walkers: &[Walker]) {
    let spans: BTreeMap<&SandboxId, Span> = walkers
        .iter()
        .map(|walker| match walker.steps[level] {
            Step::ThirtyDays => (&walker.sandbox, 30.days()),
            _ => (&walker.sandbox, 1.hour()),
        })
        .collect();
    stream::iter(spans)
        .for_each_concurrent(CLOCKS, |(sandbox, span)| async move {
            let how = (&Target::By(span), SETTLE);
            advance(store, &SystemEntropy, sandbox, how).await.unwrap();
        })
        .await;
}

impl Walker {
    async fn go(
        mut self,
        store: &Store,
        level: usize,
        clocks: &BTreeMap<SandboxId, Timestamp>,
    ) -> Self {
        let (step, at) = (self.steps[level], clocks[&self.sandbox]);
        let end = match step {
            Step::AssignAll => self.assign(store, SEATS).await,
            Step::AssignSome => self.assign(store, SEATS - 1).await,
            Step::Activate => self.activate(store).await,
            Step::Cancel => {
                store.execute(cancel(&self.sandbox, self.subscription)).await.map(|_| ())
            }
            Step::ThirtyDays | Step::Restart => Ok(()),
        };
        let accepted = match end {
            Ok(()) => true,
            Err(Failure::Refused(_)) => false,
            Err(failure) => panic!("{step:?} at level {level} of {:?}: {failure:?}", self.steps),
        };
        self.done.push(Done { step, at, accepted });
        self
    }

    async fn assign(&self, store: &Store, people: i64) -> Result<(), Failure> {
        let person = |number| Person { object_id: Some(format!("p{number}")), email_id: None };
        let command = AssignLicenses {
            ids: ids(),
            sandbox: self.sandbox.clone(),
            publisher: "contoso".parse().unwrap(),
            subscription: self.subscription,
            people: Ok((0..people).map(person).collect()),
        };
        let assigned = store.execute(command).await?;
        assert_eq!((assigned.required, assigned.assigned), (SEATS, people));
        Ok(())
    }

    async fn activate(&self, store: &Store) -> Result<(), Failure> {
        let license_confirmation = if self.with_activation {
            LicenseConfirmation::WithActivation
        } else {
            LicenseConfirmation::Explicit
        };
        let command = ActivateSubscription {
            ids: ids(),
            sandbox: self.sandbox.clone(),
            publisher: "contoso".parse().unwrap(),
            license_confirmation,
            subscription: self.subscription,
            body: Ok(crate::domain::subscription::Activation::default()),
        };
        store.execute(command).await
    }

    fn tell(self, stored: &mut BTreeMap<String, Stored>) -> Story {
        let stored = stored.remove(&self.subscription.to_string()).unwrap();
        let Self { with_activation, done, .. } = self;
        let story = Story { with_activation, bought_at: hour(0), done, stored };
        story.check();
        story
    }
}

fn instant(row: &AnyRow, column: &str) -> Option<Timestamp> {
    let micros: Option<i64> = row.get(column);
    micros.map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

/// Everything stored of a sandbox's subscriptions, read past the broker's own code.
async fn read(store: &Store, sandbox: &SandboxId, stored: &mut BTreeMap<String, Stored>) {
    let mut conn = store.read().await.unwrap();
    let rows = query(
        "SELECT id, status, ended_at, end_reason, licenses_assigned_at, fulfillment_confirmed_at, \
         billing_started_at FROM subscriptions WHERE sandbox_id = $1",
    );
    for row in rows.bind(sandbox.as_str()).fetch_all(&mut *conn).await.unwrap() {
        let ended = instant(&row, "ended_at").map(|at| (at, row.get("end_reason")));
        let one = Stored {
            status: row.get("status"),
            ended,
            licenses_assigned_at: instant(&row, "licenses_assigned_at"),
            fulfillment_confirmed_at: instant(&row, "fulfillment_confirmed_at"),
            billing_started_at: instant(&row, "billing_started_at"),
            ..Stored::default()
        };
        stored.insert(row.get("id"), one);
    }
    let rows = query(
        "SELECT subscription_id, name, at FROM journal \
         WHERE sandbox_id = $1 AND subscription_id IS NOT NULL ORDER BY sequence",
    );
    for row in rows.bind(sandbox.as_str()).fetch_all(&mut *conn).await.unwrap() {
        let event = (row.get("name"), instant(&row, "at").unwrap());
        stored
            .get_mut(row.get::<String, _>("subscription_id").as_str())
            .unwrap()
            .events
            .push(event);
    }
    let counts = query(
        "SELECT 'charges' AS what, subscription_id FROM charges WHERE sandbox_id = $1 UNION ALL \
         SELECT 'operations', subscription_id FROM operations \
         WHERE sandbox_id = $1 AND action = 'Unsubscribe' UNION ALL \
         SELECT kind, subscription_id FROM timers WHERE sandbox_id = $1",
    );
    for row in counts.bind(sandbox.as_str()).fetch_all(&mut *conn).await.unwrap() {
        let one = stored.get_mut(row.get::<String, _>("subscription_id").as_str()).unwrap();
        *match row.get::<String, _>("what").as_str() {
            "charges" => &mut one.charges,
            "operations" => &mut one.operations,
            "pendingLimit" => &mut one.limits,
            "termEnd" => &mut one.term_ends,
            other => panic!("a timer of kind {other}"),
        } += 1;
    }
}
