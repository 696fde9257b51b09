//! `rehearse load --list`: whether a page of a long list costs the same wherever it stands, and the rate at which a
//! publisher reads single subscriptions of such a set beside `GET /health/live`. `report` tells.

mod report;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;

use super::{
    Measured,
    crowd::Errors,
    own::Own,
    size, stats,
    steps::{Deal, Stage},
};
use crate::{cli, publisher_face::PublisherFace, words};
use report::{Report, Rounds, Walks};

/// Walks over the whole list.
const WALKS: usize = 3;
/// Rounds of single reads.
const ROUNDS: usize = 5;
/// Single reads of a round.
const GETS: usize = 4_000;
/// Health requests of a round.
const HEALTHS: usize = 10_000;

/// Measures the list of `subscriptions` subscriptions.
pub async fn measure(
    http: Client,
    (subscriptions, asked): (u32, &cli::Load),
    own: &Own,
) -> anyhow::Result<Measured> {
    let workers = size(asked.concurrency);
    let control = own.control(http.clone(), asked).await?;
    let stage = Stage::set(http, control, Deal::default()).await?;
    let done = stage.bought(size(subscriptions), workers).await?;
    let buys = stats::rate(done.results.len(), done.took);
    let mut errors = done.errors;
    let bought: Vec<String> = done.results.into_iter().map(|(_, id)| id).collect();
    let mut walks = Walks::default();
    for _ in 0..WALKS {
        walks.0.push(walk(stage.face(), &bought, &mut errors).await?);
    }
    let bought = Arc::new(bought);
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let health = stage.health(HEALTHS, workers).await?;
        rounds.health.push(stats::rate(health.results.len(), health.took));
        errors.merge(health.errors);
        let gets = stage.gets(&bought, GETS, workers).await?;
        rounds.gets.push(stats::rate(gets.results.len(), gets.took));
        errors.merge(gets.errors);
    }
    let asked = (subscriptions, asked.concurrency);
    let report = Report::new(asked, buys, &walks, &rounds, &errors);
    Measured::new(&report, report.lines(), errors)
}

/// From page to page to the end: how long each took. Every subscription that was bought must stand on one page.
async fn walk(
    face: &PublisherFace,
    bought: &[String],
    errors: &mut Errors,
) -> anyhow::Result<Vec<Duration>> {
    let mut took = Vec::new();
    let mut listed = HashSet::new();
    let mut next: Option<String> = None;
    loop {
        let begun = Instant::now();
        let page = face.list(next.as_deref()).await?;
        took.push(begun.elapsed());
        let count = page.subscriptions.len();
        let before = listed.len();
        listed.extend(page.subscriptions.into_iter().map(|one| one.id));
        errors.add(words::say("load-list-repeated"), before + count - listed.len());
        // A list that leads back to its own page would have no end.
        if page.next_link.is_none() || count == 0 {
            break;
        }
        next = page.next_link;
    }
    let missing = bought.iter().filter(|id| !listed.contains(*id)).count();
    errors.add(words::say("load-list-missing"), missing);
    Ok(took)
}
