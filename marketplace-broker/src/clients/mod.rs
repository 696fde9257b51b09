//! Calls that the broker makes: webhooks to publishers, and nothing else. Called by workers.

pub mod addresses;
pub mod publisher;
pub mod webhook;
