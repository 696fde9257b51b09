//! The stored subscription as a partner sees it (partner-center.md 3.8), and its etag. Called by the handlers of
//! subscriptions.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::{
    ids::{OfferId, PlanId, SandboxId, SubscriptionId},
    partner_center::{
        Attributes, Link, ProductType, RefundOption, Subscription as Wire, SubscriptionLinks,
        SubscriptionProvisioningStatus,
    },
};

use crate::{
    domain::{
        cancellation::{Cancellation, CancellationRules},
        listing::CatalogItemId,
        operation::Operation,
        partner_status::{PartnerStatus, title},
        party::Customer,
        policy::{Policy, PreactivationStatus},
        subscription::{SoldBy, Status, Subscription},
        term::{day_of, midnight},
    },
    queries::SoldSubscriptions,
};

/// What all subscriptions of an answer are shown by.
pub struct Showcase<'a> {
    /// Whose they are.
    pub customer: &'a Customer,
    /// The sandbox.
    pub sandbox: &'a SandboxId,
    /// How it behaves.
    pub policy: &'a Policy,
    /// Its time.
    pub now: Timestamp,
    /// Base of the bundled publisher.
    pub bundled: Option<&'a str>,
}

/// What follows from offer and plan alone: made once for all that are subscriptions to them.
struct Item {
    offer_id: String,
    sku_id: String,
    name: String,
    publisher_name: String,
    has_page: bool,
    product: Option<Link>,
    sku: Option<Link>,
    availability: Option<Link>,
}

