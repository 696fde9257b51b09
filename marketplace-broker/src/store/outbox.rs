//! Whose webhooks became ready, told after each commit to those who send them and to those who wait for them to be
//! sent. A memory of this process only: what is ready stands in the database.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use tokio::sync::{Notify, futures::Notified};

use super::Lane;

/// Rung after commits.
#[derive(Debug, Default)]
pub struct Outbox {
    ready: Mutex<BTreeSet<Lane>>,
    woken: Notify,
    committed: Notify,
}

impl Outbox {
    /// A commit made webhooks of these lanes ready.
    pub(super) fn committed(&self, lanes: BTreeSet<Lane>) {
        self.committed.notify_waiters();
        self.wake(lanes);
    }

    /// These lanes have something to send.
    pub fn wake(&self, lanes: impl IntoIterator<Item = Lane>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.extend(lanes);
        if !ready.is_empty() {
            self.woken.notify_one();
        }
    }

    /// The lanes that were woken since the last time; waits for nothing.
    pub fn take(&self) -> BTreeSet<Lane> {
        std::mem::take(&mut *self.ready.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rung when a lane is woken.
    pub fn woken(&self) -> Notified<'_> {
        self.woken.notified()
    }

    /// Rung after every commit.
    pub fn any_commit(&self) -> Notified<'_> {
        self.committed.notified()
    }
}
