//! The stored subscription in the spelling of the fulfillment API (fulfillment.md 1.5).

use jiff::{Timestamp, civil::Date};
use shared::{
    fulfillment::{
        AvailablePlan, MeteredQuantityIncluded, MeteringDimension, Operation as WireOperation,
        OperationSource as WireSource, OperationStatus, Party, PlanComponents,
        RecurrentBillingTerm, SaasSubscriptionStatus, SourceOffer, Subscription as Wire,
        SubscriptionTerm,
    },
    rehearsal::Amount,
};

use super::shape::Shape;
use crate::{
    clients::webhook::action,
    domain::{
        catalog::{Metering, Plan, market_currency},
        operation::{Operation, OperationSource, OperationState},
        party::User,
        subscription::{Status, Subscription},
        term::{TermUnit, midnight},
    },
    http::words,
};

/// What REST always sends (C29).
const LAST_MODIFIED: &str = "0001-01-01T00:00:00";

/// The Subscription object.
pub fn subscription(stored: &Subscription, shape: Shape) -> Wire {
    let (first_day, last_day) = shape.term_days(stored);
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
            start_date: first_day.map(day),
            end_date: last_day.map(day),
            term_unit: stored.term.to_string(),
            charge_duration: None,
        },
        auto_renew: stored.auto_renew(),
        is_test: false,
        is_free_trial: false,
        allowed_customer_operations: shape.customer_operations(stored),
        sandbox_type: "None".to_owned(),
        created: instant(stored.purchased_at),
        last_modified: shape.modified_at(stored).map_or(LAST_MODIFIED.to_owned(), instant),
        quantity: shape.quantity(stored),
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

/// An operation of `subscription` (fulfillment.md 1.11).
pub fn operation(stored: &Operation, subscription: &Subscription, shape: Shape) -> WireOperation {
    let errors = shape.errors(stored.state);
    WireOperation {
        id: stored.id.to_string(),
        activity_id: stored.id.to_string(),
        publisher_id: subscription.publisher_id.to_string(),
        offer_id: subscription.offer_id.to_string(),
        plan_id: stored.target.plan_id.to_string(),
        quantity: stored.target.quantity,
        operation_request_source: match stored.source {
            OperationSource::Azure => WireSource::Azure,
            OperationSource::Partner => WireSource::Partner,
        },
        subscription_id: stored.subscription_id.to_string(),
        time_stamp: instant(stored.created_at),
        action: action(stored.action),
        status: match stored.state {
            OperationState::NotStarted => OperationStatus::NotStarted,
            OperationState::InProgress { .. } => OperationStatus::InProgress,
            OperationState::Succeeded => OperationStatus::Succeeded,
            OperationState::Failed(_) => OperationStatus::Failed,
            OperationState::Conflict => OperationStatus::Conflict,
        },
        error_status_code: errors.map(|(code, _)| code.to_owned()),
        error_message: errors.map(|(_, message)| message.to_owned()),
    }
}

/// A plan as a buyer in `country` sees it (fulfillment.md 1.7).
pub fn plan(
    stored: &Plan,
    country: &str,
    source_offers: Option<Vec<SourceOffer>>,
) -> AvailablePlan {
    let currency = market_currency(country);
    let dimensions = stored.dimensions.iter().filter(|d| d.metering == Metering::Metered);
    AvailablePlan {
        plan_id: stored.id.to_string(),
        display_name: stored.name.clone(),
        is_private: stored.is_private,
        description: stored.description.clone(),
        has_free_trials: false,
        is_price_per_seat: stored.seats.is_some(),
        min_quantity: stored.seats.map(|seats| seats.min),
        max_quantity: stored.seats.map(|seats| seats.max),
        is_stop_sell: stored.is_stop_sold,
        market: country.to_owned(),
        plan_components: PlanComponents {
            recurrent_billing_terms: stored
                .term_prices(currency)
                .into_iter()
                .map(|(term, price)| RecurrentBillingTerm {
                    currency: currency.code().to_owned(),
                    price: Amount(price),
                    term_unit: term.to_string(),
                    term_description: words::term(term),
                    metered_quantity_included: included(stored, term),
                })
                .collect(),
            metering_dimensions: dimensions
                .filter_map(|dimension| {
                    Some(MeteringDimension {
                        id: dimension.id.clone(),
                        currency: currency.code().to_owned(),
                        price_per_unit: Amount(dimension.price(currency)?),
                        unit_of_measure: dimension.unit.clone(),
                        display_name: dimension.name.clone(),
                    })
                })
                .collect(),
        },
        source_offers,
    }
}

/// Units that cost nothing in a term; a string on the wire (C31).
fn included(plan: &Plan, term: TermUnit) -> Vec<MeteredQuantityIncluded> {
    let metered = plan.dimensions.iter().filter(|d| d.metering == Metering::Metered);
    let with_units = metered.filter_map(|dimension| {
        let units = dimension.included_in(term).filter(|units| *units > 0)?;
        let dimension_id = dimension.id.clone();
        Some(MeteredQuantityIncluded { dimension_id, units: units.to_string() })
    });
    with_units.collect()
}

/// UTC with Z, trailing zeros trimmed.
fn instant(at: Timestamp) -> String {
    at.to_string()
}