impl Showcase<'_> {
    /// All of them, in their order.
    pub fn all(&self, sold: &SoldSubscriptions) -> Vec<Wire> {
        let mut items: HashMap<(&OfferId, &PlanId), Item> = HashMap::new();
        let customer = format!("/customers/{}/subscriptions/", self.customer.id);
        let rules = [SoldBy::Partner, SoldBy::Customer]
            .map(|seller| CancellationRules::of(seller, self.policy));
        let preactivation = self.policy.get();
        sold.subscriptions
            .iter()
            .map(|of| {
                let known = items.entry((&of.offer_id, &of.plan_id));
                let item = known.or_insert_with(|| self.item(of, sold));
                let rules = match of.sold_by {
                    SoldBy::Partner => rules[0],
                    SoldBy::Customer => rules[1],
                };
                self.one((of, item), (rules, preactivation), &customer)
            })
            .collect()
    }

    /// The only one.
    pub fn first(&self, sold: &SoldSubscriptions) -> Option<Wire> {
        self.all(sold).pop()
    }

    /// How far the only one is provisioned: `pending` before its activation and while it waits for its publisher.
    pub fn provisioning(
        &self,
        sold: &SoldSubscriptions,
        open: Option<&Operation>,
    ) -> Option<SubscriptionProvisioningStatus> {
        let of = sold.subscriptions.first()?;
        let status = match of.status {
            Status::PendingFulfillmentStart => "pending",
            Status::Unsubscribed { .. } if of.gate.fulfillment_confirmed_at().is_none() => "failed",
            _ if open.is_some() => "pending",
            Status::Subscribed | Status::Suspended { .. } | Status::Unsubscribed { .. } => {
                "success"
            }
        };
        Some(SubscriptionProvisioningStatus {
            sku_id: self.item(of, sold).sku_id,
            status: status.to_owned(),
            quantity: of.licenses_required(),
            end_date: term(of).last.to_string(),
            attributes: Attributes::of("SubscriptionProvisioningStatus"),
        })
    }

    fn item(&self, of: &Subscription, sold: &SoldSubscriptions) -> Item {
        let offer = sold.offers.get(&of.offer_id);
        let plan = offer.and_then(|offer| offer.plans.iter().find(|plan| plan.id == of.plan_id));
        let country = &self.customer.country;
        let id = offer.zip(plan).and_then(|(offer, plan)| CatalogItemId::of(offer, plan, country));
        let publisher = sold.publishers.get(&of.publisher_id);
        let page = publisher.and_then(|it| it.landing_page(self.sandbox, self.bundled));
        let link = |path: String| Link::get(format!("{path}?country={country}"));
        let [product, sku, availability] = match &id {
            None => [None, None, None],
            Some(id) => {
                let product = format!("/products/{}", id.product);
                let sku = format!("{product}/skus/{}", id.sku);
                let availability = format!("{sku}/availabilities/{}", id.availability);
                [product, sku, availability].map(|path| Some(link(path)))
            }
        };
        Item {
            offer_id: id.as_ref().map_or_else(|| of.offer_id.to_string(), ToString::to_string),
            sku_id: id.map_or_else(|| of.plan_id.to_string(), |id| id.sku.to_string()),
            name: offer.map_or_else(|| of.name.clone(), |offer| title(of, offer)),
            publisher_name: publisher.map(|publisher| publisher.name.clone()).unwrap_or_default(),
            has_page: page.is_some(),
            product,
            sku,
            availability,
        }
    }

    fn one(
        &self,
        (of, item): (&Subscription, &Item),
        (rules, preactivation): (CancellationRules, PreactivationStatus),
        customer: &str,
    ) -> Wire {
        let ended = matches!(of.status, Status::Unsubscribed { .. });
        let own = format!("{customer}{}", of.id);
        let term = term(of);
        let deadline = rules.deadline(of).map(|at| at.to_string());
        let links = (item.has_page && !ended).then(|| Link::get(format!("{own}/activationlinks")));
        let suspended = matches!(of.status, Status::Suspended { .. });
        Wire {
            id: of.id.to_string(),
            offer_id: item.offer_id.clone(),
            offer_name: item.name.clone(),
            friendly_name: of.nickname.as_ref().unwrap_or(&item.name).clone(),
            product_type: ProductType::marketplace_saas(),
            quantity: of.licenses_required(),
            unit_type: "License(s)".to_owned(),
            has_purchasable_addons: false,
            creation_date: of.purchased_at.to_string(),
            effective_start_date: term.start.to_string(),
            commitment_end_date: term.last.to_string(),
            commitment_end_date_time: Some(term.last_second.to_string()),
            status: PartnerStatus::of(of.status, preactivation).name().to_owned(),
            auto_renew_enabled: of.auto_renew(),
            is_trial: false,
            billing_type: "license".to_owned(),
            billing_cycle: of.billing_cycle.to_string(),
            term_duration: of.term.to_string(),
            renewal_term_duration: String::new(),
            refund_options: vec![RefundOption {
                kind: "Full".to_owned(),
                expires_at: deadline.clone(),
            }],
            cancellation_allowed_until_date: deadline,
            is_microsoft_product: false,
            partner_id: of.reseller_mpn.clone().unwrap_or_default(),
            attention_needed: !of.waiting_for().is_empty(),
            action_taken: false,
            actions: self.actions(of, rules),
            suspension_reasons: suspended.then(|| vec!["CustomerCancellation".to_owned()]),
            contract_type: "subscription".to_owned(),
            links: SubscriptionLinks {
                product: item.product.clone(),
                sku: item.sku.clone(),
                availability: item.availability.clone(),
                activation_links: links,
                own: Link::get(own),
            },
            publisher_name: item.publisher_name.clone(),
            order_id: of.order_id.to_string(),
            attributes: Attributes {
                etag: Some(etag(of.id, of.version)),
                object_type: "Subscription".to_owned(),
            },
        }
    }

    /// What the partner may do with it: nothing with what has ended or what the customer bought itself. `Cancel` is not
    /// there where it would be refused (P42), or was scheduled already.
    fn actions(&self, of: &Subscription, rules: CancellationRules) -> Vec<String> {
        if matches!(of.status, Status::Unsubscribed { .. }) || of.sold_by == SoldBy::Customer {
            return Vec::new();
        }
        let cancel = match rules.cancel(of, self.now) {
            Ok(Cancellation::AtOnce) => true,
            Ok(Cancellation::Scheduled) => of.cancel_scheduled_at.is_none(),
            Err(_) => false,
        };
        let cancel = cancel.then(|| "Cancel".to_owned());
        cancel.into_iter().chain(["Edit".to_owned()]).collect()
    }
}

