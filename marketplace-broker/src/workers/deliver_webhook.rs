//! The outbox worker: sends webhooks, a lane for each publisher, so that nobody waits for another's slow app. A lane
//! takes what is ready with a lease, sends side by side, and stores what came of it together with taking the next.
//! It takes no input: whoever wakes it, it looks what is ready. Safe to run twice (docs/decisions/0008).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use shared::{
    clock::Clock,
    entropy::{Entropy, random_uuid},
    ids::SandboxId,
    webhook_signature::SignatureKey,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    clients::{
        publisher::{Publisher as Receiver, in_short},
        webhook::{self, Tokens},
    },
    commands::{Attempted, IdSeed, SendDeliveries},
    domain::{
        delivery::{Departure, Outcome, Taken},
        party::Publisher,
        sandbox::SandboxClock,
    },
    store::{Failure, Lane, Store, lanes_with_work, publisher, sandbox_clock},
};

/// Webhooks that are sent to one publisher at a time.
const AT_ONCE: usize = 64;
/// Webhooks of one publisher that are taken at a time: while some are stored, others are sent.
const TAKEN: usize = 2 * AT_ONCE;
/// The same for a publisher that answers quickly: a commit for many costs little more than one for few.
const TAKEN_MAX: usize = 16 * AT_ONCE;
/// What arrived is stored so many at a time: a part of what is taken, so that others are sent meanwhile.
const STORED_MAX: usize = TAKEN_MAX / 4;
/// An answer within this is quick.
const QUICK_US: i64 = 250_000;
/// A lease, in time limits of an attempt.
const LEASE: u32 = 3;
/// The longest wait: another broker on the same PostgreSQL may have left something.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// How long webhooks that are under way may take to end when the broker stops.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// The wait after a failure.
const WAIT_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the worker works with. Cheap to clone.
#[derive(Clone)]
pub struct Post(Arc<Parts>);

/// The parts of [`Post`].
pub struct Parts {
    /// The store.
    pub store: Store,
    /// Real time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Tokens of webhooks.
    pub tokens: Tokens,
    /// Posts to URLs that people have typed: every address is looked at.
    pub receiver: Arc<dyn Receiver>,
    /// Posts to the bundled publisher, whose URL is a setting of the broker: it may be on a private network.
    pub bundled_receiver: Arc<dyn Receiver>,
    /// How long one attempt may take.
    pub time_limit: Duration,
    /// Base of the bundled publisher, if there is one.
    pub bundled_publisher: Option<String>,
}

impl Post {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

/// Runs until it is stopped; then what is under way gets [`STOP_LIMIT`] to end.
pub async fn run(post: Post, stop: CancellationToken) {
    let mut lanes = JoinSet::new();
    let mut running: BTreeMap<Lane, Arc<Notify>> = BTreeMap::new();
    let mut again = BTreeSet::new();
    let mut look_at = Timestamp::MIN;
    loop {
        // Registered before looking, so that no ring is lost.
        let ring = post.0.store.outbox().woken();
        if look_at <= post.0.clock.now() {
            look_at = look(&post).await;
        }
        for lane in post.0.store.outbox().take() {
            if let Some(ring) = running.get(&lane) {
                ring.notify_one();
                again.insert(lane); // it may just have found nothing more
                continue;
            }
            let ring = Arc::new(Notify::new());
            running.insert(lane.clone(), ring.clone());
            lanes.spawn(run_lane(post.clone(), lane, ring, stop.clone()));
        }
        let wait = until(post.0.clock.now(), look_at);
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = lanes.join_next(), if !lanes.is_empty() => {
                if let Ok(lane) = ended {
                    running.remove(&lane);
                    if again.remove(&lane) {
                        post.0.store.outbox().wake([lane]);
                    }
                } else {
                    running.clear(); // one broke; whoever has work is found by looking
                    look_at = after(post.0.clock.now(), WAIT_AFTER_FAILURE);
                }
            }
            _ = tokio::time::timeout(wait, ring) => {}
        }
    }
    while lanes.join_next().await.is_some() {}
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO).min(WAIT_MAX)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Wakes every lane that has something nobody sends; tells when to look again.
async fn look(post: &Post) -> Timestamp {
    let now = post.0.clock.now();
    let found = async { lanes_with_work(&mut *post.0.store.read().await?, now).await }.await;
    match found {
        Ok((lanes, lease_ends)) => {
            post.0.store.outbox().wake(lanes);
            // A lease that has just ended is looked at a moment later.
            let soon = after(now, Duration::from_millis(5));
            after(now, WAIT_MAX).min(lease_ends.map_or(Timestamp::MAX, |ends| ends.max(soon)))
        }
        Err(failure) => {
            tracing::warn!(%failure, "webhooks wait");
            after(now, WAIT_AFTER_FAILURE)
        }
    }
}

