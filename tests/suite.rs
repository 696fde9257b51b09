//! Every black-box test of the workspace, in one binary: over HTTP, against services on free ports. `support` is what
//! they stand on; `tidy` holds the rules of the house.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "what goes wrong in a test shall be loud, and a story is told in one piece"
)]

mod contract;
mod journeys;
mod portal;
mod reliability;
mod security;
mod seed;
mod support;
mod tidy;
