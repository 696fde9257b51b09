//! One turn of a lane: what came of the webhooks that were sent is stored, with everything that follows from it, and
//! the next ones are taken, in one transaction. Called by `workers/deliver_webhook`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::ids::{OperationId, SandboxId, SubscriptionId};
use uuid::Uuid;

use super::{IdSeed, Ids, operate};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryEnd, DeliveryState, Outcome, Taken, Verdict, judge},
        operation::OperationEvent,
        policy::DecisionWindowOrigin,
        timer::TimerKind,
    },
    store::{
        AttemptRow, Command, Failure, JournalRow, Lane, Lease, Tried, Tx, find_operation,
        finish_deliveries, forget_leases, held_deliveries, lock_subscription, lock_subscriptions,
        promote_deliveries, save_tried, take_deliveries,
    },
};

/// A webhook that was sent, and what came of it.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// Which, as it was when it was taken.
    pub delivery: Taken,
    /// When it left, sandbox time.
    pub at: Timestamp,
    /// Where it went.
    pub url: String,
    /// Real microseconds it took.
    pub took_us: i64,
    /// Headers as JSON, secrets masked.
    pub request_headers: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The same in short.
    pub in_short: String,
}

impl Attempted {
    fn id(&self) -> OperationId {
        self.delivery.operation_id
    }

    /// Whether it tells of something that has happened, and was answered 2xx: then nothing follows from it.
    #[must_use]
    pub fn just_arrived(&self) -> bool {
        let delivery = &self.delivery;
        let taken = matches!(self.outcome, Outcome::Answered { status: 200..=299, .. });
        !delivery.asks() && delivery.resends == 0 && !delivery.is_over && taken
    }
}

/// What the journal says of an attempt.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    action: &'a str,
    attempt: i64,
    operation_id: OperationId,
    outcome: &'a str,
    url: &'a str,
    verdict: &'a str,
}

/// Stores what was sent, and takes what is next.
pub struct SendDeliveries {
    /// Whose.
    pub lane: Lane,
    /// Who sends.
    pub by: Uuid,
    /// How long it may take, real time.
    pub lease: Duration,
    /// What was sent.
    pub finished: Arc<Vec<Attempted>>,
    /// How many to take at most.
    pub take: i64,
    /// What timers are named from.
    pub ids: IdSeed,
}

impl Command for SendDeliveries {
    /// The webhooks that were taken.
    type Output = Vec<Taken>;
    const NAME: &'static str = "sendDeliveries";
    // Many webhooks at a time; a busy PostgreSQL takes seconds for them.
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.lane.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Vec<Taken>, Failure> {
        self.store(tx, at).await?;
        if self.take <= 0 {
            return Ok(Vec::new());
        }
        let lease = SignedDuration::try_from(self.lease).unwrap_or(SignedDuration::from_mins(1));
        let until = tx.real_now() + lease;
        take_deliveries(tx, &self.lane, Lease { by: self.by, until }, self.take).await
    }
}

impl SendDeliveries {
    async fn store(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let sandbox = &self.lane.sandbox;
        let subscriptions: BTreeSet<_> =
            self.finished.iter().map(|attempt| attempt.delivery.subscription_id).collect();
        lock_subscriptions(tx, sandbox, &subscriptions).await?;
        let mut over = BTreeSet::new();
        let arrived = self.finish_arrived(tx, at, &mut over).await?;
        let rest: Vec<_> =
            self.finished.iter().filter(|one| !arrived.contains(&one.id())).collect();
        self.store_one_by_one(tx, &rest, at, &mut over).await?;
        let over: Vec<_> = over.into_iter().collect();
        promote_deliveries(tx, sandbox, &over).await
    }

