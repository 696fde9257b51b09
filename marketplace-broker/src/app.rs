//! What every handler shares. Made once by `server.rs`.

use std::sync::Arc;

use shared::{
    clock::Clock,
    entropy::{Entropy, ordered_uuid},
    ids::OperationId,
    secret::Secret,
};

use crate::{
    commands::IdSeed,
    http::{FreshTokens, Rates, hosts::Hosts, observe::RequestIds},
    key_ring::KeyRing,
    store::Store,
    workers::journal::Exchanges,
};

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
    /// Bearers that were signed a moment ago.
    pub fresh_tokens: FreshTokens,
    /// How often partners have called in the present minute.
    pub partner_rates: Rates,
    /// How often each publisher's tenant has called, where a quirk counts it.
    pub publisher_rates: Rates,
    /// Where exchanges go to be written.
    pub exchanges: Exchanges,
    /// The operator's bearer.
    pub control_token: Secret<String>,
    /// Names the control API may be called by.
    pub hosts: Hosts,
    /// What the account picker asks for first; `None` on loopback.
    pub access_code: Option<Secret<String>>,
    /// Base of the bundled publisher, if there is one.
    pub publisher_url: Option<String>,
    /// Whether bearers are believed unseen: while the cost of the look is measured.
    pub unverified_bearers: bool,
    /// Where others reach us, if it is set; no slash at the end.
    pub public_url: Option<String>,
    /// Where we listen.
    pub own_url: String,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What a command names new things from.
    pub fn id_seed(&self) -> IdSeed {
        IdSeed::new(self.entropy.as_ref(), self.clock.now())
    }

    /// The id of an operation that a request starts: the request's own where its sender gave it none (C34).
    pub fn operation_id(&self, ids: &RequestIds) -> OperationId {
        let made = || ordered_uuid(self.entropy.as_ref(), self.clock.now());
        OperationId(ids.own.unwrap_or_else(made))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
