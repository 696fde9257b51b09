//! What must happen later. Rows of `timers`; run by the timer worker and by `clock advance`, in order of instant.

use jiff::{SignedDuration, Timestamp};
use shared::ids::SubscriptionId;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerKind {
    /// A purchase that nobody finished ends (C22, P-9).
    PendingLimit,
    /// An activation that was received takes effect (fulfillment.md 1.3, 9).
    Activation,
    /// An operation that the publisher started is picked up (fulfillment.md 2.2).
    OperationStart,
    /// The publisher's time to refuse is over (C47).
    DecisionWindow,
    /// A webhook is tried again (C53).
    Redelivery,
    /// A suspension that nobody ended ends the subscription (C56).
    SuspendedLimit,
    /// The term is over (S13 to S15 of fulfillment.md 2.1).
    TermEnd,
}

/// How long a purchase may wait for both confirmations (C22; P-9; for one key in: INFERRED, architecture.md).
pub const PENDING_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long an activation takes where it does not take effect at once: 'some minutes' (fulfillment.md 1.3; the number
/// is ours).
pub const ACTIVATION_DELAY: SignedDuration = SignedDuration::from_secs(120);
/// How long a suspension may last (C56).
pub const SUSPENDED_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl TimerKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PendingLimit,
        Self::Activation,
        Self::OperationStart,
        Self::DecisionWindow,
        Self::Redelivery,
        Self::SuspendedLimit,
        Self::TermEnd,
    ];

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingLimit => "pendingLimit",
            Self::Activation => "activation",
            Self::OperationStart => "operationStart",
            Self::DecisionWindow => "decisionWindow",
            Self::Redelivery => "redelivery",
            Self::SuspendedLimit => "suspendedLimit",
            Self::TermEnd => "termEnd",
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

/// What a change means for the timers of its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerChange {
    /// Set one; another of its kind is void.
    Set(TimerKind, Timestamp),
    /// Those of a kind are void.
    Void(TimerKind),
}
