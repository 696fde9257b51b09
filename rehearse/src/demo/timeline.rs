//! The sale as a text timeline: purchase, both keys, billing start, to scale. Pure; called by `demo`.

use shared::{clock::Instant, rehearsal::SubscriptionTruth};

use crate::words;

const WIDTH: usize = 40;

/// One line an instant, each with its place between purchase and billing start.
#[must_use]
pub fn lines(truth: &SubscriptionTruth) -> Vec<String> {
    let first = truth.purchased_at;
    let instants = [
        ("timeline-purchased", Some(first), '|'),
        ("timeline-licenses", truth.licenses_assigned_at, '◆'),
        ("timeline-fulfillment", truth.fulfillment_confirmed_at, '◆'),
        ("timeline-billing", truth.billing_started_at, '■'),
    ];
    let last = instants.iter().filter_map(|(_, at, _)| *at).max().unwrap_or(first);
    instants
        .into_iter()
        .map(|(key, at, mark)| {
            let (when, bar) = match at {
                Some(at) => (time(at), bar(place(first, at, last), mark)),
                None => (words::say("timeline-waiting"), String::new()),
            };
            format!("  {:<24} {when:<26} {bar}", words::say(key)).trim_end().to_owned()
        })
        .collect()
}

/// How far `at` lies on the way, in columns.
fn place(first: Instant, at: Instant, last: Instant) -> usize {
    let columns =
        |to: Instant| usize::try_from(first.0.duration_until(to.0).as_micros()).unwrap_or(0);
    match columns(last) {
        0 => 0,
        whole => columns(at).saturating_mul(WIDTH) / whole,
    }
}

fn bar(place: usize, mark: char) -> String {
    format!("{}{mark}", "·".repeat(place.min(WIDTH)))
}

/// An instant for people: UTC, milliseconds.
#[must_use]
pub fn time(at: Instant) -> String {
    format!("{}", at.0.strftime("%d %b %Y %H:%M:%S%.3f"))
}

#[cfg(test)]
pub mod tests {
    //! A subscription with both keys in, for the tests of `demo`.

    use super::*;

    /// Bought at 09:00:00, keys at :01 and :02, billing at the later.
    #[must_use]
    pub fn truth() -> SubscriptionTruth {
        serde_json::from_value(serde_json::json!({
            "subscriptionId": "5f1c09ab-7d42-4e0b-9a53-1c2e88d0f6b7", "orderId": "o", "name": "Desk", "publisherId": "contoso",
            "offerId": "desk", "planId": "gold", "quantity": 3, "customerId": "c", "soldBy": "partner", "state": "Subscribed",
            "purchasedAt": "2027-01-31T09:00:00Z", "licensesRequired": 3, "licensesAssigned": 3,
            "licensesAssignedAt": "2027-01-31T09:00:01Z", "fulfillmentConfirmedAt": "2027-01-31T09:00:02Z",
            "billingStartedAt": "2027-01-31T09:00:02Z", "waitingFor": [], "attentionNeeded": false,
            "term": {"unit": "P1M", "billingCycle": "monthly", "autoRenew": true, "startDate": "2027-01-31T00:00:00Z",
                "endDate": "2027-02-27T00:00:00Z", "provisional": false}, "version": 5}))
        .unwrap()
    }

    #[test]
    fn keys_stand_to_scale_and_billing_at_the_later_one() {
        let lines = lines(&truth());
        let dots: Vec<usize> = lines.iter().map(|line| line.matches('·').count()).collect();
        assert_eq!(dots, [0, WIDTH / 2, WIDTH, WIDTH]);
        assert!(
            lines[3].contains("31 Jan 2027 09:00:02.000") && lines[3].ends_with('■'),
            "{lines:?}"
        );
    }

    #[test]
    fn a_key_that_is_not_in_is_waiting() {
        let truth = SubscriptionTruth {
            fulfillment_confirmed_at: None,
            billing_started_at: None,
            ..truth()
        };
        let lines = lines(&truth);
        assert!(lines[2].ends_with("waiting") && lines[3].ends_with("waiting"), "{lines:?}");
    }

    #[test]
    fn a_sale_at_one_instant_has_a_timeline_too() {
        let at = truth().purchased_at;
        assert_eq!(place(at, at, at), 0);
    }
}