/// Sends what a lane has, until it has nothing more.
async fn run_lane(post: Post, lane: Lane, ring: Arc<Notify>, stop: CancellationToken) -> Lane {
    let by = random_uuid(post.0.entropy.as_ref());
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending: JoinSet<Option<Attempted>> = JoinSet::new();
    let mut finished: Arc<Vec<Attempted>> = Arc::default();
    let mut taken_max = TAKEN;
    let mut cut = std::pin::pin!(stopped_for(&stop, STOP_LIMIT));
    loop {
        let free = if stop.is_cancelled() { 0 } else { taken_max.saturating_sub(sending.len()) };
        let turn = SendDeliveries {
            lane: lane.clone(),
            by,
            lease: post.0.time_limit * LEASE,
            finished: finished.clone(),
            take: i64::try_from(free).unwrap_or(0),
            ids: IdSeed::new(post.0.entropy.as_ref(), post.0.clock.now()),
        };
        if let Err(failure) = turn_lane(&post, &lane, turn, (&at_once, &mut sending)).await {
            // What was sent is kept, and stored when the database is back.
            tracing::warn!(%failure, publisher = %lane.publisher, "webhooks wait");
            let stopped = tokio::time::timeout(WAIT_AFTER_FAILURE, stop.cancelled()).await;
            if stopped.is_ok() {
                return lane;
            }
            continue;
        }
        let mut ended = Vec::new();
        tokio::select! {
            first = sending.join_next() => match first {
                Some(first) => ended.extend(first.ok().flatten()),
                None => return lane,
            },
            () = ring.notified() => {} // something new: it does not wait for what is slow
            () = &mut cut => return lane, // cut off; sent again after the start
        }
        // What has consequences is stored one by one: not too many in one transaction.
        let stored_together = |ended: &[Attempted]| ended.iter().all(Attempted::just_arrived);
        while ended.len() < TAKEN || (ended.len() < STORED_MAX && stored_together(&ended)) {
            let Some(next) = sending.try_join_next() else { break };
            ended.extend(next.ok().flatten());
        }
        let quick = ended.iter().all(|attempt| attempt.took_us < QUICK_US);
        taken_max = if quick { TAKEN_MAX } else { TAKEN };
        finished = Arc::new(ended);
    }
}

/// Ends when it was told to stop and `limit` has passed since.
async fn stopped_for(stop: &CancellationToken, limit: Duration) {
    stop.cancelled().await;
    let _ = tokio::time::timeout(limit, std::future::pending::<()>()).await;
}

/// Stores what was sent, takes what is next, and begins to send it.
async fn turn_lane(
    post: &Post,
    lane: &Lane,
    turn: SendDeliveries,
    (at_once, sending): (&Arc<Semaphore>, &mut JoinSet<Option<Attempted>>),
) -> Result<(), Failure> {
    let taken = post.0.store.execute_in_turn(turn).await?;
    if taken.is_empty() {
        return Ok(());
    }
    let destination = Arc::new(destination(post, lane).await);
    let taken_at = Instant::now();
    for delivery in taken {
        let (post, at_once) = (post.clone(), at_once.clone());
        let destination = destination.clone();
        sending.spawn(async move {
            let _place = at_once.acquire_owned().await;
            // What can no longer end within its lease is left to whoever takes it next.
            let in_time = taken_at.elapsed() <= post.0.time_limit * (LEASE - 1);
            if in_time { Some(send(&post, &destination, delivery).await) } else { None }
        });
    }
    Ok(())
}

/// Where the webhooks of a lane go, as its settings are now.
struct Destination {
    lane: Lane,
    clock: SandboxClock,
    /// Or what came of trying to find out.
    to: Result<Address, Outcome>,
}

/// Where they are sent.
struct Address {
    publisher: Publisher,
    url: Url,
    /// The URL as people may see it.
    shown: String,
}

