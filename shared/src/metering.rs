//! Wire types of the marketplace metering service API (fulfillment.md, section 4), in the order the real service
//! writes their members. Written by the broker's `http/metering`, read by the publisher's client and by `rehearse`.
//! Members are omitted, never null (fulfillment.md 1.13).

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// Usage events of one batch (C59).
pub const BATCH_MAX: usize = 25;

/// A quantity as JSON: a number, exactly as many digits behind the point as it was sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(pub Decimal);

impl Quantity {
    /// The quantity that a JSON number says; `None` when it has more digits than can be counted (28).
    #[must_use]
    pub fn of(number: &serde_json::Number) -> Option<Self> {
        let text = number.to_string();
        let read = if text.contains(['e', 'E']) {
            Decimal::from_scientific(&text)
        } else {
            Decimal::from_str_exact(&text)
        };
        // A number that is lost in reading is none that was said.
        read.ok().filter(|read| !read.is_zero() || number.as_f64() == Some(0.0)).map(Self)
    }

    /// The nearest double, which is what the real service counts in.
    #[must_use]
    pub fn as_double(self) -> f64 {
        self.0.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl From<i64> for Quantity {
    fn from(units: i64) -> Self {
        Self(Decimal::from(units))
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.scale(), self.0.to_i64()) {
            (0, Some(whole)) => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.as_double()),
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::of(&number).ok_or_else(|| serde::de::Error::custom("too many digits"))
    }
}

impl utoipa::PartialSchema for Quantity {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        f64::schema()
    }
}

impl utoipa::ToSchema for Quantity {}

/// `POST /api/usageEvent`: what was used of one dimension in one hour (4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsageEvent {
    /// The SaaS subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub resource_id: Option<String>,
    /// The managed application, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uri: Option<String>,
    /// Units used; more than 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// The dimension's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// When it was used: not in the future, at most 24 hours ago; UTC where it names no zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub effective_start_time: Option<String>,
    /// The plan the subscription is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
}

/// `POST /api/batchUsageEvent`: 1 to 25 of them (4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchUsageEvent {
    /// The events.
    #[schema(min_items = 1, max_items = 25)]
    pub request: Vec<UsageEvent>,
}

/// What became of a usage event (section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StatusEnum)]
pub enum UsageEventStatus {
    /// Taken.
    Accepted,
    /// Older than 24 hours.
    Expired,
    /// The hour has its event already.
    Duplicate,
    /// The marketplace failed.
    Error,
    /// No such resource.
    ResourceNotFound,
    /// Another publisher's resource.
    ResourceNotAuthorized,
    /// Suspended, or never activated.
    ResourceNotActive,
    /// Not in the plan, or not enabled in it.
    InvalidDimension,
    /// Not more than 0, or too much.
    InvalidQuantity,
    /// Malformed.
    BadArgument,
}

/// 200 of `usageEvent`, and the event that was accepted first in a [`UsageEventConflictResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageEventOkResponse {
    /// Its id. It comes first: clients find it by its text (1.13, no. 10).
    #[schema(format = "uuid")]
    pub usage_event_id: String,
    /// `Accepted`, or `Duplicate` in a conflict.
    pub status: UsageEventStatus,
    /// When it was accepted; UTC with Z.
    #[schema(format = "date-time")]
    pub message_time: String,
    /// The SaaS subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub resource_id: Option<String>,
    /// As it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uri: Option<String>,
    /// Units.
    pub quantity: Quantity,
    /// The dimension's id.
    pub dimension: String,
    /// When it was used, in UTC.
    #[schema(format = "date-time")]
    pub effective_start_time: String,
    /// The plan.
    pub plan_id: String,
}

/// One event of a batch (4.3). What could not be read of it is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageBatchEventOkMessage {
    /// Its id, if it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub usage_event_id: Option<String>,
    /// What became of it.
    pub status: UsageEventStatus,
    /// The time of the call; UTC with Z.
    #[schema(format = "date-time")]
    pub message_time: String,
    /// Why it was not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<UsageEventConflictResponse>,
    /// The SaaS subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub resource_id: Option<String>,
    /// As it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uri: Option<String>,
    /// Units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// The dimension's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// When it was used, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub effective_start_time: Option<String>,
    /// The plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
}

/// 200 of `batchUsageEvent`: one result an event, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchUsageEventOkResponse {
    /// The results.
    pub result: Vec<UsageBatchEventOkMessage>,
    /// How many.
    pub count: usize,
}

/// E8: 409 of `usageEvent`, and the `error` of a batch's event. `message` follows `additionalInfo` directly
/// (1.13, no. 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageEventConflictResponse {
    /// In a conflict only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_info: Option<AcceptedMessage>,
    /// What is wrong and what to change.
    pub message: String,
    /// `Conflict`, or the code that the single call would have.
    pub code: String,
}

/// Inside [`UsageEventConflictResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedMessage {
    /// The event that the hour has.
    pub accepted_message: UsageEventOkResponse,
}

/// E6: 400 of the metering API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageEventBadRequestResponse {
    /// That there are errors.
    pub message: String,
    /// `usageEventRequest`.
    pub target: String,
    /// Each of them.
    pub details: Vec<UsageEventBadRequestResponseDetail>,
    /// `BadArgument`.
    pub code: String,
}

/// Inside [`UsageEventBadRequestResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageEventBadRequestResponseDetail {
    /// What is wrong and what to change.
    pub message: String,
    /// The member or parameter.
    pub target: String,
    /// `BadArgument`.
    pub code: String,
}

/// E7: 403 of the metering API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageEventForbidden {
    /// That the client may not.
    pub message: String,
    /// `Forbidden`.
    pub code: String,
}

/// Where the processing of submitted usage stands (4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ReconStatus {
    /// Not processed yet.
    Submitted,
    /// Processed as it was submitted.
    Accepted,
    /// Processed and refused.
    Rejected,
    /// Processed with another quantity.
    Mismatch,
}

/// A row of `GET /api/usageEvents`: a UTC day of a resource and a dimension (4.4, C60).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetUsageEvent {
    /// The day, midnight UTC with Z.
    #[schema(format = "date-time")]
    pub usage_date: String,
    /// The SaaS subscription.
    #[schema(format = "uuid")]
    pub usage_resource_id: String,
    /// The dimension's id.
    pub dimension: String,
    /// The plan of its newest event.
    pub plan_id: String,
    /// Always empty, as the real service has it.
    pub plan_name: String,
    /// The offer.
    pub offer_id: String,
    /// Always empty, as the real service has it.
    pub offer_name: String,
    /// `SaaS`.
    pub offer_type: String,
    /// The customer's Azure subscription.
    #[schema(format = "uuid")]
    pub azure_subscription_id: String,
    /// Where its processing stands.
    pub recon_status: ReconStatus,
    /// Units that were accepted.
    pub submitted_quantity: f64,
    /// Units that were processed.
    pub processed_quantity: f64,
    /// Events that were accepted.
    #[schema(value_type = f64)]
    pub submitted_count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_comes_back_as_it_was_sent() {
        for text in ["5", "5.0", "0.1", "0.30000000000000004", "1000000000000", "-3", "0", "0.0"] {
            let read: Quantity = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
        let read: Quantity = serde_json::from_str("1.5e3").unwrap();
        assert_eq!(read.0, Decimal::from(1500));
    }

    #[test]
    fn what_has_too_many_digits_is_no_quantity() {
        for text in ["1e30", "1e-40", "1.2345678901234567e-20", "1e300"] {
            assert!(serde_json::from_str::<Quantity>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Quantity>("\"5\"").is_err());
    }
}
