//! Waiting for what another task or process does: the only place of the workspace's tests that may poll.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::Anonymous;

/// Long enough for the slowest machine; a test that gets here has found something.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two looks.
const TICK: Duration = Duration::from_millis(10);

/// Looks until there is something to see; panics with `what` when time is up.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    match timeout_at(Instant::now() + LIMIT, looking).await {
        Ok(seen) => seen,
        Err(_) => panic!("waited {LIMIT:?} for {what}"),
    }
}

/// Waits until a service says that it is ready: its database answers, and its keys are there.
pub async fn until_ready(url: &str) {
    let anon = Anonymous::new(url);
    until(&format!("{url} to be ready"), async || {
        (anon.get("/health/ready").await.status == 200).then_some(())
    })
    .await;
}
