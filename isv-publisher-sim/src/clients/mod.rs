//! Calls that leave the house. Called by `http` and the workers.

mod exchange;
pub mod marketplace;

pub use exchange::Trouble;
pub use marketplace::Marketplace;
