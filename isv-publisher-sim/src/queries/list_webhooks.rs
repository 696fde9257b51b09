//! What came to the webhooks' addresses of a sandbox, for the console.

use jiff::Timestamp;
use shared::ids::SandboxId;

use crate::{
    domain::{RefusedWebhook, Webhook},
    store::{Error, Store},
};

/// The most that are shown.
const LIST_MAX: usize = 200;

/// Something that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It was the marketplace's.
    Taken(Box<Webhook>),
    /// It was not, or the marketplace says something else.
    Refused(Box<RefusedWebhook>),
}

impl Arrival {
    /// When it came last, real time.
    fn received_at(&self) -> Timestamp {
        match self {
            Self::Taken(webhook) => webhook.received_at,
            Self::Refused(refused) => refused.received_at,
        }
    }
}

/// Everything that came, the newest first, at most 200.
pub async fn list_webhooks(store: &Store, sandbox: &SandboxId) -> Result<Vec<Arrival>, Error> {
    let taken = store.webhooks(sandbox).await?.into_iter().map(Box::new).map(Arrival::Taken);
    let refused = store.refused_webhooks(sandbox).await?.into_iter().map(Box::new);
    let mut all: Vec<_> = taken.chain(refused.map(Arrival::Refused)).collect();
    all.sort_by_key(|arrival| std::cmp::Reverse(arrival.received_at()));
    all.truncate(LIST_MAX);
    Ok(all)
}
