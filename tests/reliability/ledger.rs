//! What was acknowledged, held against what the broker says after its restart. Called by `kill.rs`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::crowd::SEATS;
use crate::support::Operator;

/// A request that was answered with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acknowledged {
    Purchase,
    Assignment,
    Activation,
}

/// How often each event happened to each subscription.
type Events = BTreeMap<String, BTreeMap<String, usize>>;

/// Everything that was acknowledged, by subscription.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<String, BTreeSet<Acknowledged>>,
    /// Subscriptions that were held against the broker before; nobody touches them any more.
    settled: BTreeSet<String>,
}

impl Ledger {
    /// Adds what a crowd was told.
    pub fn enter(&mut self, acknowledged: Vec<(String, Acknowledged)>) {
        for (id, what) in acknowledged {
            let is_new = self.entries.entry(id.clone()).or_default().insert(what);
            assert!(is_new, "two purchases got the id {id}, or {what:?} was answered twice");
        }
    }

    /// Holds that nothing acknowledged is lost and nothing is there twice, for everything that is new since the last
    /// time.
    pub async fn check(&mut self, operator: &Operator) {
        let mut events = events(&operator.journal().await);
        for id in self.entries.keys() {
            assert!(events.contains_key(id), "the purchase {id} was acknowledged and is lost");
        }
        events.retain(|id, _| !self.settled.contains(id));
        for (id, events) in events {
            self.check_one(operator, &id, &events).await;
            self.settled.insert(id);
        }
    }

    /// Holds everything again, from the first.
    pub async fn check_all(&mut self, operator: &Operator) {
        self.settled.clear();
        self.check(operator).await;
    }

    /// Holds one subscription, acknowledged or not, against its own journal: each thing happened once, billing with
    /// both keys and not before, and one charge with it.
    async fn check_one(&self, operator: &Operator, id: &str, events: &BTreeMap<String, usize>) {
        let truth = operator.truth(id).await;
        let charges = operator.charges(id).await;
        let told = |what| self.entries.get(id).is_some_and(|entry| entry.contains(&what));
        let is_in = |key: &str| usize::from(!truth.at(key).is_null());
        let (assigned, confirmed) =
            (is_in("/licensesAssignedAt"), is_in("/fulfillmentConfirmedAt"));
        assert!(assigned == 1 || !told(Acknowledged::Assignment), "an assignment is lost: {truth}");
        assert!(
            confirmed == 1 || !told(Acknowledged::Activation),
            "an activation is lost: {truth}"
        );
        assert_eq!(truth.at("/licensesAssigned"), assigned * SEATS, "{truth}");
        let status = ["PendingFulfillmentStart", "Subscribed"][confirmed];
        assert_eq!(truth.at("/state"), status, "{truth}");
        let times = |name: &str| events.get(name).copied().unwrap_or(0);
        let both = assigned * confirmed;
        for (what, count, expected) in [
            ("purchases", times("purchased"), 1),
            ("sets", times("licensesReplaced"), assigned),
            ("first keys", times("licensesAssigned"), assigned),
            ("second keys", times("fulfillmentConfirmed"), confirmed),
            ("starts in the truth", is_in("/billingStartedAt"), both),
            ("starts in the journal", times("billingStarted"), both),
            ("charges in the journal", times("charged"), both),
            ("charges", charges.len(), both),
        ] {
            assert_eq!(count, expected, "{what} of {id}: {events:?} {truth}");
        }
        if both == 1 {
            let instant = |key: &str| truth.text_at(key);
            let later = instant("/licensesAssignedAt").max(instant("/fulfillmentConfirmedAt"));
            assert_eq!(instant("/billingStartedAt"), later, "{truth}");
        }
    }
}

/// The journal's numbers have no gaps; its events by subscription.
fn events(journal: &[Value]) -> Events {
    let mut events = Events::new();
    for (number, entry) in (1..).zip(journal) {
        assert_eq!(entry["sequence"], number, "the journal has a gap: {entry}");
        if let (Some("event"), Some(id)) =
            (entry["kind"].as_str(), entry["subscriptionId"].as_str())
        {
            let name = entry["name"].as_str().expect("a name").to_owned();
            *events.entry(id.to_owned()).or_default().entry(name).or_default() += 1;
        }
    }
    events
}
