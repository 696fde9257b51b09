//! Webhooks on their way: each delivery with every attempt (interface.md, deliveries).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{clock::Instant, fulfillment::OperationAction, objects::not_null};

/// `GET /sandboxes/{s}/deliveries?after=&subscriptionId=`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deliveries {
    /// In the order they were made; at most 1,000.
    pub deliveries: Vec<DeliverySummary>,
    /// Give it as `after` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_after: Option<String>,
}

/// One webhook, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliverySummary {
    /// Its id: that of the operation it tells of, and the `id` in its body.
    pub id: String,
    /// Of which subscription.
    pub subscription_id: String,
    /// To whom.
    pub publisher_id: String,
    /// What it tells.
    pub action: OperationAction,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: i64,
    /// When it was made, sandbox time.
    pub created_at: Instant,
    /// When it is tried again, sandbox time; only while `retrying`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Instant>,
    /// How the last attempt went, in short: `200 OK`, `no answer in 10 s`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_outcome: Option<String>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// On its way, or about to be.
    Sending,
    /// Waits for an earlier one of the same subscription.
    Behind,
    /// Failed, and will be tried again.
    Retrying,
    /// The publisher answered 2xx.
    Acknowledged,
    /// The publisher answered 4xx to a change: it is refused.
    Rejected,
    /// Failed 500 times after the first: given up.
    GivenUp,
    /// Its operation ended before it arrived: by a PATCH, or by a cancellation or suspension that overtook it.
    Superseded,
}

/// `GET /sandboxes/{s}/deliveries/{id}`: one webhook, whole.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// In short.
    #[serde(flatten)]
    pub summary: DeliverySummary,
    /// What is sent.
    #[schema(value_type = Object)]
    pub body: Value,
    /// Every attempt, in order; the newest 1,000.
    pub tries: Vec<DeliveryAttempt>,
}

/// One attempt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// From 1.
    pub number: i64,
    /// When, sandbox time.
    pub at: Instant,
    /// Real milliseconds it took.
    pub took_ms: f64,
    /// Where it went.
    pub url: String,
    /// Headers that were sent; Authorization and signatures are masked.
    pub request_headers: BTreeMap<String, String>,
    /// What came back, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<DeliveryAnswer>,
    /// Why nothing came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What follows: `acknowledged`, `rejected`, `retry`, `givenUp`, `superseded`, `resend`.
    pub verdict: String,
}

/// A publisher's answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAnswer {
    /// HTTP status.
    pub status: u16,
    /// The first 2,000 characters of its body.
    pub body: String,
}

/// `POST /sandboxes/{s}/deliveries/{id}/redeliver`; the body may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redeliver {
    /// How often, 1 if absent, 100 at most.
    #[serde(default, deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}
