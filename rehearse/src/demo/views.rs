//! The subscription as each side sees it, the first charge, and the object of `--json`. Pure; called by `demo`.

use serde::Serialize;
use shared::{
    clock::Instant,
    fulfillment::Subscription,
    rehearsal::{Amount, Charge, SubscriptionTruth},
};

use super::{story::Step, timeline::time};
use crate::words;

/// The object of `demo --json`; exactly the members of interface.md.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome<'a> {
    /// What was sold.
    pub subscription_id: &'a str,
    /// The first key.
    pub licenses_assigned_at: Option<Instant>,
    /// The second key.
    pub fulfillment_confirmed_at: Option<Instant>,
    /// The later of the two.
    pub billing_started_at: Option<Instant>,
    /// How often the journal says that billing started.
    pub billing_started_times: usize,
    /// All charges.
    pub charges: &'a [Charge],
    /// The steps, in order.
    pub steps: &'a [Step],
}

impl Outcome<'_> {
    /// Whether billing started once, at the later of two keys, and was charged once.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let keys = (self.licenses_assigned_at, self.fulfillment_confirmed_at);
        let started_at_later =
            matches!(keys, (Some(a), Some(b)) if self.billing_started_at == Some(a.max(b)));
        let new = self.charges.iter().filter(|charge| charge.charge_type == "new").count();
        started_at_later && self.billing_started_times == 1 && new == 1
    }
}

/// What the marketplace holds to be true.
#[must_use]
pub fn marketplace(truth: &SubscriptionTruth) -> String {
    let keys =
        [truth.licenses_assigned_at, truth.fulfillment_confirmed_at].iter().flatten().count();
    let (keys, required) = (keys.to_string(), truth.licenses_required.to_string());
    let assigned = truth.licenses_assigned.to_string();
    let since = truth.billing_started_at.map_or_else(|| words::say("not-yet"), time);
    words::tell(
        "view-marketplace",
        &[
            ("state", &truth.state),
            ("keys", &keys),
            ("assigned", &assigned),
            ("required", &required),
            ("since", &since),
        ],
    )
}

/// What the publisher's app reads by the Fulfillment API.
#[must_use]
pub fn publisher(seen: &Subscription) -> String {
    let state = serde_json::to_value(seen.saas_subscription_status).unwrap_or_default();
    let days = |date: &Option<String>| {
        let day = date.as_deref().unwrap_or_default();
        day.split('T').next().unwrap_or_default().to_owned()
    };
    let quantity = seen.quantity.map_or_else(|| "1".to_owned(), |n| n.to_string());
    words::tell(
        "view-publisher",
        &[
            ("state", state.as_str().unwrap_or_default()),
            ("quantity", &quantity),
            ("from", &days(&seen.term.start_date)),
            ("to", &days(&seen.term.end_date)),
            ("allowed", &seen.allowed_customer_operations.join(", ")),
        ],
    )
}

/// What the publisher's own people read on their console.
#[must_use]
pub fn console(row: Option<&str>) -> String {
    let row = row.map_or_else(|| words::say("view-console-nothing"), ToOwned::to_owned);
    words::tell("view-console", &[("row", &row)])
}

/// A charge in one line.
#[must_use]
pub fn charge(charge: &Charge) -> String {
    let day = |at: Instant| at.0.strftime("%d %b %Y").to_string();
    // Digits after the point (ISO 4217): the won has none, the other currencies of the catalogue two.
    let places = if charge.currency == "KRW" { 0 } else { 2 };
    let digits = |amount: Amount| format!("{:.places$}", amount.0);
    words::tell(
        "charge",
        &[
            ("type", &charge.charge_type),
            ("from", &day(charge.charge_start_date)),
            ("to", &day(charge.charge_end_date)),
            ("quantity", &charge.quantity.to_string()),
            ("price", &digits(charge.unit_price)),
            ("subtotal", &digits(charge.subtotal)),
            ("currency", &charge.currency),
        ],
    )
}

/// What billing waits for, in words.
#[must_use]
pub fn waiting(truth: &SubscriptionTruth) -> Vec<String> {
    truth
        .waiting_for
        .iter()
        .map(|one| words::tell("waiting-for", &[("words", &one.words), ("call", &one.call)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::timeline::tests::truth;

    fn new_charge() -> Charge {
        serde_json::from_value(serde_json::json!({"chargeType": "new", "chargeStartDate": "2027-01-31T00:00:00Z",
            "chargeEndDate": "2027-02-27T00:00:00Z", "quantity": 3, "unitPrice": 20, "subtotal": 60, "currency": "USD",
            "referenceId": "r"}))
        .unwrap()
    }

    fn check(times: usize, charges: &[Charge], truth: &SubscriptionTruth) -> bool {
        let outcome = Outcome {
            subscription_id: &truth.subscription_id,
            licenses_assigned_at: truth.licenses_assigned_at,
            fulfillment_confirmed_at: truth.fulfillment_confirmed_at,
            billing_started_at: truth.billing_started_at,
            billing_started_times: times,
            charges,
            steps: &[],
        };
        outcome.is_good()
    }

    #[test]
    fn only_one_start_at_the_later_key_with_one_charge_is_good() {
        let once = [new_charge()];
        assert!(check(1, &once, &truth()));
        assert!(!check(0, &once, &truth()));
        assert!(!check(2, &once, &truth()));
        assert!(!check(1, &[], &truth()));
        assert!(!check(1, &[new_charge(), new_charge()], &truth()));
        let early =
            SubscriptionTruth { billing_started_at: truth().licenses_assigned_at, ..truth() };
        assert!(!check(1, &once, &early));
        let half = SubscriptionTruth { licenses_assigned_at: None, ..truth() };
        assert!(!check(1, &once, &half));
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let truth = truth();
        let outcome = Outcome {
            subscription_id: &truth.subscription_id,
            licenses_assigned_at: truth.licenses_assigned_at,
            fulfillment_confirmed_at: truth.fulfillment_confirmed_at,
            billing_started_at: truth.billing_started_at,
            billing_started_times: 1,
            charges: &[],
            steps: &[],
        };
        assert_eq!(
            serde_json::to_string(&outcome).unwrap(),
            r#"{"subscriptionId":"5f1c09ab-7d42-4e0b-9a53-1c2e88d0f6b7","licensesAssignedAt":"2027-01-31T09:00:01.000000Z","fulfillmentConfirmedAt":"2027-01-31T09:00:02.000000Z","billingStartedAt":"2027-01-31T09:00:02.000000Z","billingStartedTimes":1,"charges":[],"steps":[]}"#
        );
    }

    #[test]
    fn every_side_is_told_in_one_line() {
        let line = marketplace(&truth());
        assert!(
            line.contains("Subscribed") && line.contains("2 of 2") && line.contains("3 of 3"),
            "{line}"
        );
        let line = charge(&new_charge());
        assert!(line.contains("3 x 20.00 = USD 60.00") && line.contains("27 Feb 2027"), "{line}");
        assert!(console(Some("Desk, Gold")).contains("Desk, Gold"));
    }

    #[test]
    fn waiting_names_the_missing_call() {
        let one = shared::rehearsal::WaitingFor {
            confirmation: "fulfillmentConfirmed".to_owned(),
            call: "POST …/activate".to_owned(),
            words: "The publisher has not confirmed the setup".to_owned(),
        };
        let truth = SubscriptionTruth { waiting_for: vec![one], ..truth() };
        let lines = waiting(&truth);
        assert!(
            lines[0].contains("POST …/activate") && lines[0].contains("not confirmed"),
            "{lines:?}"
        );
    }
}
