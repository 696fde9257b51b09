//! What the wire says, in the publisher's words. Called by the landing page and by whoever reads a subscription again.

use jiff::Timestamp;
use shared::{
    fulfillment::{Party, SaasSubscriptionStatus, Subscription, SubscriptionTerm},
    rehearsal::Sandbox,
};

use super::marketplace::Caller;
use crate::domain::{Purchase, Standing, Term, UserId};

/// The domain's word for a status of the wire.
#[must_use]
pub const fn standing(status: SaasSubscriptionStatus) -> Standing {
    match status {
        SaasSubscriptionStatus::NotStarted | SaasSubscriptionStatus::PendingFulfillmentStart => {
            Standing::PendingFulfillmentStart
        }
        SaasSubscriptionStatus::Subscribed => Standing::Subscribed,
        SaasSubscriptionStatus::Suspended => Standing::Suspended,
        SaasSubscriptionStatus::Unsubscribed => Standing::Unsubscribed,
    }
}

/// What was bought, with the names a publisher would know from its own books.
#[must_use]
pub fn purchase(
    caller: &Caller,
    publisher_name: String,
    subscription: &Subscription,
    sandbox: &Sandbox,
) -> Purchase {
    let offer = sandbox.offers.iter().find(|offer| offer.offer_id == subscription.offer_id);
    let known = offer
        .and_then(|offer| offer.plans.iter().find(|plan| plan.plan_id == subscription.plan_id));
    let plan = known.map_or(&subscription.plan_id, |plan| &plan.name);
    Purchase {
        publisher: caller.publisher.clone(),
        publisher_name,
        offer: offer.map_or(&subscription.offer_id, |offer| &offer.name).clone(),
        plan: plan.clone(),
        name: subscription.name.clone(),
        quantity: subscription.quantity.filter(|bought| *bought > 0),
        term_unit: subscription.term.term_unit.clone(),
        metered: known.is_some_and(|plan| !plan.metering_dimensions.is_empty()),
        term: term(&subscription.term),
        beneficiary: party_name(&subscription.beneficiary, sandbox),
        beneficiary_email: subscription.beneficiary.email_id.clone(),
        beneficiary_user: user(&subscription.beneficiary),
        purchaser: party_name(&subscription.purchaser, sandbox),
        purchaser_email: subscription.purchaser.email_id.clone(),
        purchaser_user: user(&subscription.purchaser),
    }
}

fn user(party: &Party) -> UserId {
    UserId { tenant: party.tenant_id.clone(), object: party.object_id.clone() }
}

/// Both days, or none: a term that cannot be read is left out, because nothing but a page needs it.
fn term(term: &SubscriptionTerm) -> Option<Term> {
    let read = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    Some(Term { start: read(&term.start_date)?, end: read(&term.end_date)? })
}

/// The name of the company, else the e-mail address, else the tenant.
fn party_name(party: &Party, sandbox: &Sandbox) -> String {
    let is_it = |tenant: &str| tenant.eq_ignore_ascii_case(&party.tenant_id);
    let customers = sandbox.customers.iter().map(|one| (&one.customer_id, &one.name));
    let partners = sandbox.partners.iter().map(|one| (&one.tenant_id, &one.name));
    let known = customers.chain(partners).find(|(tenant, _)| is_it(tenant));
    match known {
        Some((_, name)) => name.clone(),
        None if party.email_id.is_empty() => party.tenant_id.clone(),
        None => party.email_id.clone(),
    }
}
