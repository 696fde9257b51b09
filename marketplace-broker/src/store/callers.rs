//! Callers that were looked up, remembered until a clock, a policy, a publisher or a partner changes. Every request on the
//! publisher and the partner face asks for its caller; on SQLite this process makes every change itself, so it knows when a memory is stale. On
//! PostgreSQL another broker may make one: there nothing is remembered.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use shared::ids::ClientId;

use super::{Failure, PartnerApp, PublisherApp, Store, app_of_client, partner_app_of_client};

/// Apps remembered at most; then all are forgotten.
const REMEMBERED_MAX: usize = 4_096;

/// Remembered apps, each with the generation it was read in.
#[derive(Debug, Default)]
pub(super) struct Callers {
    generation: AtomicU64,
    publishers: Memory<PublisherApp>,
    partners: Memory<PartnerApp>,
}

/// Apps of one kind.
#[derive(Debug)]
struct Memory<T>(Mutex<HashMap<ClientId, (u64, Arc<T>)>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memory<T> {
    /// What was read in this generation.
    fn get(&self, client: ClientId, generation: u64) -> Option<Arc<T>> {
        let apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, app) = apps.get(&client).filter(|(read_in, _)| *read_in == generation)?;
        Some(app.clone())
    }

    fn put(&self, client: ClientId, generation: u64, app: Arc<T>) {
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if apps.len() >= REMEMBERED_MAX {
            apps.clear();
        }
        apps.insert(client, (generation, app));
    }
}

impl Callers {
    /// A clock, a policy, a publisher or a partner has changed: what was read before does not count any more.
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
        if let Some(app) = callers.publishers.get(client, generation) {
            return Ok(Some(app));
        }
        let found = app_of_client(&mut *self.read().await?, client).await?.map(Arc::new);
        if let Some(app) = &found {
            callers.publishers.put(client, generation, app.clone());
        }
        Ok(found)
    }

    /// The partner's app with this client id, as it is after the last commit.
    pub async fn partner_caller(
        &self,
        client: ClientId,
    ) -> Result<Option<Arc<PartnerApp>>, Failure> {
        let Some(callers) = &self.callers else {
            return Ok(partner_app_of_client(&mut *self.read().await?, client)
                .await?
                .map(Arc::new));
        };
        let generation = callers.generation.load(Ordering::SeqCst);
        if let Some(app) = callers.partners.get(client, generation) {
            return Ok(Some(app));
        }
        let found = partner_app_of_client(&mut *self.read().await?, client).await?.map(Arc::new);
        if let Some(app) = &found {
            callers.partners.put(client, generation, app.clone());
        }
        Ok(found)
    }
}
