//! Usage events: what becomes of each (fulfillment.md, section 4). Pure: one event, what it is about, and the sandbox's
//! time in; accepted, or one of the documented statuses, out. Called by `commands/report_usage`; `http/metering` turns
//! statuses into wire errors.
//!
//! What the sources leave open is decided in one place each: [`ReportedUsage::judge`] holds the order and the rules,
//! [`WINDOW`] and [`QUANTITY_MAX`] the limits, [`tally::billable`] what is billed, [`tally::PROCESSING`] when usage
//! counts as processed.

pub mod tally;
pub mod time;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use shared::ids::{OfferId, PlanId, PublisherId, SubscriptionId};
use uuid::Uuid;

pub use time::SentTime;

use super::{
    catalog::{Metering, Plan},
    policy::UsageDedupe,
};

/// How far back usage may have happened (4.1).
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Units of one event at most: more is a mistake of the sender's. Ours; no limit is documented.
pub const QUANTITY_MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0); // 10^12

/// A usage event as its publisher reports it, well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedUsage {
    /// The SaaS subscription; `None`: a managed application, and there are none here.
    pub resource: Option<SubscriptionId>,
    /// As it was sent.
    pub resource_uri: Option<String>,
    /// Units.
    pub quantity: Decimal,
    /// The dimension's id.
    pub dimension: String,
    /// When.
    pub start: SentTime,
    /// The plan.
    pub plan_id: String,
}

/// An event that was accepted. First wins: it is never changed, and there is no way to take it back (4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedUsage {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub subscription_id: SubscriptionId,
    /// As it was sent.
    pub resource_uri: Option<String>,
    /// Units.
    pub quantity: Decimal,
    /// The dimension's id.
    pub dimension: String,
    /// When it was used.
    pub start: SentTime,
    /// The plan.
    pub plan_id: PlanId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

impl AcceptedUsage {
    /// What there may be one of: resource, dimension, UTC hour; or resource and hour (4.2, Q18).
    #[must_use]
    pub fn key(&self, rule: UsageDedupe) -> (SubscriptionId, Option<&str>, Timestamp) {
        let dimension = match rule {
            UsageDedupe::Dimension => Some(self.dimension.as_str()),
            UsageDedupe::Resource => None,
        };
        (self.subscription_id, dimension, self.start.time.hour())
    }
}

/// A member of an event that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Its wire name, or the name it was sent with.
    pub member: String,
    /// What is wrong and what to send.
    pub reason: String,
}

/// A resource that usage is reported of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The subscription.
    pub id: SubscriptionId,
    /// Whose offer.
    pub publisher_id: PublisherId,
    /// The offer.
    pub offer_id: OfferId,
    /// The plan it is on.
    pub plan_id: PlanId,
    /// Whether it takes usage.
    pub standing: Standing,
}

/// Whether a resource takes usage (4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Subscribed.
    Active,
    /// Suspended, or not activated yet; the fulfillment status.
    Inactive(&'static str),
    /// It was active until then.
    EndedAt(Timestamp),
}

/// Why an event is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageRefusal {
    /// It cannot be read.
    #[error("{}", list(.0))]
    Malformed(Vec<Wrong>),
    /// No such resource.
    #[error(
        "{0} is no subscription here: send the id of a SaaS subscription of yours as resourceId (the marketplace of \
         this rehearsal has no managed applications)"
    )]
    NotFound(String),
    /// Another publisher's.
    #[error("Client is not authorized for this usage resource.")]
    NotAuthorized,
    /// It takes no usage; the fulfillment status.
    #[error(
        "the subscription is {0}: usage is taken while it is Subscribed, and for 24 hours after its end if it happened \
         before the end"
    )]
    NotActive(&'static str),
    /// It is on another plan.
    #[error("the subscription is on plan {0}: send that as planId")]
    OtherPlan(PlanId),
    /// The plan does not meter it.
    #[error("{0}")]
    InvalidDimension(String),
    /// Not a number of units that can be billed.
    #[error("{0}")]
    InvalidQuantity(String),
    /// Too old. The first sentence is the real service's.
    #[error(
        "The effective time provided is has expired or is in future. Send a time from {} to {}: usage is taken for 24 \
         hours.",
        .now.saturating_sub(WINDOW).unwrap_or(*.now), .now
    )]
    Expired {
        /// The sandbox's time.
        now: Timestamp,
    },
    /// Not yet.
    #[error(
        "The effective time provided is has expired or is in future. It is {now}: send usage after it happened, within \
         24 hours."
    )]
    InFuture {
        /// The sandbox's time.
        now: Timestamp,
    },
    /// The hour has its event already.
    #[error("This usage event already exist.")]
    Duplicate(Box<AcceptedUsage>),
    /// What is stored does not fit together.
    #[error("An unexpected error has occurred.")]
    Broken,
}

fn list(wrong: &[Wrong]) -> String {
    let all: Vec<_> = wrong.iter().map(|w| format!("{}: {}", w.member, w.reason)).collect();
    all.join("; ")
}

/// What became of an event: the ten statuses of section 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageStatus {
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

