//! Work that no request waits for. Each worker looks at the database, acts and records; it may run twice, and a crash
//! loses nothing. Started by `server`.

pub mod auto;
mod operations;
pub mod outbox;
pub mod usage;

use std::time::Duration;

use jiff::SignedDuration;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

/// Waits until something changed or `at_most` is over. False: it is time to stop.
async fn pause(
    changes: &mut watch::Receiver<u64>,
    at_most: Duration,
    stop: &CancellationToken,
) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        _ = timeout(at_most, changes.changed()) => true,
    }
}

/// A pause of the calendar as one of the runtime; nothing is waited for in the past.
fn real(pause: SignedDuration) -> Duration {
    Duration::try_from(pause).unwrap_or_default()
}
