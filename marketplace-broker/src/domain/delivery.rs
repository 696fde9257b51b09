//! Webhooks: what is told, what an answer means, and when a delivery is tried again (fulfillment.md 3). Called by the
//! commands on deliveries.

mod departure;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use shared::ids::{OperationId, PublisherId, SubscriptionId};

use super::{
    operation::{Operation, OperationAction, OperationState},
    party::User,
    policy::{
        NotifyRefused, Policy, RetrySpacing, WebhookEndDate, WebhookFlatQuantity, WebhookPayload,
        WebhookSuspendStatus,
    },
    subscription::{Status, Subscription},
};

pub use departure::Departure;

/// Retries after the first attempt (C53).
pub const RETRIES: i64 = 500;
/// All retries together (C53).
pub const RETRY_SPAN: SignedDuration = SignedDuration::from_hours(8);

/// What a webhook tells, as it was when it was made: the operation, and the subscription before a change that is
/// asked for or after one that has happened (C50).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// When the operation was started.
    pub time_stamp: Timestamp,
    /// Who started it.
    pub source: String,
    /// Where it stands.
    pub status: String,
    /// The plan asked for.
    pub target_plan: String,
    /// The licenses asked for.
    pub target_quantity: Option<i64>,
    /// Whose offer.
    pub publisher: String,
    /// The offer.
    pub offer: String,
    /// The subscription's name.
    pub name: String,
    /// Its plan.
    pub plan: String,
    /// Its licenses.
    pub quantity: Option<i64>,
    /// The user it is for.
    pub beneficiary: User,
    /// The buyer.
    pub purchaser: User,
    /// What the beneficiary may do.
    pub customer_operations: Vec<String>,
    /// Its status.
    pub subscription_status: String,
    /// First day of its term.
    pub first_day: Option<Date>,
    /// Last day of its term.
    pub last_day: Option<Date>,
    /// The term's unit.
    pub term: String,
    /// Whether it renews.
    pub auto_renew: bool,
    /// When it was bought.
    pub created: Timestamp,
    /// When it changed last.
    pub modified: Timestamp,
    /// How much of it is written.
    #[serde(default)]
    pub schema: Schema,
    /// Whether a flat rate has null for the licenses asked for; else 1.
    #[serde(default)]
    pub flat_is_null: bool,
    /// Where it departs from today's words and form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<Departure>,
}

/// How much a webhook says; the same each time it is sent (fulfillment.md 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Schema {
    /// All of it, as since Aug 2022.
    #[default]
    Full,
    /// Without the subscription.
    Mid,
    /// Ids, action, source and time.
    Short,
    /// As `Mid`, but what it tells is empty.
    Blank,
}

impl Notice {
    /// What to tell of `operation` while `subscription` is as it is.
    #[must_use]
    pub fn of(operation: &Operation, subscription: &Subscription, policy: &Policy) -> Self {
        let operations = subscription.customer_operations();
        let is_suspension = operation.action == OperationAction::Suspend;
        let before = is_suspension
            && policy.get::<WebhookSuspendStatus>() == WebhookSuspendStatus::Subscribed;
        let term = subscription.term;
        let last_day = |start| match policy.get() {
            WebhookEndDate::LastDay => term.last_day_to(start, subscription.anchor_day),
            WebhookEndDate::ThirtyDays => term.thirty_days(start, subscription.anchor_day),
        };
        Self {
            time_stamp: operation.created_at,
            source: operation.source.name().to_owned(),
            status: operation.state.name().to_owned(),
            target_plan: operation.target.plan_id.to_string(),
            target_quantity: operation.target.quantity,
            publisher: subscription.publisher_id.to_string(),
            offer: subscription.offer_id.to_string(),
            name: subscription.name.clone(),
            plan: subscription.plan_id.to_string(),
            quantity: subscription.quantity,
            beneficiary: subscription.beneficiary.clone(),
            purchaser: subscription.purchaser.clone(),
            customer_operations: operations.iter().map(|&name| name.to_owned()).collect(),
            subscription_status: match before {
                true => Status::Subscribed.name().to_owned(),
                false => subscription.status.name().to_owned(),
            },
            first_day: subscription.term_start,
            last_day: subscription.term_start.map(last_day),
            term: term.to_string(),
            auto_renew: subscription.auto_renew(),
            created: subscription.purchased_at,
            modified: subscription.modified_at,
            schema: match policy.get() {
                WebhookPayload::Full => Schema::Full,
                WebhookPayload::Mid => Schema::Mid,
                WebhookPayload::Short => Schema::Short,
                WebhookPayload::Blank => Schema::Blank,
            },
            flat_is_null: policy.get::<WebhookFlatQuantity>() == WebhookFlatQuantity::Null,
            departures: Departure::all_of(operation, policy),
        }
    }

    /// Whether it departs in this way.
    #[must_use]
    pub fn departs(&self, departure: Departure) -> bool {
        self.departures.contains(&departure)
    }
}

/// Where a delivery stands. The names are the control API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// On its way, or about to be.
    Ready,
    /// Waits for an earlier one of its subscription.
    Behind,
    /// Failed; a timer makes it ready again.
    Waiting {
        /// When, sandbox time.
        until: Timestamp,
    },
    /// Over.
    Done(DeliveryEnd),
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// 2xx.
    Acknowledged,
    /// 4xx to a change.
    Rejected,
    /// All retries failed.
    GivenUp,
    /// Its operation ended before it arrived.
    Superseded,
}

