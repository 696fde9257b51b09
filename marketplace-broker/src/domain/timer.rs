//! What must happen later. Rows of `timers`; run by the timer worker and by `clock advance`, in order of instant.

use jiff::{SignedDuration, Timestamp};
use shared::ids::SubscriptionId;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKind {
    /// A purchase that nobody finished ends (C22, P-9).
    PendingLimit,
}

/// How long a purchase may wait for both confirmations (C22; P-9; for one key in: INFERRED, architecture.md).
pub const PENDING_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl TimerKind {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingLimit => "pendingLimit",
        }
    }
}

/// Something due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Grows with the order of making: what is due at one instant runs in this order.
    pub id: uuid::Uuid,
    /// When, sandbox time.
    pub due_at: Timestamp,
    /// What.
    pub kind: TimerKind,
    /// For which subscription.
    pub subscription_id: SubscriptionId,
}
