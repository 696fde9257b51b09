//! The end of a program. Called by each, before it starts anything.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ends when somebody asks the process to end: Ctrl-C or SIGTERM. Listening begins at the call, not at the await.
pub fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
