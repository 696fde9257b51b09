//! The journal of a sandbox.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::Instant;

/// `GET …/journal?after=`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Journal {
    /// In order.
    pub entries: Vec<JournalEntry>,
    /// Give it as `after` to go on; equal to the `after` that was asked for when there is nothing new.
    pub next: i64,
}

/// One thing that happened: a domain event, or an HTTP exchange.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Its place; rises, without gaps, in the order of the commits.
    pub sequence: i64,
    /// Sandbox time.
    pub at: Instant,
    /// `event` or `exchange`.
    pub kind: String,
    /// An event's name (`billingStarted`), or an exchange's (`resolve`).
    pub name: String,
    /// Who called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Who was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The subscription it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// Real milliseconds an exchange took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// The rest: what an event says; method, path, status, request id of an exchange.
    pub data: Value,
}
