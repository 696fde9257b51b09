//! What tests stand on: a world to call, callers named by who they are, answers that show themselves when they are
//! not as expected, processes, browsers, and the one place that waits. Used by every module of the suite.

pub mod answer;
pub mod browser;
pub mod callers;
#[expect(dead_code, reason = "the build script and `postgres` use the rest of it")]
#[expect(clippy::duplicate_mod, reason = "`postgres` is included by other crates, with its own")]
pub mod detect;
pub mod foreign_app;
pub mod keys;
pub mod pair;
pub mod partner;
pub mod postgres;
pub mod processes;
pub mod shop;
pub mod tls_stage;
pub mod visitor;
pub mod wait;
pub mod world;

pub use answer::{Answer, Ask};
pub use callers::{Anonymous, Operator, PublisherApp, people};
pub use world::{Bought, Db, World};