    /// Most webhooks tell of something that has happened, and arrive: nothing follows, and they end in a few
    /// statements for all of them. Tells which did.
    async fn finish_arrived(
        &self,
        tx: &mut Tx,
        at: Timestamp,
        over: &mut BTreeSet<SubscriptionId>,
    ) -> Result<BTreeSet<OperationId>, Failure> {
        let sandbox = &self.lane.sandbox;
        let mut groups: BTreeMap<&str, Vec<&Attempted>> = BTreeMap::new();
        for attempt in self.finished.iter().filter(|attempt| attempt.just_arrived()) {
            groups.entry(&attempt.in_short).or_default().push(attempt);
        }
        let mut arrived = BTreeSet::new();
        for (outcome, attempts) in groups {
            let ids: Vec<_> = attempts.iter().map(|attempt| attempt.id()).collect();
            let how = (self.by, DeliveryEnd::Acknowledged, Tried { at, outcome });
            arrived.extend(finish_deliveries(tx, sandbox, how, &ids).await?);
            for attempt in attempts.iter().filter(|attempt| arrived.contains(&attempt.id())) {
                over.insert(attempt.delivery.subscription_id);
                let before = attempt.delivery.attempts;
                self.write_down(tx, (attempt, before), Verdict::Acknowledged, at)?;
            }
        }
        Ok(arrived)
    }

    async fn store_one_by_one(
        &self,
        tx: &mut Tx,
        attempts: &[&Attempted],
        at: Timestamp,
        over: &mut BTreeSet<SubscriptionId>,
    ) -> Result<(), Failure> {
        let ids: Vec<_> = attempts.iter().map(|attempt| attempt.id()).collect();
        let held = held_deliveries(tx, &self.lane.sandbox, self.by, &ids).await?;
        let mut held: BTreeMap<_, _> =
            held.into_iter().map(|delivery| (delivery.operation_id, delivery)).collect();
        let mut ids = self.ids.ids();
        let policy = tx.policy(&self.lane.sandbox).await?;
        for attempt in attempts {
            // Somebody else took it over when the lease had ended: what came of this one does not count.
            let Some(delivery) = held.remove(&attempt.id()) else { continue };
            let decided = self.is_decided(tx, &delivery).await?;
            let how = (decided, &policy);
            let verdict = judge(&delivery, &attempt.outcome, how, attempt.at);
            self.write_down(tx, (attempt, delivery.attempts), verdict, at)?;
            let tried = Tried { at: attempt.at, outcome: &attempt.in_short };
            self.keep(tx, delivery.clone(), (verdict, tried), &mut ids).await?;
            if ending(verdict).is_some() {
                over.insert(delivery.subscription_id);
                self.follow(tx, (&delivery, attempt.at), verdict, (&mut ids, at)).await?;
            }
        }
        Ok(())
    }

    /// Whether the operation asked for a decision and has one.
    async fn is_decided(&self, tx: &mut Tx, delivery: &Delivery) -> Result<bool, Failure> {
        if !delivery.asks() {
            return Ok(false);
        }
        let (subscription, id) = (delivery.subscription_id, delivery.operation_id);
        let found = find_operation(tx.read(), &self.lane.sandbox, subscription, id).await?;
        Ok(found.is_none_or(|operation| !operation.state.is_open()))
    }

    /// The attempt, after so many before, and the exchange in the journal.
    fn write_down(
        &self,
        tx: &mut Tx,
        (attempt, before): (&Attempted, i64),
        verdict: Verdict,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let sandbox = &self.lane.sandbox;
        let delivery = &attempt.delivery;
        let number = before + 1;
        let told = Told {
            action: delivery.action.name(),
            attempt: number,
            operation_id: delivery.operation_id,
            outcome: &attempt.in_short,
            url: &attempt.url,
            verdict: verdict.name(),
        };
        let how = (&self.lane.publisher, attempt.took_us);
        tx.record(JournalRow::webhook(sandbox, at, delivery.subscription_id, how, &told)?);
        let row = AttemptRow {
            operation: delivery.operation_id,
            number,
            at: attempt.at,
            url: attempt.url.clone(),
            took_us: attempt.took_us,
            request_headers: attempt.request_headers.clone(),
            outcome: attempt.outcome.clone(),
            verdict: verdict.name().to_owned(),
        };
        tx.attempted(sandbox, row);
        Ok(())
    }

