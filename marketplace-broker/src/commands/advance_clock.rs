//! A sandbox's clock goes forward, instant by instant, and stops at each for what is due there. Each instant commits
//! on its own: an advance that is cut off has moved the clock to where it came, and may be asked for again.
//! Called by `http/rehearsal/clock`.

use jiff::{Span, Timestamp, tz::TimeZone};
use shared::ids::SandboxId;

use super::{Ran, RunDueTimers};
use crate::{
    domain::{refusal::Refusal, sandbox::check_advance, timer::Timer},
    store::{Failure, Store, first_due, sandbox_clock},
};

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
}

/// Advances the clock of `sandbox` to `target`.
pub async fn advance(
    store: &Store,
    sandbox: &SandboxId,
    target: &Target,
) -> Result<Advanced, Failure> {
    let (from, to) = resolve(store, sandbox, target).await?;
    let mut happened = Vec::new();
    loop {
        let command = RunDueTimers { sandbox: sandbox.clone(), advance: Some((from, to)) };
        match store.execute_in_turn(command).await? {
            Ran::Page(timers) => happened.extend(timers),
            Ran::Done => return Ok(Advanced { from, happened }),
        }
    }
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
