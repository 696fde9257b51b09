//! Many clients at the same time: so many jobs done by so many workers, with what failed. Called by `load`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::interval};

use crate::term::Progress;

const SHOWN_EVERY: Duration = Duration::from_millis(200);

/// What a crowd did.
#[derive(Debug)]
pub struct Done<T> {
    /// What each job that went well gave, by its number.
    pub results: Vec<(usize, T)>,
    /// How long all of them took together.
    pub took: Duration,
    /// What failed.
    pub errors: Errors,
}

/// Failures: how many, by message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(BTreeMap<String, usize>);

/// Different messages that are kept apart; the rest is counted together.
const MESSAGES_AT_MOST: usize = 20;

impl Errors {
    /// Counts a failure that happened so many times, which may be none.
    pub fn add(&mut self, message: String, times: usize) {
        if times == 0 {
            return;
        }
        let is_new = !self.0.contains_key(&message);
        let message =
            if is_new && self.0.len() >= MESSAGES_AT_MOST { "…".to_owned() } else { message };
        *self.0.entry(message).or_default() += times;
    }

    /// Counts others' too.
    pub fn merge(&mut self, others: Self) {
        for (message, times) in others.0 {
            self.add(message, times);
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().sum()
    }

    /// The most frequent messages.
    #[must_use]
    pub fn first(&self, most: usize) -> Vec<(&str, usize)> {
        let mut told: Vec<(&str, usize)> = self.0.iter().map(|(m, n)| (m.as_str(), *n)).collect();
        told.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        told.truncate(most);
        told
    }
}

/// Lets `workers` workers do the jobs 0 to `jobs`, each taking the next one that is left.
///
/// The workers are tasks of their own so that they use all cores; this function waits for every one of them.
pub async fn run<T, W, F>(
    what: &str,
    jobs: usize,
    workers: usize,
    work: W,
) -> anyhow::Result<Done<T>>
where
    T: Send + 'static,
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut crowd = JoinSet::new();
    for _ in 0..workers.min(jobs) {
        crowd.spawn(one_worker(jobs, Arc::clone(&next), work.clone()));
    }
    let progress = Progress::new();
    let mut shown = interval(SHOWN_EVERY);
    let mut done =
        Done { results: Vec::with_capacity(jobs), took: Duration::ZERO, errors: Errors::default() };
    loop {
        tokio::select! {
            worker = crowd.join_next() => match worker {
                Some(worker) => {
                    let (results, errors) = worker?;
                    done.results.extend(results);
                    done.errors.merge(errors);
                }
                None => break,
            },
            _ = shown.tick() => {
                let taken = next.load(Ordering::Relaxed).min(jobs);
                progress.at(&format!("{what} {taken}/{jobs}"));
            }
        }
    }
    done.took = begun.elapsed();
    Ok(done)
}

async fn one_worker<T, W, F>(
    jobs: usize,
    next: Arc<AtomicUsize>,
    work: W,
) -> (Vec<(usize, T)>, Errors)
where
    W: Fn(usize) -> F,
    F: Future<Output = anyhow::Result<T>>,
{
    let mut results = Vec::new();
    let mut errors = Errors::default();
    loop {
        let job = next.fetch_add(1, Ordering::Relaxed);
        if job >= jobs {
            return (results, errors);
        }
        match work(job).await {
            Ok(result) => results.push((job, result)),
            Err(error) => errors.add(format!("{error:#}"), 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_job_is_done_once_and_failures_are_counted() {
        let work = async |job| if job % 10 == 3 { anyhow::bail!("no") } else { Ok(job) };
        let done = run("jobs", 100, 7, work).await.unwrap();
        let mut jobs: Vec<usize> = done.results.iter().map(|(job, _)| *job).collect();
        jobs.sort_unstable();
        assert_eq!(jobs, (0..100).filter(|job| job % 10 != 3).collect::<Vec<_>>());
        assert_eq!((done.errors.count(), done.errors.first(5)), (10, vec![("no", 10)]));
    }

    #[test]
    fn different_messages_do_not_grow_without_end() {
        let mut errors = Errors::default();
        errors.add("never".to_owned(), 0);
        (0..1_000).for_each(|n| errors.add(format!("error {n}"), 1));
        assert_eq!(errors.count(), 1_000);
        assert_eq!(errors.0.len(), MESSAGES_AT_MOST + 1);
        assert_eq!(errors.first(1), [("…", 980)]);
    }
}