    /// It will be tried again, by timer or because somebody asked for it.
    async fn keep(
        &self,
        tx: &mut Tx,
        mut delivery: Delivery,
        (verdict, tried): (Verdict, Tried<'_>),
        ids: &mut Ids,
    ) -> Result<(), Failure> {
        let sandbox = &self.lane.sandbox;
        match (verdict, ending(verdict), delivery.ended) {
            (Verdict::Retry { at }, _, _) => {
                delivery.state = DeliveryState::Waiting { until: at };
                delivery.resends = 0; // asked for by hand: the schedule goes on by itself
                tx.set_timer(
                    sandbox,
                    crate::domain::timer::Timer {
                        id: ids.draw(),
                        due_at: at,
                        kind: TimerKind::Redelivery,
                        subscription_id: delivery.subscription_id,
                    },
                );
            }
            (_, Some(end), _) => {
                delivery.ended = Some(end);
                if delivery.resends == 0 {
                    delivery.state = DeliveryState::Done(end);
                }
            }
            (_, None, Some(end)) => {
                delivery.resends = (delivery.resends - 1).max(0);
                if delivery.resends == 0 {
                    delivery.state = DeliveryState::Done(end);
                }
            }
            (_, None, None) => {}
        }
        save_tried(tx, sandbox, (self.by, tried), &delivery).await
    }

    /// What a publisher's answer means for the operation.
    async fn follow(
        &self,
        tx: &mut Tx,
        (delivery, sent_at): (&Delivery, Timestamp),
        verdict: Verdict,
        (ids, at): (&mut Ids, Timestamp),
    ) -> Result<(), Failure> {
        let policy = tx.policy(&self.lane.sandbox).await?;
        let event = match verdict {
            Verdict::Acknowledged => match policy.get() {
                DecisionWindowOrigin::Answer => OperationEvent::Acknowledged,
                DecisionWindowOrigin::Arrival => {
                    OperationEvent::Arrived(delivery.first_attempt_at.unwrap_or(sent_at))
                }
            },
            Verdict::Rejected => OperationEvent::Rejected,
            Verdict::GivenUp => OperationEvent::GivenUp,
            Verdict::Superseded | Verdict::Retry { .. } | Verdict::Resent => return Ok(()),
        };
        if !delivery.asks() {
            return Ok(()); // it is so whatever the publisher says (C54)
        }
        let (sandbox, subscription) = (&self.lane.sandbox, delivery.subscription_id);
        let found = lock_subscription(tx, sandbox, subscription).await?;
        let operation =
            find_operation(tx.read(), sandbox, subscription, delivery.operation_id).await?;
        let (Some(found), Some(operation)) = (found, operation) else { return Ok(()) };
        let both = (operation, found.clone());
        let moved = operate::happen(tx, sandbox, both, event, (ids, at)).await?;
        if let Some(closes) = moved.window_closes_at(&policy) {
            operate::set_timer(tx, sandbox, &found, (TimerKind::DecisionWindow, closes), ids);
        }
        Ok(())
    }
}

/// How a verdict ends a delivery that was not over.
fn ending(verdict: Verdict) -> Option<DeliveryEnd> {
    match verdict {
        Verdict::Acknowledged => Some(DeliveryEnd::Acknowledged),
        Verdict::Rejected => Some(DeliveryEnd::Rejected),
        Verdict::GivenUp => Some(DeliveryEnd::GivenUp),
        Verdict::Superseded => Some(DeliveryEnd::Superseded),
        Verdict::Retry { .. } | Verdict::Resent => None,
    }
}

/// Forgets the leases of a broker that is gone. Only where no other broker can be: SQLite, at the start.
pub struct ForgetLeases;

impl Command for ForgetLeases {
    type Output = ();
    const NAME: &'static str = "forgetLeases";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, _at: Timestamp) -> Result<(), Failure> {
        forget_leases(tx).await
    }
}
