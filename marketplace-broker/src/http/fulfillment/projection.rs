//! The stored subscription in the spelling of the fulfillment API (fulfillment.md 1.5).

use jiff::{Timestamp, civil::Date};
use shared::fulfillment::{Party, SaasSubscriptionStatus, Subscription as Wire, SubscriptionTerm};

use crate::domain::{
    party::User,
    subscription::{SoldBy, Status, Subscription},
    term::midnight,
};

/// What REST always sends (C29).
const LAST_MODIFIED: &str = "0001-01-01T00:00:00";

/// The Subscription object.
pub fn subscription(stored: &Subscription) -> Wire {
    let all = ["Delete", "Read", "Update"].as_slice();
    let operations = match stored.sold_by {
        SoldBy::Partner => &["Read"], // C30
        SoldBy::Customer => all,
    };
    Wire {
        id: stored.id.to_string(),
        publisher_id: stored.publisher_id.to_string(),
        offer_id: stored.offer_id.to_string(),
        name: stored.name.clone(),
        saas_subscription_status: status(stored.status),
        beneficiary: party(&stored.beneficiary),
        purchaser: party(&stored.purchaser),
        plan_id: stored.plan_id.to_string(),
        term: SubscriptionTerm {
            start_date: stored.term_start.map(day),
            end_date: stored.term_start.map(|start| day(stored.term.last_day(start))),
            term_unit: stored.term.to_string(),
        },
        auto_renew: stored.auto_renew,
        is_test: false,
        is_free_trial: false,
        allowed_customer_operations: operations.iter().map(|&name| name.to_owned()).collect(),
        sandbox_type: "None".to_owned(),
        created: instant(stored.purchased_at),
        last_modified: LAST_MODIFIED.to_owned(),
        quantity: stored.quantity,
        session_mode: "None".to_owned(),
    }
}

fn status(status: Status) -> SaasSubscriptionStatus {
    match status {
        Status::PendingFulfillmentStart => SaasSubscriptionStatus::PendingFulfillmentStart,
        Status::Subscribed => SaasSubscriptionStatus::Subscribed,
        Status::Suspended { .. } => SaasSubscriptionStatus::Suspended,
        Status::Unsubscribed { .. } => SaasSubscriptionStatus::Unsubscribed,
    }
}

fn party(user: &User) -> Party {
    Party {
        email_id: user.email.clone(),
        object_id: user.object_id.to_string(),
        tenant_id: user.tenant_id.to_string(),
        puid: user.puid.clone(),
    }
}

/// Midnight UTC, `2021-01-05T00:00:00Z`.
fn day(day: Date) -> String {
    instant(midnight(day))
}

/// UTC with Z, trailing zeros trimmed.
fn instant(at: Timestamp) -> String {
    at.to_string()
}
