//! Every policy and term, to the second, with the windows of partner-center.md 2.5.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::domain::{
    activation::Gate,
    policy::{Profile, Quirk},
    subscription::{Status, tests::bought},
    term::day_of,
};

const DAY: i64 = 24 * 3_600;

fn rules(policy: &str, anchor: &str, by: &str) -> CancellationRules {
    let quirks = Policy::of(Profile::Documented)
        .with(&CancellationPolicy::ROW, Some(policy))
        .and_then(|quirks| quirks.with(&CancellationAnchor::ROW, Some(anchor)))
        .and_then(|quirks| quirks.with(&WindowBy::ROW, Some(by)));
    CancellationRules::of(SoldBy::Partner, &quirks.unwrap())
}

/// Bought at noon of 1 January, billed from `billed_after` seconds on.
fn sold(term: TermUnit, billing_cycle: BillingCycle, billed_after: i64) -> Subscription {
    let found = bought(Some(2));
    let at = found.purchased_at + SignedDuration::from_secs(billed_after);
    let gate = Gate::Billing { licenses_assigned_at: at, fulfillment_confirmed_at: at };
    let term_start = Some(day_of(at));
    Subscription { term, billing_cycle, gate, term_start, status: Status::Subscribed, ..found }
}

fn after(of: &Subscription, seconds: i64) -> Timestamp {
    of.purchased_at + SignedDuration::from_secs(seconds)
}

use BillingCycle::{Annual, Monthly};
use TermUnit::{P1M, P1Y, P2Y, P3Y};

/// What a cancellation comes to: `now`, `end` of the term, or the refusal's kind.
fn outcome(rules: CancellationRules, of: &Subscription, seconds: i64) -> &'static str {
    match rules.cancel(of, after(of, seconds)) {
        Ok(Cancellation::AtOnce) => "now",
        Ok(Cancellation::Scheduled) => "end",
        Err(PartnerRefusal::WindowPassed { hours: 24, .. }) => "24 h",
        Err(PartnerRefusal::WindowPassed { hours: 72, .. }) => "72 h",
        Err(PartnerRefusal::DaysPassed { days: 14, .. }) => "14 d",
        Err(PartnerRefusal::PaymentsDue(_)) => "due",
        Err(other) => panic!("{other}"),
    }
}

/// P38, P39, P42, P43: the last second of the window, and the first one after it.
#[test]
fn every_policy_and_term_at_the_edge_of_its_window() {
    for (policy, term, cycle, window, late) in [
        ("csp-2019", P1M, Monthly, DAY, "end"),
        ("csp-2019", P1Y, Annual, 14 * DAY, "end"),
        ("csp-2019", P1Y, Monthly, 14 * DAY, "end"),
        ("csp-2019", P2Y, Annual, 3 * DAY, "end"),
        ("csp-2019", P3Y, Monthly, 3 * DAY, "end"),
        ("hide-2019a", P1M, Monthly, DAY, "24 h"),
        ("hide-2019a", P1Y, Monthly, 14 * DAY, "14 d"),
        ("hide-2019a", P3Y, Annual, 14 * DAY, "14 d"),
        ("saas-72h", P1M, Monthly, 3 * DAY, "now"),
        ("saas-72h", P1Y, Monthly, 3 * DAY, "now"),
        ("saas-72h", P2Y, Annual, 3 * DAY, "due"),
        ("saas-72h", P3Y, Monthly, 3 * DAY, "due"),
        ("csp-2024", P1M, Monthly, 3 * DAY, "72 h"),
        ("csp-2024", P1Y, Annual, 3 * DAY, "72 h"),
        ("csp-2024", P2Y, Annual, 3 * DAY, "72 h"),
    ] {
        let rules = rules(policy, "order", "term");
        // Billing starts an hour later than the order: the window counts from the order all the same.
        let sold = sold(term, cycle, 3_600);
        let what = format!("{policy} {term} {cycle}");
        assert_eq!(rules.deadline(&sold), Some(after(&sold, window)), "{what}");
        assert_eq!(outcome(rules, &sold, window - 1), "now", "{what}");
        assert_eq!(outcome(rules, &sold, window), late, "{what}: the full window is late");
        assert_eq!(rules.window(term, cycle).length().as_secs(), window, "{what}");
    }
}

