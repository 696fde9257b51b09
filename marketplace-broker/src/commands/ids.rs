//! Ids that a command makes on its way. They are drawn from a seed that the command carries, so that a second run
//! draws the same ones. Called by commands.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use shared::{
    entropy::{self, Entropy},
    ids::OperationId,
};
use uuid::Uuid;

/// What ids are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct IdSeed {
    seed: [u8; 32],
    made_at: Timestamp,
}

impl IdSeed {
    /// A fresh seed; `now` is the real time, which the ids grow with.
    #[must_use]
    pub fn new(entropy: &dyn Entropy, now: Timestamp) -> Self {
        Self { seed: entropy::seed(entropy), made_at: now }
    }

    /// The ids of one run.
    #[must_use]
    pub fn ids(&self) -> Ids {
        Ids { from: *self, drawn: 0 }
    }
}

/// Draws ids, each greater than the one before it.
#[derive(Debug)]
pub struct Ids {
    from: IdSeed,
    drawn: u16,
}

impl Ids {
    /// The next id.
    pub fn draw(&mut self) -> Uuid {
        let [high, low] = self.drawn.to_be_bytes();
        let hash = Sha256::new().chain_update(self.from.seed).chain_update([high, low]).finalize();
        let mut random = [0; 10];
        random.copy_from_slice(&hash[..10]);
        // The first twelve bits after the time are the counter: what one command makes is in order.
        (random[0], random[1]) = (high, low);
        self.drawn = self.drawn.wrapping_add(1);
        let millis = u64::try_from(self.from.made_at.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// The next id, for an operation.
    pub fn operation(&mut self) -> OperationId {
        OperationId(self.draw())
    }
}

#[cfg(test)]
mod tests {
    use shared::entropy::SystemEntropy;

    use super::*;

    #[test]
    fn ids_grow_and_a_second_run_draws_the_same() {
        let seed = IdSeed::new(&SystemEntropy, Timestamp::UNIX_EPOCH);
        let draw = || {
            let mut ids = seed.ids();
            (0..300).map(|_| ids.draw()).collect::<Vec<_>>()
        };
        let ids = draw();
        assert!(ids.is_sorted());
        assert_eq!(ids, draw());
        let other = IdSeed::new(&SystemEntropy, Timestamp::UNIX_EPOCH).ids().draw();
        assert_ne!(ids[0], other);
    }
}
