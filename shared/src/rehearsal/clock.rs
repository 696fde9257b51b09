//! A sandbox's clock.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::delivery::DeliverySummary;
use crate::clock::Instant;

/// A sandbox's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockState {
    /// The sandbox's time.
    pub now: Instant,
    /// Whether it stands.
    pub frozen: bool,
    /// The next thing that is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_event: Option<Due>,
}

/// Something that happens later, or happened during an advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// When, sandbox time.
    pub due_at: Instant,
    /// What, for example `pendingLimit`.
    pub kind: String,
    /// The subscription.
    pub subscription_id: String,
}

/// `POST …/clock/advance`: exactly one of `by`, `to` and `toNextEvent`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Advance {
    /// By an ISO 8601 duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// To an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
    /// To the next thing that is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_next_event: Option<bool>,
    /// Real milliseconds, 200 if absent, that a publisher gets to PATCH a change before its decision window closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<u32>,
}

/// The answer to an advance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Advanced {
    /// The clock before.
    pub from: Instant,
    /// The clock after.
    pub clock: ClockState,
    /// What became due on the way, in order.
    pub happened: Vec<Due>,
    /// The webhooks that were tried on the way, each as it stands now.
    pub deliveries: Vec<DeliverySummary>,
}
