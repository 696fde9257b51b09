//! What goes on without being asked: due timers, and exchanges on their way to the journal. Started and awaited by
//! `server.rs`; safe to run twice.

pub mod deliver_webhook;
pub mod journal;
pub mod timers;

use shared::ids::SandboxId;

/// The sandbox that exists from the first start and is never deleted.
#[expect(clippy::expect_used, reason = "a constant that parses")]
pub fn default_sandbox() -> SandboxId {
    "default".parse().expect("a sandbox id")
}
