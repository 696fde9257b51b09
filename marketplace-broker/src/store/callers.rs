//! Callers that were looked up, remembered until a clock, a policy or a publisher changes. Every request on the publisher face
//! asks for its caller; on SQLite this process makes every change itself, so it knows when a memory is stale. On
//! PostgreSQL another broker may make one: there nothing is remembered.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use shared::ids::ClientId;

use super::{Failure, PublisherApp, Store, app_of_client};

/// Apps remembered at most; then all are forgotten.
const REMEMBERED_MAX: usize = 4_096;

/// Remembered apps, each with the generation it was read in.
#[derive(Debug, Default)]
pub(super) struct Callers {
    generation: AtomicU64,
    apps: Mutex<HashMap<ClientId, (u64, Arc<PublisherApp>)>>,
}

impl Callers {
    /// A clock, a policy or a publisher has changed: what was read before does not count any more.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

impl Store {
    /// The publisher's app with this client id, as it is after the last commit.
    pub async fn caller(&self, client: ClientId) -> Result<Option<Arc<PublisherApp>>, Failure> {
        let Some(callers) = &self.callers else {
            return Ok(app_of_client(&mut *self.read().await?, client).await?.map(Arc::new));
        };
        // Read before looking: a change in between makes what is found stale, not what is remembered.
        let generation = callers.generation.load(Ordering::SeqCst);
        let known =
            callers.apps.lock().unwrap_or_else(PoisonError::into_inner).get(&client).cloned();
        if let Some((read_in, app)) = known
            && read_in == generation
        {
            return Ok(Some(app));
        }
        let found = app_of_client(&mut *self.read().await?, client).await?.map(Arc::new);
        if let Some(app) = &found {
            let mut apps = callers.apps.lock().unwrap_or_else(PoisonError::into_inner);
            if apps.len() >= REMEMBERED_MAX {
                apps.clear();
            }
            apps.insert(client, (generation, app.clone()));
        }
        Ok(found)
    }
}
