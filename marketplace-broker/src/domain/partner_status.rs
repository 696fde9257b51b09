//! The one stored state of a subscription in a partner's words (partner-center.md 3.8). Called by the views of
//! subscriptions, and by [`super::amendment`], which compares what is sent with what is shown.

use std::fmt;

use super::{
    catalog::Offer,
    policy::PreactivationStatus,
    subscription::{EndReason, Status, Subscription},
};

/// The partner status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerStatus {
    /// Bought, activated or not (Q1).
    Active,
    /// Suspended.
    Suspended,
    /// Canceled.
    Deleted,
    /// Its term was over and it did not renew (Q6).
    Expired,
    /// Not activated, where that is told (Q1).
    Pending,
}

impl PartnerStatus {
    /// What a status is to a partner. A cancellation that was scheduled to the end of the term leaves an expired one: its
    /// term was over, and it did not renew.
    #[must_use]
    pub fn of(status: Status, preactivation: PreactivationStatus) -> Self {
        match status {
            Status::PendingFulfillmentStart if preactivation == PreactivationStatus::Pending => {
                Self::Pending
            }
            Status::PendingFulfillmentStart | Status::Subscribed => Self::Active,
            Status::Suspended { .. } => Self::Suspended,
            Status::Unsubscribed { reason: EndReason::TermEnd, .. } => Self::Expired,
            Status::Unsubscribed { .. } => Self::Deleted,
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
            Self::Pending => "pending",
        }
    }
}

impl fmt::Display for PartnerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is sold, by name: offer and plan.
#[must_use]
pub fn title(of: &Subscription, offer: &Offer) -> String {
    let plan = offer.plans.iter().find(|plan| plan.id == of.plan_id);
    let plan = plan.map_or(of.plan_id.as_str(), |plan| plan.name.as_str());
    format!("{} - {plan}", offer.name)
}

/// What a partner calls a subscription: the name of what is sold until it says otherwise.
#[must_use]
pub fn nickname(of: &Subscription, offer: &Offer) -> String {
    of.nickname.clone().unwrap_or_else(|| title(of, offer))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn every_status_and_end_is_one_of_the_partners() {
        let shown = |status| PartnerStatus::of(status, PreactivationStatus::Active).name();
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(shown(Status::PendingFulfillmentStart), "active");
        assert_eq!(shown(Status::Subscribed), "active");
        assert_eq!(shown(Status::Suspended { since: at }), "suspended");
        for reason in EndReason::ALL {
            let expected = if reason == EndReason::TermEnd { "expired" } else { "deleted" };
            assert_eq!(shown(Status::Unsubscribed { at, reason }), expected, "{reason:?}");
        }
        let pending = PreactivationStatus::Pending;
        assert_eq!(PartnerStatus::of(Status::PendingFulfillmentStart, pending).name(), "pending");
        assert_eq!(PartnerStatus::of(Status::Subscribed, pending).name(), "active");
    }
}