#[test]
fn the_window_may_count_from_the_start_of_billing() {
    let rules = rules("csp-2019", "activation", "term");
    let sold = sold(P1M, Monthly, 5 * DAY);
    assert_eq!(rules.deadline(&sold), Some(after(&sold, 6 * DAY)));
    assert_eq!(outcome(rules, &sold, 6 * DAY - 1), "now");
    assert_eq!(outcome(rules, &sold, 6 * DAY), "end");
    assert_eq!(rules.deadline(&bought(Some(2))), None, "it has not begun");
}

#[test]
fn what_is_not_billed_ends_at_once_whenever_it_is_canceled() {
    for anchor in ["order", "activation"] {
        for policy in ["csp-2019", "hide-2019a", "saas-72h", "csp-2024"] {
            let rules = rules(policy, anchor, "term");
            assert_eq!(outcome(rules, &bought(Some(2)), 20 * DAY), "now", "{policy} {anchor}");
        }
    }
}

#[test]
fn a_year_billed_by_the_month_may_have_the_window_of_a_month() {
    let rules = rules("csp-2019", "order", "billing_cycle");
    assert_eq!(rules.window(P1Y, Monthly), Window::Hours(24));
    assert_eq!(rules.window(P1Y, Annual), Window::Days(14));
    assert_eq!(rules.window(P3Y, Annual), Window::Days(14));
}

#[test]
fn a_renewal_opens_a_new_window_under_saas_72h_only() {
    let renewed = |first: Subscription| {
        let next = first.term.last_day(first.term_start.unwrap()).tomorrow().unwrap();
        Subscription { term_start: Some(next), ..first }
    };
    let long = renewed(sold(P1Y, Annual, 0));
    let began = long.renewed_at().unwrap();
    assert_eq!(began, "2027-01-31T00:00:00Z".parse().unwrap());
    let three_days = SignedDuration::from_hours(72);
    let again = rules("saas-72h", "order", "term");
    assert_eq!(again.deadline(&long), Some(began + three_days));
    for policy in ["csp-2019", "hide-2019a", "csp-2024"] {
        let once = rules(policy, "order", "term");
        assert!(once.deadline(&long).unwrap() < began, "{policy}");
    }
}

#[test]
fn a_long_term_can_be_canceled_once_nothing_is_due_any_more() {
    let rules = rules("saas-72h", "order", "term");
    let sold = sold(P2Y, Annual, 0);
    let last: Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
    assert_eq!(
        rules.cancel(&sold, last - SignedDuration::from_secs(1)),
        Err(PartnerRefusal::PaymentsDue("2027-01-31T00:00:00Z".to_owned()))
    );
    assert_eq!(rules.cancel(&sold, last), Ok(Cancellation::AtOnce));
}

#[test]
fn what_a_customer_bought_itself_follows_its_own_policy() {
    let policy = Policy::default().with(&CancellationPolicy::ROW, Some("hide-2019a")).unwrap();
    let own = CancellationRules::of(SoldBy::Customer, &policy);
    assert_eq!(own.window(P1M, Monthly), Window::Hours(72));
}

#[test]
fn windows_as_the_catalogue_publishes_them() {
    let shown =
        |policy: &str, term| rules(policy, "order", "term").window(term, Annual).to_string();
    assert_eq!(
        ["P1M", "P1Y", "P2Y"].map(|term| shown("csp-2019", term.parse().unwrap())),
        ["P1D", "P14D", "PT72H"]
    );
    assert_eq!(shown("csp-2024", P1M), "PT72H");
}