impl UsageRefusal {
    /// The status of an event of a batch (4.3).
    #[must_use]
    pub fn status(&self) -> UsageStatus {
        match self {
            // A time in the future is malformed, not expired (Q19); the metering face may choose otherwise.
            Self::Malformed(_) | Self::OtherPlan(_) | Self::InFuture { .. } => {
                UsageStatus::BadArgument
            }
            Self::NotFound(_) => UsageStatus::ResourceNotFound,
            Self::NotAuthorized => UsageStatus::ResourceNotAuthorized,
            Self::NotActive(_) => UsageStatus::ResourceNotActive,
            Self::InvalidDimension(_) => UsageStatus::InvalidDimension,
            Self::InvalidQuantity(_) => UsageStatus::InvalidQuantity,
            Self::Expired { .. } => UsageStatus::Expired,
            Self::Duplicate(_) => UsageStatus::Duplicate,
            Self::Broken => UsageStatus::Error,
        }
    }

    /// The members that are wrong, each with what to send.
    #[must_use]
    pub fn wrong(&self) -> Vec<Wrong> {
        let member = match self {
            Self::Malformed(wrong) => return wrong.clone(),
            Self::NotFound(_) | Self::NotAuthorized | Self::NotActive(_) | Self::Broken => {
                "resourceId"
            }
            Self::OtherPlan(_) => "planId",
            Self::InvalidDimension(_) => "dimension",
            Self::InvalidQuantity(_) => "quantity",
            Self::Expired { .. } | Self::InFuture { .. } | Self::Duplicate(_) => {
                "effectiveStartTime"
            }
        };
        vec![Wrong { member: member.to_owned(), reason: self.to_string() }]
    }
}

impl ReportedUsage {
    /// Whether `publisher` may report this at `now` of `resource`, which is on `plan`; whether the hour has its event
    /// already is not known here. `Ok` is the plan it is counted for.
    pub fn judge(
        &self,
        publisher: &PublisherId,
        resource: Option<&Resource>,
        plan: Option<&Plan>,
        now: Timestamp,
    ) -> Result<SubscriptionId, UsageRefusal> {
        let Some(resource) = resource else {
            let named = self.resource.map(|id| id.to_string());
            let named = named.or_else(|| self.resource_uri.clone()).unwrap_or_default();
            return Err(UsageRefusal::NotFound(named.chars().take(200).collect()));
        };
        if resource.publisher_id != *publisher {
            return Err(UsageRefusal::NotAuthorized);
        }
        check_quantity(self.quantity)?;
        let start = self.start.time.at();
        if start > now {
            return Err(UsageRefusal::InFuture { now });
        }
        if now.duration_since(start) > WINDOW {
            return Err(UsageRefusal::Expired { now });
        }
        match resource.standing {
            Standing::Active => {}
            Standing::EndedAt(end) if start < end => {}
            Standing::EndedAt(_) => return Err(UsageRefusal::NotActive("Unsubscribed")),
            Standing::Inactive(state) => return Err(UsageRefusal::NotActive(state)),
        }
        let plan = plan.ok_or(UsageRefusal::Broken)?;
        if self.plan_id != plan.id.as_str() {
            return Err(UsageRefusal::OtherPlan(plan.id.clone()));
        }
        check_dimension(plan, &self.dimension)?;
        Ok(resource.id)
    }
}

/// A quantity that can be billed: more than 0 (4.1), and not more than [`QUANTITY_MAX`].
fn check_quantity(quantity: Decimal) -> Result<(), UsageRefusal> {
    if quantity <= Decimal::ZERO {
        let reason =
            "a quantity is more than 0; send nothing for an hour in which nothing was used";
        return Err(UsageRefusal::InvalidQuantity(reason.to_owned()));
    }
    if quantity > QUANTITY_MAX {
        let reason = format!("one event counts {QUANTITY_MAX} units at most");
        return Err(UsageRefusal::InvalidQuantity(reason));
    }
    Ok(())
}

/// Flat-rate plans only, and a dimension that is metered there (4.5).
fn check_dimension(plan: &Plan, dimension: &str) -> Result<(), UsageRefusal> {
    let found = plan.dimensions.iter().find(|known| known.id == dimension);
    let reason = match found.map(|found| found.metering) {
        Some(Metering::Metered) if plan.seats.is_none() => return Ok(()),
        _ if plan.seats.is_some() => {
            format!(
                "plan {} is priced per license: only plans with a flat rate are metered",
                plan.id
            )
        }
        Some(Metering::Unlimited) => {
            format!("dimension {dimension} is unlimited on plan {}: it takes no usage", plan.id)
        }
        Some(_) => format!("dimension {dimension} is not enabled on plan {}", plan.id),
        None => {
            let metered = plan.dimensions.iter().filter(|d| d.metering == Metering::Metered);
            let known: Vec<_> = metered.map(|dimension| dimension.id.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            format!("the dimensions of plan {} that are metered: {known}", plan.id)
        }
    };
    Err(UsageRefusal::InvalidDimension(reason))
}

#[cfg(test)]
mod tests;
