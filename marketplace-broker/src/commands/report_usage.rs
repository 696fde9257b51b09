//! A publisher reports usage: 1 to 25 events, each of which is accepted or not by itself (fulfillment.md, section 4).
//! A single event is a batch of one. Called by `http/metering`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use shared::ids::{OfferId, PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, record};
use crate::{
    domain::{
        catalog::Offer,
        event::Event,
        metering::{AcceptedUsage, ReportedUsage, Resource, UsageRefusal},
        policy::UsageDedupe,
    },
    store::{Command, Failure, NewUsage, Tx, insert_usage, offer, resources, usage_of_hours},
};

/// Takes usage events.
pub struct ReportUsage {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// What usage events are named from.
    pub ids: IdSeed,
    /// The events, or why one could not be read.
    pub events: Vec<Result<ReportedUsage, UsageRefusal>>,
}

/// What became of the events.
#[derive(Debug)]
pub struct Reported {
    /// The time of the call, which those that were accepted share.
    pub message_time: Timestamp,
    /// In the order of the events.
    pub outcomes: Vec<Result<AcceptedUsage, UsageRefusal>>,
}

/// What the events are about.
#[derive(Default)]
struct Known {
    resources: HashMap<SubscriptionId, Resource>,
    offers: BTreeMap<OfferId, Option<Offer>>,
}

/// An event that may be stored unless its hour has one.
struct Candidate {
    place: usize,
    new: NewUsage,
}

impl Command for ReportUsage {
    type Output = Reported;
    const NAME: &'static str = "reportUsage";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Reported, Failure> {
        let known = self.load(tx, at).await?;
        let mut ids = self.ids.ids();
        let mut outcomes = Vec::with_capacity(self.events.len());
        let mut candidates = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let id = ids.draw();
            match self.judge(event, &known, at) {
                Ok((usage, resource)) => {
                    let usage = accepted(id, resource.id, usage, resource, at);
                    let (publisher_id, offer_id) =
                        (self.publisher.clone(), resource.offer_id.clone());
                    outcomes.push(Ok(usage.clone()));
                    candidates
                        .push(Candidate { place, new: NewUsage { usage, publisher_id, offer_id } });
                }
                Err(refusal) => outcomes.push(Err(refusal)),
            }
        }
        let rule = tx.policy(&self.sandbox).await?.get();
        self.store(tx, rule, candidates, &mut outcomes).await?;
        self.tell(tx, at, &outcomes);
        Ok(Reported { message_time: at, outcomes })
    }
}

fn accepted(
    id: uuid::Uuid,
    subscription_id: SubscriptionId,
    usage: &ReportedUsage,
    resource: &Resource,
    accepted_at: Timestamp,
) -> AcceptedUsage {
    AcceptedUsage {
        id,
        subscription_id,
        resource_uri: usage.resource_uri.clone(),
        quantity: usage.quantity,
        dimension: usage.dimension.clone(),
        start: usage.start.clone(),
        plan_id: resource.plan_id.clone(),
        accepted_at,
    }
}

impl ReportUsage {
    /// Everything the events are about, in as many statements as there are offers, and one.
    async fn load(&self, tx: &mut Tx, at: Timestamp) -> Result<Known, Failure> {
        let named = self.events.iter().filter_map(|event| event.as_ref().ok()?.resource);
        let ids: BTreeSet<_> = named.collect();
        let mut known = Known::default();
        for found in resources(tx, &self.sandbox, &ids, at).await? {
            if found.publisher_id == self.publisher && !known.offers.contains_key(&found.offer_id) {
                let offer = offer(tx.read(), &self.sandbox, &found.offer_id).await?;
                known.offers.insert(found.offer_id.clone(), offer);
            }
            known.resources.insert(found.id, found);
        }
        Ok(known)
    }

    /// Whether an event may be stored, and for which resource.
    fn judge<'a>(
        &self,
        event: &'a Result<ReportedUsage, UsageRefusal>,
        known: &'a Known,
        at: Timestamp,
    ) -> Result<(&'a ReportedUsage, &'a Resource), UsageRefusal> {
        let usage = event.as_ref().map_err(Clone::clone)?;
        let resource = usage.resource.and_then(|id| known.resources.get(&id));
        let plan = resource.and_then(|resource| {
            let offer = known.offers.get(&resource.offer_id)?.as_ref()?;
            offer.plans.iter().find(|plan| plan.id == resource.plan_id)
        });
        usage.judge(&self.publisher, resource, plan, at)?;
        Ok((usage, resource.ok_or(UsageRefusal::Broken)?))
    }

    /// Stores the candidates; first wins. An hour that has its event, of an earlier call or of this one, makes a
    /// duplicate. Whether it has is the database's to say: another broker may be storing the same. An event counts
    /// under the rule that was in force when its call began.
    async fn store(
        &self,
        tx: &mut Tx,
        rule: UsageDedupe,
        mut candidates: Vec<Candidate>,
        outcomes: &mut [Result<AcceptedUsage, UsageRefusal>],
    ) -> Result<(), Failure> {
        // A stable sort: of those with one key, the first of the call stays the first.
        candidates.sort_by(|a, b| a.new.usage.key(rule).cmp(&b.new.usage.key(rule)));
        let mut free: Vec<&Candidate> = Vec::with_capacity(candidates.len());
        let mut duplicates = Vec::new();
        for candidate in &candidates {
            match free.last() {
                Some(first) if first.new.usage.key(rule) == candidate.new.usage.key(rule) => {
                    duplicates.push(candidate);
                }
                _ => free.push(candidate),
            }
        }
        let mut before = Vec::new();
        if rule == UsageDedupe::Resource {
            // What was accepted while the dimension counted, too, has no row that the database would refuse another for.
            before = usage_of_hours(tx, &self.sandbox, rule, &rows(&free)).await?;
            let taken: HashSet<_> = before.iter().map(|earlier| earlier.key(rule)).collect();
            duplicates
                .extend(free.extract_if(.., |first| taken.contains(&first.new.usage.key(rule))));
        }
        if !insert_usage(tx, &self.sandbox, rule, &rows(&free)).await? {
            let found = usage_of_hours(tx, &self.sandbox, rule, &rows(&free)).await?;
            let stored: HashSet<_> = found.iter().map(|usage| usage.id).collect();
            duplicates.extend(free.extract_if(.., |first| !stored.contains(&first.new.usage.id)));
            before.extend(found);
        }
        for Candidate { place, new } in duplicates {
            let now = free.iter().map(|first| &first.new.usage);
            let mut earlier = before.iter().chain(now);
            let same = earlier.find(|earlier| earlier.key(rule) == new.usage.key(rule));
            let same = same.ok_or(Failure::Stale)?;
            outcomes[*place] = Err(UsageRefusal::Duplicate(Box::new(same.clone())));
        }
        Ok(())
    }

    /// One row a call: most of what an event costs would be a row of its own.
    fn tell(&self, tx: &mut Tx, at: Timestamp, outcomes: &[Result<AcceptedUsage, UsageRefusal>]) {
        let accepted: Vec<_> = outcomes.iter().filter_map(|told| told.as_ref().ok()).collect();
        let Some(first) = accepted.first() else { return };
        let of = first.subscription_id;
        let of = accepted.iter().all(|usage| usage.subscription_id == of).then_some(of);
        let events = accepted.into_iter().cloned().collect();
        record(tx, &self.sandbox, at, of, &Event::UsageAccepted(events));
    }
}

fn rows<'a>(candidates: &[&'a Candidate]) -> Vec<&'a NewUsage> {
    candidates.iter().map(|candidate| &candidate.new).collect()
}