async fn destination(post: &Post, lane: &Lane) -> Destination {
    let found = async {
        let mut conn = post.0.store.read().await?;
        let clock = sandbox_clock(&mut conn, &lane.sandbox).await?;
        let publisher = publisher(&mut conn, &lane.sandbox, &lane.publisher).await?;
        Ok::<_, Failure>((clock, publisher))
    };
    let standing = SandboxClock::showing(post.0.clock.now(), post.0.clock.now(), false);
    let (clock, to) = match found.await {
        Ok((Some(clock), Some(publisher))) => {
            let url = publisher.webhook(&lane.sandbox, post.0.bundled_publisher.as_deref());
            let none = || {
                Outcome::NoWebhook(format!(
                    "publisher {} has no webhook; set webhookUrl with PUT \
                     /rehearsal/v1/sandboxes/{}/publishers/{}",
                    lane.publisher, lane.sandbox, lane.publisher
                ))
            };
            (clock, url.ok_or_else(none).and_then(|url| address(publisher, &url)))
        }
        Ok(_) => (standing, Err(Outcome::NoWebhook("the publisher is gone".to_owned()))),
        Err(failure) => {
            tracing::warn!(%failure, publisher = %lane.publisher, "a webhook's settings cannot be read");
            let reason = "the broker could not read the publisher's settings";
            (standing, Err(Outcome::Unanswered(reason.to_owned())))
        }
    };
    Destination { lane: lane.clone(), clock, to }
}

fn address(publisher: Publisher, url: &str) -> Result<Address, Outcome> {
    let no_url = |_| Outcome::Unanswered("the webhook's URL is no URL".to_owned());
    Ok(Address { publisher, url: Url::parse(url).map_err(no_url)?, shown: shown_url(url) })
}

/// One attempt.
async fn send(post: &Post, destination: &Destination, delivery: Taken) -> Attempted {
    let began = Instant::now();
    let real_now = post.0.clock.now();
    let at = destination.clock.at(real_now);
    let (url, request_headers, outcome) = match &destination.to {
        Ok(address) => {
            let sandbox = &destination.lane.sandbox;
            let (headers, outcome) =
                exchange(post, (sandbox, address), &delivery, (at, real_now)).await;
            (address.shown.clone(), headers, outcome)
        }
        Err(outcome) => (String::new(), "{}".to_owned(), outcome.clone()),
    };
    let in_short = in_short(&outcome);
    let took = began.elapsed();
    metrics::histogram!("broker_webhook_seconds").record(took.as_secs_f64());
    tracing::info!(
        sandbox = %destination.lane.sandbox, publisher = %destination.lane.publisher,
        subscription.id = %delivery.subscription_id, operation.id = %delivery.operation_id,
        action = delivery.action.name(), outcome = in_short, took_ms = took.as_millis(), "webhook",
    );
    Attempted {
        delivery,
        at,
        url,
        took_us: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
        request_headers,
        in_short,
        outcome,
    }
}

/// A URL without its query: some receivers have their key there.
fn shown_url(url: &str) -> String {
    url.split_once('?').map_or_else(|| url.to_owned(), |(path, _)| format!("{path}?…"))
}

async fn exchange(
    post: &Post,
    (sandbox, Address { publisher, url, .. }): (&SandboxId, &Address),
    delivery: &Taken,
    now: (Timestamp, Timestamp),
) -> (String, Outcome) {
    let unsent = |reason: &str| ("{}".to_owned(), Outcome::Unanswered(reason.to_owned()));
    let what = (delivery.action, &delivery.notice);
    let Some(body) = webhook::body(delivery.operation_id, delivery.subscription_id, what) else {
        return unsent("the webhook cannot be written");
    };
    let Ok(token) = post.0.tokens.token(sandbox, publisher, now.1).await else {
        return unsent("the webhook's token cannot be signed");
    };
    let key = publisher.webhook_secret.as_ref();
    let key = key.and_then(|secret| SignatureKey::parse(secret.expose()));
    let is_bare = delivery.notice.departs(Departure::NoBearer);
    let token = Some(&token).filter(|_| !is_bare);
    let headers = webhook::headers(delivery.operation_id, (token, key.as_ref()), &body, now);
    let shown = webhook::shown(&headers);
    let receiver = match publisher.webhook_url {
        Some(_) => &post.0.receiver,
        None => &post.0.bundled_receiver,
    };
    (shown, receiver.post(url, headers, body).await)
}
