//! Calls that leave the house. Called by `http` and the workers.

pub mod authority;
mod exchange;
mod keys;
pub mod marketplace;
mod memory;
mod operations;
pub mod reading;
mod setup;
mod usage;

pub use exchange::Trouble;
pub use keys::TokenTrouble;
pub use marketplace::Marketplace;
