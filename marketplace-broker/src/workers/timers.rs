//! The timer worker: waits for the next due instant of any running sandbox, or for a ring after a change, and runs
//! what is due. It takes no input: whoever rings, it looks what is due.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use shared::{entropy::Entropy, ids::SandboxId};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{IdSeed, Ran, RunDueTimers},
    store::{Failure, Store, next_due_real},
};

/// The longest wait: another broker on the same PostgreSQL may have set a timer without ringing here.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// The wait after a failure.
const WAIT_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Runs until it is stopped.
pub async fn run(store: Store, entropy: Arc<dyn Entropy>, stop: CancellationToken) {
    loop {
        // Registered before looking, so that no ring is lost.
        let ring = store.timers_changed().notified();
        let wait = match step(&store, entropy.as_ref()).await {
            Ok(next) => next.map_or(WAIT_MAX, |next| until(store.real_now(), next)),
            Err(failure) => {
                tracing::warn!(%failure, "timers wait");
                WAIT_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tokio::time::timeout(wait, ring) => {}
        }
    }
}

fn until(now: Timestamp, next: Timestamp) -> Duration {
    Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO).min(WAIT_MAX)
}

/// Runs everything that is due now; tells when the next thing is due, in real time.
async fn step(store: &Store, entropy: &dyn Entropy) -> Result<Option<Timestamp>, Failure> {
    loop {
        let (next, due) = next_due_real(&mut *store.read().await?, store.real_now()).await?;
        if due.is_empty() {
            return Ok(next);
        }
        let mut failed = None;
        for sandbox in due {
            // A sandbox that cannot go on does not stop the others.
            if let Err(failure) = run_sandbox(store, entropy, sandbox).await {
                failed.get_or_insert(failure);
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
    }
}

async fn run_sandbox(
    store: &Store,
    entropy: &dyn Entropy,
    sandbox: SandboxId,
) -> Result<(), Failure> {
    loop {
        let ids = IdSeed::new(entropy, store.real_now());
        let command = RunDueTimers { sandbox: sandbox.clone(), advance: None, ids };
        if store.execute_in_turn(command).await? == Ran::Done {
            return Ok(());
        }
    }
}
