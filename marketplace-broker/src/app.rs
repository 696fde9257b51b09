//! What every handler shares. Made once by `server.rs`.

use std::sync::Arc;

use shared::{clock::Clock, entropy::Entropy, secret::Secret};

use crate::{http::hosts::Hosts, key_ring::KeyRing, store::Store, workers::journal::Exchanges};

/// The broker as its handlers see it. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The store.
    pub store: Store,
    /// Real time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// RS256 keys.
    pub keys: Arc<KeyRing>,
    /// Where exchanges go to be written.
    pub exchanges: Exchanges,
    /// The operator's bearer.
    pub control_token: Secret<String>,
    /// Names the control API may be called by.
    pub hosts: Hosts,
    /// Base of the bundled publisher, if there is one.
    pub publisher_url: Option<String>,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