/// The running term; provisional before billing: from the activation, or else the purchase.
struct Term {
    start: Timestamp,
    last: Timestamp,
    last_second: Timestamp,
}

fn term(of: &Subscription) -> Term {
    let provisional = of.gate.fulfillment_confirmed_at().unwrap_or(of.purchased_at);
    let start = of.term_began_at().unwrap_or(provisional);
    let first_day = day_of(start);
    let last_day = midnight(of.term.last_day_to(first_day, of.anchor_day));
    Term {
        start,
        last: last_day + start.duration_since(midnight(first_day)),
        last_second: last_day + SignedDuration::from_secs(24 * 3_600 - 1),
    }
}

/// What an etag says (3.0).
#[derive(Deserialize)]
struct Tagged {
    id: SubscriptionId,
    version: i64,
}

/// The etag of a subscription at a version.
fn etag(id: SubscriptionId, version: i64) -> String {
    STANDARD.encode(format!("{{\"id\":\"{id}\",\"version\":{version}}}"))
}

/// The versions of a subscription that `If-Match` names; `None`: the header is not there, or names any. An etag that is
/// not one of this subscription's names none.
pub fn expected(headers: &HeaderMap, of: SubscriptionId) -> Option<Vec<i64>> {
    let sent = headers.get(header::IF_MATCH)?;
    let sent = sent.to_str().unwrap_or_default();
    if sent.trim() == "*" {
        return None;
    }
    let version = |tag: &str| {
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        let read: Tagged = serde_json::from_slice(&STANDARD.decode(tag).ok()?).ok()?;
        (read.id == of).then_some(read.version)
    };
    Some(sent.split(',').filter_map(version).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{activation::Gate, subscription::tests::bought};

    #[test]
    fn a_term_ends_the_day_before_it_would_begin_again_at_the_same_time_of_day() {
        let shown = |of: &Subscription| {
            let term = term(of);
            [term.start, term.last, term.last_second].map(|at| at.to_string())
        };
        let found = bought(Some(2));
        assert_eq!(
            shown(&found),
            ["2026-01-31T09:00:00Z", "2026-02-27T09:00:00Z", "2026-02-27T23:59:59Z"]
        );
        let at: Timestamp = "2026-02-09T00:21:45Z".parse().unwrap();
        let gate = Gate::Billing { licenses_assigned_at: at, fulfillment_confirmed_at: at };
        let billed = Subscription { gate, term_start: Some(day_of(at)), ..found };
        assert_eq!(
            shown(&billed),
            ["2026-02-09T00:21:45Z", "2026-03-08T00:21:45Z", "2026-03-08T23:59:59Z"]
        );
        let next = Subscription { term_start: Some("2026-03-09".parse().unwrap()), ..billed };
        assert_eq!(
            shown(&next),
            ["2026-03-09T00:00:00Z", "2026-04-08T00:00:00Z", "2026-04-08T23:59:59Z"]
        );
    }

    #[test]
    fn an_etag_names_one_version_of_one_subscription() {
        let id = bought(None).id;
        let sent = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, text.parse().unwrap());
            expected(&headers, id)
        };
        assert_eq!(expected(&HeaderMap::new(), id), None);
        assert_eq!(sent("*"), None);
        let tag = etag(id, 7);
        assert_eq!(sent(&format!("\"{tag}\"")), Some(vec![7]));
        assert_eq!(sent(&format!("W/\"{tag}\"")), Some(vec![7]));
        assert_eq!(sent(&tag), Some(vec![7]), "as it stands in the body");
        assert_eq!(sent(&format!("\"{tag}\", \"{}\"", etag(id, 8))), Some(vec![7, 8]));
        let other = SubscriptionId(uuid::Uuid::max());
        for odd in [etag(other, 7), String::new(), "\"\"".to_owned(), "x".to_owned()] {
            assert_eq!(sent(&odd), Some(Vec::new()), "{odd}");
        }
    }
}
