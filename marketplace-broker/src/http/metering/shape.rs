//! How the metering face looks under a policy: its one table of quirks of wire shape. Handlers ask here and never the
//! policy.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use shared::metering::{BatchUsageEventOkResponse, GetUsageEvent, UsageBatchEventOkMessage};

use crate::{
    domain::{
        metering::{SentTime, UsageRefusal, UsageStatus},
        policy::{
            BatchOrder, DuplicateMessageTime, EffectiveStartTime, FutureUsageInBatch, Policy,
            ReconStatusNames, SubmittedCount, UsageBadArgumentTarget,
        },
    },
    ordered_json::Node,
    store::Caller,
};

/// The first moment of .NET's calendar.
const ZERO_TIME: &str = "0001-01-01T00:00:00";
/// What a row's processing may be asked for by: OpenAPI's, and those that only the docs know.
const RECON_STATUSES: [&str; 6] =
    ["Submitted", "Accepted", "Rejected", "Mismatch", "TestHeaders", "DryRun"];

/// The face as a sandbox's policy has it; by default as documented, for who is of no sandbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct UsageShape(Policy);

/// The answer to a batch, the other way round.
#[derive(Serialize)]
struct CountFirst {
    count: usize,
    result: Vec<UsageBatchEventOkMessage>,
}

impl UsageShape {
    /// Of whom the caller's sandbox is.
    pub fn of(caller: &Caller) -> Self {
        Self(caller.policy)
    }

    /// The status of an event of a batch that was not accepted.
    pub fn status(self, refusal: &UsageRefusal) -> UsageStatus {
        match (refusal, self.0.get()) {
            (UsageRefusal::InFuture { .. }, FutureUsageInBatch::Expired) => UsageStatus::Expired,
            _ => refusal.status(),
        }
    }

    /// messageTime of an event of a batch, whose call came at `call`.
    pub fn message_time(self, status: UsageStatus, call: &str) -> String {
        match (status, self.0.get()) {
            (UsageStatus::Duplicate, DuplicateMessageTime::Zero) => ZERO_TIME.to_owned(),
            _ => call.to_owned(),
        }
    }

    /// effectiveStartTime.
    pub fn start(self, start: &SentTime) -> String {
        match self.0.get() {
            EffectiveStartTime::Normalised => start.time.to_string(),
            EffectiveStartTime::AsSent => start.text.clone(),
        }
    }

    /// target of what is wrong with a member.
    pub fn target(self, member: &str) -> String {
        match self.0.get() {
            UsageBadArgumentTarget::CamelCase => member.to_owned(),
            UsageBadArgumentTarget::PascalCase => {
                let mut letters = member.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            }
        }
    }

    /// What reconStatus may be asked for, in any case.
    pub fn recon_statuses(self) -> &'static [&'static str] {
        match self.0.get() {
            ReconStatusNames::Four => &RECON_STATUSES[..4],
            ReconStatusNames::Six => &RECON_STATUSES,
        }
    }

    /// 200 of a batch.
    pub fn batch(self, answer: BatchUsageEventOkResponse) -> Response {
        match self.0.get() {
            BatchOrder::ResultFirst => Json(answer).into_response(),
            BatchOrder::CountFirst => {
                let BatchUsageEventOkResponse { result, count } = answer;
                Json(CountFirst { count, result }).into_response()
            }
        }
    }

    /// 200 of usageEvents.
    pub fn rows(self, rows: &[GetUsageEvent]) -> Response {
        let edited = self.0.get::<SubmittedCount>() == SubmittedCount::Number;
        match edited.then(|| Node::of(&rows)).flatten() {
            Some(mut node) => {
                node.each_object(&mut |row| {
                    row.change("submittedCount", |count| {
                        count.as_f64().map_or(Value::Null, Value::from)
                    });
                });
                Json(node).into_response()
            }
            None => Json(rows).into_response(),
        }
    }
}
