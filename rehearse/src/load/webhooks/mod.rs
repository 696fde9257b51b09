//! `rehearse load --webhooks`: how fast webhooks leave, beside a bare loop that posts one of them again and again by
//! the same client library to the same receiver; and whether a slow publisher costs its neighbor anything. `scene` has
//! the subscriptions, `receiver` takes the webhooks, `report` tells.

mod receiver;
mod report;
mod scene;

use std::{sync::Arc, time::Duration};

use anyhow::{anyhow, bail};
use reqwest::Client;

use super::{
    Measured,
    crowd::{self, Errors},
    own::Own,
    size, stats,
};
use crate::{cli, web, words};
use receiver::{Receiver, Request, Tally};
use report::{Report, Rounds};
use scene::Scene;

/// Rounds. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// How long the slow publisher takes to answer.
const SLOW: Duration = Duration::from_secs(5);
/// Subscriptions of the slow publisher.
const NEIGHBORS: usize = 64;
/// Places of the publishers in their sandbox.
const FIRST: usize = 0;
const SECOND: usize = 1;

/// Measures `webhooks` webhooks a round.
pub async fn measure(
    http: Client,
    (webhooks, asked): (u32, &cli::Load),
    own: &Own,
) -> anyhow::Result<Measured> {
    let (count, workers) = (size(webhooks), size(asked.concurrency));
    let control = own.control(http.clone(), asked).await?;
    let (fast, slow) = (Receiver::open(Duration::ZERO).await?, Receiver::open(SLOW).await?);
    let mut errors = Errors::default();
    let mut alone = Scene::set(&control).await?;
    alone.subscribe(&http, FIRST, (&fast, count), workers, &mut errors).await?;
    let mut beside = Scene::set(&control).await?;
    // The slow ones come first: their timers run first, and their webhooks are under way when the others become due.
    beside.subscribe(&http, SECOND, (&slow, NEIGHBORS), workers, &mut errors).await?;
    beside.subscribe(&http, FIRST, (&fast, count), workers, &mut errors).await?;

    // The first term opens connections and gives the post that the bare loop repeats.
    alone.renew(&mut errors).await?;
    let sample = fast.last().ok_or_else(|| anyhow!(words::say("load-webhooks-missing")))?;
    let loop_ = Bare { http, to: &fast, post: Arc::new(sample) };
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        rounds.posts.push(rate(loop_.posts(count, workers, &mut errors).await?));
        rounds.alone.push(alone.renew(&mut errors).await?.last().copied().map_or(0.0, rate));
        rounds.beside.push(beside.renew(&mut errors).await?.last().copied().map_or(0.0, rate));
    }
    let report = Report::new((webhooks, asked.concurrency), &rounds, &errors);
    Measured::new(&report, report.lines(), errors)
}

fn rate(tally: Tally) -> f64 {
    stats::rate(tally.posts, tally.took)
}

/// The bare loop.
struct Bare<'a> {
    http: Client,
    to: &'a Receiver,
    post: Arc<Request>,
}

impl Bare<'_> {
    /// So many posts, so many at a time.
    async fn posts(
        &self,
        posts: usize,
        workers: usize,
        errors: &mut Errors,
    ) -> anyhow::Result<Tally> {
        let (http, post, url) = (self.http.clone(), Arc::clone(&self.post), self.to.url().clone());
        let done = crowd::run("posts", posts, workers, move |_| {
            let (http, post, url) = (http.clone(), Arc::clone(&post), url.clone());
            async move {
                let lost = |error| web::unreachable(url.as_str(), error);
                let sent =
                    http.post(url.clone()).headers(post.headers.clone()).body(post.body.clone());
                let answer = sent.send().await.map_err(lost)?;
                let status = answer.status();
                // The body is read to its end so that the connection can be used again.
                answer.bytes().await.map_err(lost)?;
                if !status.is_success() {
                    bail!(words::tell("refused-bare", &[("status", status.as_str())]));
                }
                Ok(())
            }
        })
        .await?;
        errors.merge(done.errors);
        Ok(self.to.tally())
    }
}
