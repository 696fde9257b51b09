//! Webhooks: what is told, what an answer means, and when a delivery is tried again (fulfillment.md 3). Called by the
//! commands on deliveries.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use shared::ids::{OperationId, PublisherId, SubscriptionId};

use super::{
    operation::{Operation, OperationAction},
    party::User,
    policy::{NotifyRefused, Policy},
    subscription::Subscription,
};

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
}

impl Notice {
    /// What to tell of `operation` while `subscription` is as it is.
    #[must_use]
    pub fn of(operation: &Operation, subscription: &Subscription) -> Self {
        let operations = subscription.customer_operations();
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
            subscription_status: subscription.status.name().to_owned(),
            first_day: subscription.term_start,
            last_day: subscription.term_start.map(|start| subscription.term.last_day(start)),
            term: subscription.term.to_string(),
            auto_renew: subscription.auto_renew,
            created: subscription.purchased_at,
            modified: subscription.modified_at,
        }
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
    (decided, policy): (bool, Policy),
    at: Timestamp,
) -> Verdict {
    if delivery.ended.is_some() {
        return Verdict::Resent;
    }
    match outcome {
        Outcome::Answered { status: 200..=299, .. } => Verdict::Acknowledged,
        _ if decided => Verdict::Superseded,
        Outcome::Answered { status: 400..=499, .. } if delivery.action.may_be_rejected() => {
            Verdict::Rejected
        }
        Outcome::Answered { status: 400..=499, .. }
            if !delivery.action.asks() && policy.get::<NotifyRefused>() == NotifyRefused::Done =>
        {
            Verdict::Acknowledged
        }
        Outcome::NoWebhook(_) => Verdict::GivenUp, // time alone would not mend it
        _ if delivery.attempts >= RETRIES => Verdict::GivenUp,
        _ => {
            let first = delivery.first_attempt_at.unwrap_or(at);
            Verdict::Retry { at: retry_at(first, delivery.attempts + 1).max(at) }
        }
    }
}

/// When retry `number` (from 1) is due: 500 of them, evenly over 8 hours from the first attempt on.
fn retry_at(first: Timestamp, number: i64) -> Timestamp {
    let gap = RETRY_SPAN.as_micros() / i128::from(RETRIES);
    let micros = i64::try_from(gap * i128::from(number)).unwrap_or(i64::MAX);
    first + SignedDuration::from_micros(micros)
}

#[cfg(test)]
mod tests;