impl DeliveryEnd {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Acknowledged, Self::Rejected, Self::GivenUp, Self::Superseded];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Rejected => "rejected",
            Self::GivenUp => "givenUp",
            Self::Superseded => "superseded",
        }
    }
}

/// A webhook on its way. Its id is its operation's.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The operation it tells of.
    pub operation_id: OperationId,
    /// Of which subscription.
    pub subscription_id: SubscriptionId,
    /// To whom.
    pub publisher_id: PublisherId,
    /// Its place among those of its subscription.
    pub number: i64,
    /// What it tells.
    pub action: OperationAction,
    /// The content.
    pub notice: Notice,
    /// Where it stands.
    pub state: DeliveryState,
    /// How it ended, if it did and is only sent again.
    pub ended: Option<DeliveryEnd>,
    /// Attempts made.
    pub attempts: i64,
    /// Times it is still to be sent again by hand.
    pub resends: i64,
    /// When it was made, sandbox time.
    pub created_at: Timestamp,
    /// The first attempt; retries count from here.
    pub first_attempt_at: Option<Timestamp>,
    /// How the last attempt went, in short.
    pub last_outcome: Option<String>,
}

impl Delivery {
    /// Whether it waits for a decision.
    #[must_use]
    pub fn asks(&self) -> bool {
        asks(self.action, &self.notice)
    }
}

/// A webhook that was taken to be sent, as it was then: what sending takes, and no more.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The operation it tells of.
    pub operation_id: OperationId,
    /// Of which subscription.
    pub subscription_id: SubscriptionId,
    /// What it tells.
    pub action: OperationAction,
    /// The content.
    pub notice: Notice,
    /// Whether it is over and only sent again.
    pub is_over: bool,
    /// Attempts made before.
    pub attempts: i64,
    /// Times it is still to be sent again by hand.
    pub resends: i64,
}

impl Taken {
    /// Whether it waits for a decision.
    #[must_use]
    pub fn asks(&self) -> bool {
        asks(self.action, &self.notice)
    }
}

/// Whether a webhook waits for a decision: its action does in general, and it had not succeeded when this was written.
fn asks(action: OperationAction, notice: &Notice) -> bool {
    let open = OperationState::InProgress { acknowledged_at: None }.name();
    action.asks() && notice.status == open
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The publisher answered.
    Answered {
        /// With this status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// It did not; why.
    Unanswered(String),
    /// There is nowhere to send it to; what to do.
    NoWebhook(String),
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Acknowledged,
    /// The publisher refuses the change (C52).
    Rejected,
    /// It is tried again.
    Retry {
        /// When, sandbox time.
        at: Timestamp,
    },
    /// It was the last retry (C53).
    GivenUp,
    /// Its operation has ended meanwhile.
    Superseded,
    /// It was sent again by hand; nothing follows.
    Resent,
}

impl Verdict {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Rejected => "rejected",
            Self::Retry { .. } => "retry",
            Self::GivenUp => "givenUp",
            Self::Superseded => "superseded",
            Self::Resent => "resend",
        }
    }
}

/// What follows from `outcome` of the attempt that began at `at` (fulfillment.md 3.6). `decided`: the operation asked
/// for a decision and has one meanwhile.
#[must_use]
pub fn judge(
    delivery: &Delivery,
    outcome: &Outcome,
    (decided, policy): (bool, &Policy),
    at: Timestamp,
) -> Verdict {
    if delivery.ended.is_some() {
        return Verdict::Resent;
    }
    match outcome {
        Outcome::Answered { status: 200..=299, .. } => Verdict::Acknowledged,
        _ if decided => Verdict::Superseded,
        Outcome::Answered { status: 400..=499, .. }
            if delivery.asks() && delivery.action.may_be_rejected() =>
        {
            Verdict::Rejected
        }
        Outcome::Answered { status: 400..=499, .. }
            if !delivery.asks() && policy.get::<NotifyRefused>() == NotifyRefused::Done =>
        {
            Verdict::Acknowledged
        }
        Outcome::NoWebhook(_) => Verdict::GivenUp, // time alone would not mend it
        _ if delivery.attempts >= RETRIES => Verdict::GivenUp,
        _ => {
            let first = delivery.first_attempt_at.unwrap_or(at);
            let next = retry_at(first, delivery.attempts + 1, policy.get());
            Verdict::Retry { at: next.max(at) }
        }
    }
}

/// When retry `number` (from 1) is due: the last of 500 is 8 hours after the first attempt.
fn retry_at(first: Timestamp, number: i64, spacing: RetrySpacing) -> Timestamp {
    let (number, all) = (i128::from(number), i128::from(RETRIES));
    let micros = match spacing {
        RetrySpacing::Even => RETRY_SPAN.as_micros() * number / all,
        RetrySpacing::Growing => RETRY_SPAN.as_micros() * number * number / (all * all),
    };
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    first + SignedDuration::from_micros(micros)
}

#[cfg(test)]
mod tests;
