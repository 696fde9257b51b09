//! `rehearse load --usage`: usage events in batches of 25 beside single ones, in rounds, over the same subscriptions.
//! `report` tells.

mod report;

use std::sync::Arc;

use anyhow::{anyhow, bail};
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use shared::metering::{BATCH_MAX, UsageEvent, UsageEventStatus};

use super::{
    Measured,
    crowd::{self, Done, Errors},
    own::Own,
    size, stats,
    steps::{Deal, Stage},
};
use crate::{cli, words};
use report::{Rates, Report};

/// Rounds. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// So many batched events come on one single event.
const TO_SINGLE: usize = 10;
/// Hours of the present day that usage is reported of: one fewer than the marketplace takes, for the time this takes.
const HOURS: usize = 23;

/// Measures `events` events in batches a round, and a tenth as many single ones: by one client, as a publisher's hourly
/// job reports them, and by many at once, whose single events the marketplace commits together.
pub async fn measure(
    http: Client,
    (events, asked): (u32, &cli::Load),
    own: &Own,
) -> anyhow::Result<Measured> {
    let workers = size(asked.concurrency);
    let control = own.control(http.clone(), asked).await?;
    let now = control.clock().await?.now.0;
    let stage = Stage::set(http, control, Deal { metered: true, ..Deal::default() }).await?;
    let round = Round {
        batches: size(events).div_ceil(BATCH_MAX),
        singles: size(events).div_ceil(TO_SINGLE),
    };
    let crowds = [1, workers];
    let slots = HOURS * stage.dimensions().len().max(1);
    let needed = (ROUNDS * crowds.len() * round.events()).div_ceil(slots);
    let mut errors = Errors::default();
    let done = stage.bought(needed.max(BATCH_MAX), workers).await?;
    errors.merge(done.errors);
    let mut ids: Vec<String> = done.results.into_iter().map(|(_, id)| id).collect();
    ids.sort_unstable(); // in the order they were bought, as a publisher's job walks its subscriptions
    let hours = Arc::new(Hours { stage, ids, now });
    errors.merge(hours.activate(workers).await?.errors);

    let mut rates = [Rates::default(), Rates::default()];
    let mut next = 0;
    // What many have left behind to be written would be in one client's way.
    for (rates, clients) in rates.iter_mut().zip(crowds) {
        for _ in 0..ROUNDS {
            errors.merge(hours.round(next, &round, clients, rates).await?);
            next += round.events();
        }
    }
    let [one_client, all_clients] = rates;
    let report = Report::new((events, asked.concurrency), (&one_client, &all_clients), &errors);
    Measured::new(&report, report.lines(), errors)
}

/// Calls of a round.
struct Round {
    batches: usize,
    singles: usize,
}

impl Round {
    fn events(&self) -> usize {
        self.batches * BATCH_MAX + self.singles
    }
}

/// Subscriptions whose hours are free: each hour of a dimension takes one event.
struct Hours {
    stage: Stage,
    ids: Vec<String>,
    now: Timestamp,
}

impl Hours {
    async fn activate(self: &Arc<Self>, workers: usize) -> anyhow::Result<Done<()>> {
        let hours = Arc::clone(self);
        crowd::run("activate", self.ids.len(), workers, move |job| {
            let hours = Arc::clone(&hours);
            async move { hours.stage.face().activate(&hours.ids[job]).await }
        })
        .await
    }

    /// A round by so many clients, from event number `first` on.
    async fn round(
        self: &Arc<Self>,
        first: usize,
        round: &Round,
        clients: usize,
        rates: &mut Rates,
    ) -> anyhow::Result<Errors> {
        let singles = self.report(first, round.singles, 1, clients).await?;
        rates.singles.push(stats::rate(singles.results.len(), singles.took));
        let batched = self.report(first + round.singles, round.batches, BATCH_MAX, clients).await?;
        rates.batched.push(stats::rate(batched.results.len() * BATCH_MAX, batched.took));
        let mut errors = singles.errors;
        errors.merge(batched.errors);
        Ok(errors)
    }

    /// So many calls of `each` events, from event number `first` on; a single one by the call for single ones.
    async fn report(
        self: &Arc<Self>,
        first: usize,
        calls: usize,
        each: usize,
        workers: usize,
    ) -> anyhow::Result<Done<()>> {
        let hours = Arc::clone(self);
        let what = if each == 1 { "usageEvent" } else { "batchUsageEvent" };
        crowd::run(what, calls, workers, move |job| {
            let hours = Arc::clone(&hours);
            async move {
                let from = first + job * each;
                let events: Vec<_> = (from..from + each).filter_map(|n| hours.event(n)).collect();
                let face = hours.stage.face();
                if let ([event], 1) = (&*events, each) {
                    return face.report_usage(event).await.map(drop);
                }
                let told = face.report_batch(events).await?;
                let accepted = |status| status == UsageEventStatus::Accepted;
                match told.result.iter().find(|one| !accepted(one.status)) {
                    None if told.count == each => Ok(()),
                    None => bail!(words::say("load-usage-lost")),
                    Some(one) => Err(anyhow!("{:?}", one.status)),
                }
            }
        })
        .await
    }

    /// Event number `n`: the same hour of all subscriptions comes before the next hour, as publishers report.
    fn event(&self, n: usize) -> Option<UsageEvent> {
        let dimensions = self.stage.dimensions();
        let (slot, subscription) = (n / self.ids.len(), n % self.ids.len());
        let back = i64::try_from(slot / dimensions.len()).ok()?;
        let start = self.now.checked_sub(SignedDuration::from_hours(back)).ok()?;
        Some(UsageEvent {
            resource_id: Some(self.ids[subscription].clone()),
            resource_uri: None,
            quantity: Some(1.into()),
            dimension: Some(dimensions[slot % dimensions.len()].clone()),
            effective_start_time: Some(start.to_string()),
            plan_id: Some(self.stage.plan().to_owned()),
        })
    }
}
