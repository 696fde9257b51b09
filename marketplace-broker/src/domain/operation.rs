//! Operations: changes of a subscription with an id of their own (fulfillment.md 2.2). So far only those that are
//! Succeeded at once. Called by the unsubscribe and expiry commands.

use jiff::Timestamp;
use shared::ids::{OperationId, SubscriptionId};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationAction {
    /// The subscription ends.
    Unsubscribe,
}

impl OperationAction {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsubscribe => "Unsubscribe",
        }
    }
}

/// Who started it (fulfillment.md 1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationSource {
    /// The customer or the marketplace.
    Azure,
}

impl OperationSource {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Azure => "Azure",
        }
    }
}

/// An operation that was Succeeded when it was made (notify-only: fulfillment.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// Of which subscription.
    pub subscription_id: SubscriptionId,
    /// What it does.
    pub action: OperationAction,
    /// Who started it.
    pub source: OperationSource,
    /// When, sandbox time.
    pub at: Timestamp,
}
