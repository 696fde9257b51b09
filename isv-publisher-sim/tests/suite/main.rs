//! The publisher over HTTP against a stand-in for the marketplace: its pages, its webhooks, and what goes wrong.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong in a test shall be loud"
)]

mod behavior;
mod refusals;
mod sign_in;
mod steps;
mod story;
mod support;
mod webhooks;
