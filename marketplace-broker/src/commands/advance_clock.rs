//! A sandbox's clock goes forward, instant by instant, and stops at each for what is due there. Each instant commits
//! on its own: an advance that is cut off has moved the clock to where it came, and may be asked for again.
//! Called by `http/rehearsal/clock`.

use std::time::Duration;

use jiff::{Span, Timestamp, tz::TimeZone};
use shared::{entropy::Entropy, ids::SandboxId};

use super::{IdSeed, Ran, RunDueTimers};
use crate::{
    domain::{
        delivery::Delivery,
        refusal::Refusal,
        sandbox::check_advance,
        timer::{Timer, TimerKind},
    },
    store::{Failure, Store, deliveries_tried, deliveries_under_way, first_due, sandbox_clock},
};

/// How long a publisher gets, real time, to PATCH a change before its decision window closes, unless asked otherwise.
pub const SETTLE: Duration = Duration::from_millis(200);
/// The longest it may get.
pub const SETTLE_MAX: Duration = Duration::from_secs(60);
/// How long to wait for a commit before looking again: another broker may have made it.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Deliveries that an answer lists.
const LISTED_MAX: i64 = 1_000;

/// How far to go.
#[derive(Debug, Clone)]
pub enum Target {
    /// By a calendar duration, in UTC.
    By(Span),
    /// To an instant.
    To(Timestamp),
    /// To the next thing that is due.
    NextEvent,
}

/// How far it went.
#[derive(Debug)]
pub struct Advanced {
    /// The clock before.
    pub from: Timestamp,
    /// What became due on the way, in order.
    pub happened: Vec<Timer>,
    /// The webhooks that were tried on the way.
    pub deliveries: Vec<Delivery>,
}

/// Advances the clock of `sandbox` to `target`. While a webhook is on its way the clock stands; a publisher gets
/// `settle` to PATCH a change before its window closes.
pub async fn advance(
    store: &Store,
    entropy: &dyn Entropy,
    sandbox: &SandboxId,
    (target, settle): (&Target, Duration),
) -> Result<Advanced, Failure> {
    let (from, to) = resolve(store, sandbox, target).await?;
    let mut happened = Vec::new();
    let mut settled = None;
    loop {
        until_quiet(store, sandbox).await?;
        let_decide(store, sandbox, (to, settle), &mut settled).await?;
        let ids = IdSeed::new(entropy, store.real_now());
        let command = RunDueTimers { sandbox: sandbox.clone(), advance: Some((from, to)), ids };
        match store.execute_in_turn(command).await? {
            Ran::Page(timers) => happened.extend(timers),
            Ran::Done => break,
        }
    }
    until_quiet(store, sandbox).await?;
    let mut conn = store.read().await?;
    let deliveries = deliveries_tried(&mut conn, sandbox, from, LISTED_MAX).await?;
    Ok(Advanced { from, happened, deliveries })
}

/// Waits until no webhook of the sandbox is on its way. Those that are held back are not waited for.
async fn until_quiet(store: &Store, sandbox: &SandboxId) -> Result<(), Failure> {
    loop {
        let commit = store.outbox().any_commit();
        if !deliveries_under_way(&mut *store.read().await?, sandbox).await? {
            return Ok(());
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, commit).await;
    }
}

/// Before the windows of an instant close: waits until they are decided, `settle` at most and once an instant.
async fn let_decide(
    store: &Store,
    sandbox: &SandboxId,
    (to, settle): (Timestamp, Duration),
    settled: &mut Option<Timestamp>,
) -> Result<(), Failure> {
    let decided = async {
        loop {
            let commit = store.outbox().any_commit();
            let closing = closing_window(store, sandbox, to).await?;
            if closing.is_none() || closing == *settled {
                return Ok(());
            }
            commit.await;
        }
    };
    if let Ok(ended) = tokio::time::timeout(settle, decided).await {
        return ended;
    }
    *settled = closing_window(store, sandbox, to).await?;
    Ok(())
}

/// The instant that is due next, if a decision window closes then.
async fn closing_window(
    store: &Store,
    sandbox: &SandboxId,
    to: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let first = first_due(&mut *store.read().await?, sandbox).await?;
    let closes = |timer: &Timer| timer.kind == TimerKind::DecisionWindow && timer.due_at <= to;
    Ok(first.filter(closes).map(|timer| timer.due_at))
}

/// Where the clock is, and where it shall go.
async fn resolve(
    store: &Store,
    sandbox: &SandboxId,
    target: &Target,
) -> Result<(Timestamp, Timestamp), Failure> {
    let mut conn = store.read().await?;
    let clock = sandbox_clock(&mut conn, sandbox).await?;
    let clock = clock.ok_or_else(|| Refusal::unknown("Sandbox", sandbox))?;
    let now = clock.at(store.real_now());
    let to = match target {
        Target::To(to) => *to,
        Target::By(span) => {
            let too_far = || Refusal::field("by", "that is further than a clock can go");
            now.to_zoned(TimeZone::UTC).checked_add(*span).map_err(|_| too_far())?.timestamp()
        }
        Target::NextEvent => {
            let first = first_due(&mut conn, sandbox).await?;
            let nothing = || Refusal::NotReady("nothing is due in this sandbox".to_owned());
            first.ok_or_else(nothing)?.due_at.max(now)
        }
    };
    check_advance(now, to)?;
    Ok((now, to))
}
