//! Every (state, event) pair of the subscription, and long random sequences of events.

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    super::{
        operation::{Operation, OperationAction, OperationSource, OperationState},
        policy::{Policy, RenewalDay},
    },
    *,
};

const RENEWS: RenewalDay = RenewalDay::CurrentStart;

fn at(hours: i64) -> Timestamp {
    "2026-01-31T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

pub(crate) fn bought(quantity: Option<i64>) -> Subscription {
    let user = User {
        email: "a@b.example".to_owned(),
        object_id: Uuid::nil(),
        tenant_id: shared::ids::TenantId(Uuid::nil()),
        puid: String::new(),
    };
    Subscription {
        id: SubscriptionId(Uuid::nil()),
        order_id: "order".parse().unwrap(),
        publisher_id: "contoso".parse().unwrap(),
        offer_id: "desk".parse().unwrap(),
        plan_id: "gold".parse().unwrap(),
        name: "Desk".to_owned(),
        customer_id: CustomerId(Uuid::nil()),
        beneficiary: user.clone(),
        purchaser: user,
        sold_by: SoldBy::Partner,
        quantity,
        term: TermUnit::P1M,
        billing_cycle: BillingCycle::Monthly,
        unit_price: "20".parse().unwrap(),
        currency: Currency::Usd,
        auto_renew_off_since: None,
        purchased_at: at(0),
        status: Status::PendingFulfillmentStart,
        gate: Gate::Shut,
        term_start: None,
        licenses_assigned: 0,
        payment_fails_since: None,
        order_line: 0,
        nickname: None,
        reseller_mpn: None,
        cancel_scheduled_at: None,
        anchor_day: None,
        modified_at: at(0),
        version: 1,
    }
}

const SUSPENDED: Status = Status::Suspended { since: Timestamp::UNIX_EPOCH };
const ENDED: Status =
    Status::Unsubscribed { at: Timestamp::UNIX_EPOCH, reason: EndReason::Canceled };

fn names(change: &Change) -> Vec<&'static str> {
    change.events.iter().map(Event::name).collect()
}

/// What each event does in each status: the new status' name, or the refusal.
#[test]
fn every_pair_of_status_and_event() {
    let in_status = |status| Subscription { status, ..bought(Some(2)) };
    let told = |change: Result<Change, Refusal>| {
        change
            .map(|change| change.subscription.status.name())
            .map_err(|refusal| refusal.to_string())
    };
    let (pending, subscribed, ended) = ("PendingFulfillmentStart", "Subscribed", "Unsubscribed");
    let suspended_refusal = Err(Refusal::Suspended.to_string());
    let ended_refusal = Err(Refusal::Ended.to_string());
    let twice = Err(Refusal::AlreadyActivated.to_string());
    let over = Err(Refusal::WrongState {
        action: "unsubscribe",
        state: "Unsubscribed",
        allowed: Vec::new(),
    }
    .to_string());
    let table = [
        (Status::PendingFulfillmentStart, Ok(subscribed), Ok(pending), Ok(ended), Some(ended)),
        (Status::Subscribed, twice, Ok(subscribed), Ok(ended), Some(ended)),
        (SUSPENDED, suspended_refusal.clone(), suspended_refusal, Ok(ended), Some(ended)),
        (ENDED, ended_refusal.clone(), ended_refusal, over, None),
    ];
    for (status, activated, assigned, canceled, limited) in table {
        let explicit = LicenseConfirmation::Explicit;
        assert_eq!(told(in_status(status).activate(explicit, at(1))), activated, "{status:?}");
        assert_eq!(told(in_status(status).assign_licenses(2, at(1))), assigned, "{status:?}");
        assert_eq!(
            told(in_status(status).cancel(OperationSource::Azure, at(1))),
            canceled,
            "{status:?}"
        );
        let limit = in_status(status).reach_pending_limit(at(720));
        assert_eq!(limit.map(|change| change.subscription.status.name()), limited, "{status:?}");
    }
}

#[test]
fn billing_starts_at_the_later_key_with_one_charge_and_the_term_from_that_day() {
    let first = bought(Some(2)).activate(LicenseConfirmation::Explicit, at(1)).unwrap();
    assert_eq!(names(&first), ["fulfillmentConfirmed"]);
    assert_eq!(first.subscription.term_start, Some(day_of(at(1))));
    let second = first.subscription.assign_licenses(2, at(48)).unwrap();
    assert_eq!(
        names(&second),
        ["licensesReplaced", "licensesAssigned", "billingStarted", "charged"]
    );
    assert_eq!(second.subscription.gate.billing_started_at(), Some(at(48)));
    assert_eq!(second.subscription.term_start, Some(day_of(at(48))));
    let charge = second.charges().next().unwrap();
    assert_eq!((charge.first_day, charge.quantity), (day_of(at(48)), 2));
    assert_eq!(charge.subtotal.major().to_string(), "40.00");
}

#[test]
fn with_activation_one_call_turns_both_keys() {
    let change = bought(Some(5)).activate(LicenseConfirmation::WithActivation, at(1)).unwrap();
    assert_eq!(
        names(&change),
        ["licensesAssigned", "fulfillmentConfirmed", "billingStarted", "charged"]
    );
    assert_eq!(change.subscription.gate.billing_started_at(), Some(at(1)));
}

#[test]
fn a_set_that_shrinks_withdraws_the_key_before_billing_and_not_after() {
    let full = bought(Some(3)).assign_licenses(3, at(1)).unwrap().subscription;
    let shrunk = full.assign_licenses(2, at(2)).unwrap();
    assert_eq!(names(&shrunk), ["licensesReplaced", "licensesWithdrawn"]);
    let regrown = shrunk.subscription.assign_licenses(3, at(3)).unwrap().subscription;
    assert_eq!(regrown.gate.licenses_assigned_at(), Some(at(3)));
    let billing = regrown.activate(LicenseConfirmation::Explicit, at(4)).unwrap().subscription;
    let after = billing.assign_licenses(0, at(5)).unwrap();
    assert_eq!(names(&after), ["licensesReplaced"]);
    assert_eq!(after.subscription.gate.billing_started_at(), Some(at(4)));
}

#[test]
fn a_flat_rate_needs_one_license_and_more_than_bought_are_refused() {
    let change = bought(None).assign_licenses(1, at(1)).unwrap();
    assert_eq!(change.subscription.gate.licenses_assigned_at(), Some(at(1)));
    let refused = bought(None).assign_licenses(2, at(1)).unwrap_err();
    assert!(matches!(refused, Refusal::Field { field, .. } if field == "assignedTo"));
}

#[test]
fn after_thirty_days_no_key_turns_even_before_the_timer_ran() {
    let limit = 30 * 24;
    let explicit = LicenseConfirmation::Explicit;
    assert_eq!(bought(Some(2)).activate(explicit, at(limit)), Err(Refusal::Ended));
    assert!(bought(Some(2)).activate(explicit, at(limit - 1)).is_ok());
    let active = bought(Some(2)).activate(explicit, at(1)).unwrap().subscription;
    assert_eq!(active.clone().assign_licenses(2, at(limit)), Err(Refusal::Ended));
    assert!(active.reach_pending_limit(at(limit)).is_some());
    let billing = bought(None).activate(LicenseConfirmation::WithActivation, at(1)).unwrap();
    assert!(billing.subscription.clone().reach_pending_limit(at(limit)).is_none());
    assert!(billing.subscription.assign_licenses(0, at(limit)).is_ok());
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Assign(i64),
    Activate,
    Cancel,
    Limit,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..=3_i64).prop_map(Step::Assign),
        3 => Just(Step::Activate),
        1 => Just(Step::Cancel),
        1 => Just(Step::Limit),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// Never billed without both keys, never twice, nothing after the end.
    #[test]
    fn no_sequence_bills_wrongly(steps in steps(), with_activation: bool) {
        let confirmation = if with_activation {
            LicenseConfirmation::WithActivation
        } else {
            LicenseConfirmation::Explicit
        };
        let mut subscription = bought(Some(3));
        let (mut full, mut activated, mut ended, mut started) = (false, false, false, 0);
        for (hour, step) in (1..).zip(steps) {
            let before = subscription.clone();
            let change = match step {
                Step::Assign(people) => before.assign_licenses(people, at(hour)).ok(),
                Step::Activate => before.activate(confirmation, at(hour)).ok(),
                Step::Cancel => before.cancel(OperationSource::Azure, at(hour)).ok(),
                Step::Limit => before.reach_pending_limit(at(hour)),
            };
            let Some(change) = change else { continue };
            prop_assert!(!ended, "{step:?} was accepted after the end");
            match step {
                Step::Assign(people) => full = people == 3,
                Step::Activate => { activated = true; full |= with_activation; }
                Step::Cancel | Step::Limit => ended = true,
            }
            let starts = names(&change).iter().filter(|name| **name == "billingStarted").count();
            if starts > 0 {
                prop_assert!(full && activated, "billed without both keys at {step:?}");
            }
            prop_assert_eq!(starts, change.charges().count());
            started += starts;
            subscription = change.subscription;
        }
        prop_assert!(started <= 1);
        prop_assert_eq!(started == 1, subscription.gate.billing_started_at().is_some());
    }
}

/// A subscription whose billing started on 31 January.
fn billing() -> Subscription {
    bought(Some(3)).activate(LicenseConfirmation::WithActivation, at(0)).unwrap().subscription
}

fn kinds(change: &Change) -> Vec<TimerChange> {
    change.timers()
}

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// F1: the new term starts the day after the old end, and a day that was clamped in February stays clamped.
#[test]
fn a_term_renews_from_the_day_after_its_end() {
    let first = billing();
    assert_eq!(first.term_end(), Some(day("2026-02-28")));
    assert!(first.clone().reach_term_end(RENEWS, day("2026-02-27")).is_none(), "not yet");
    let second = first.reach_term_end(RENEWS, day("2026-02-28")).unwrap();
    assert_eq!(names(&second), ["renewed"]);
    assert_eq!(second.subscription.term_start, Some("2026-02-28".parse().unwrap()));
    let set = TimerChange::Set(TimerKind::TermEnd, day("2026-03-28"));
    assert_eq!(kinds(&second), [set]);
    let third = second.subscription.reach_term_end(RENEWS, day("2026-03-28")).unwrap();
    assert_eq!(third.subscription.term_start, Some("2026-03-28".parse().unwrap()));
}

#[test]
fn a_term_that_does_not_renew_ends_it_and_one_that_is_not_paid_suspends_it() {
    let end = day("2026-02-28");
    let expired = Subscription { auto_renew_off_since: Some(Timestamp::UNIX_EPOCH), ..billing() }
        .reach_term_end(RENEWS, end)
        .unwrap();
    let ended = Status::Unsubscribed { at: end, reason: EndReason::TermEnd };
    assert_eq!(expired.subscription.status, ended);
    let unpaid = billing().fail_next_payment(at(1)).unwrap();
    assert_eq!(names(&unpaid), ["paymentWillFail"]);
    let suspended = unpaid.subscription.reach_term_end(RENEWS, end).unwrap();
    assert_eq!(suspended.subscription.status, Status::Suspended { since: end });
    assert!(kinds(&suspended).contains(&TimerChange::Void(TimerKind::TermEnd)));
    assert!(
        suspended.subscription.clone().reach_term_end(RENEWS, end).is_none(),
        "not while suspended"
    );
    let early =
        suspended.subscription.clone().reach_suspended_limit(end + SignedDuration::from_hours(719));
    assert!(early.is_none());
    let late = suspended.subscription.reach_suspended_limit(end + SignedDuration::from_hours(720));
    assert_eq!(names(&late.unwrap()), ["unsubscribed"]);
}

#[test]
fn only_what_is_billed_and_renews_can_be_renewed_by_hand() {
    assert!(billing().renew(RENEWS, at(1)).is_ok());
    let one_key = bought(Some(3)).activate(LicenseConfirmation::Explicit, at(0)).unwrap();
    assert!(matches!(
        one_key.subscription.clone().renew(RENEWS, at(1)),
        Err(Refusal::NotNow { .. })
    ));
    assert!(!one_key.subscription.allowed_actions(false).contains(&"renew"));
    let once = Subscription { auto_renew_off_since: Some(Timestamp::UNIX_EPOCH), ..billing() };
    assert!(matches!(once.renew(RENEWS, at(1)), Err(Refusal::NotNow { .. })));
    assert!(billing().allowed_actions(false).contains(&"changePlan"));
    assert!(!billing().allowed_actions(true).contains(&"changePlan"));
}

fn succeeded(action: OperationAction, quantity: i64) -> Operation {
    Operation {
        id: shared::ids::OperationId(Uuid::nil()),
        subscription_id: SubscriptionId(Uuid::nil()),
        action,
        source: OperationSource::Azure,
        target: Target {
            plan_id: "gold".parse().unwrap(),
            quantity: Some(quantity),
            unit_price: "20".parse().unwrap(),
        },
        created_at: at(1),
        state: OperationState::Succeeded,
    }
}

/// architecture.md, 'The gate, exactly': another quantity moves the first key before billing and never after.
#[test]
fn another_quantity_moves_the_first_key_only_before_billing() {
    let change = |quantity| succeeded(OperationAction::ChangeQuantity, quantity);
    let one_key = bought(Some(3)).activate(LicenseConfirmation::Explicit, at(0)).unwrap();
    let two_of_three = one_key.subscription.assign_licenses(2, at(1)).unwrap().subscription;
    let complete = two_of_three.clone().apply(&change(2), at(2)).unwrap();
    assert_eq!(
        names(&complete),
        ["quantityChanged", "licensesAssigned", "billingStarted", "charged"]
    );
    assert_eq!(complete.charges().next().unwrap().quantity, 2);
    let full = bought(Some(3)).assign_licenses(3, at(1)).unwrap().subscription;
    let active = Subscription { status: Status::Subscribed, ..full };
    let grown = active.apply(&change(9), at(2)).unwrap();
    assert_eq!(names(&grown), ["quantityChanged", "licensesWithdrawn"]);
    let billed = billing().apply(&change(9), at(2)).unwrap();
    assert_eq!(names(&billed), ["quantityChanged"]);
    assert_eq!(billed.subscription.gate, billing().gate);
}

/// A term that ended during the suspension ends when the suspension does.
#[test]
fn a_reinstated_subscription_catches_up_with_its_term() {
    let suspended = billing().suspend(Happening::Suspend, at(1)).unwrap().subscription;
    let reinstate = succeeded(OperationAction::Reinstate, 3);
    let soon = suspended.clone().apply(&reinstate, at(2)).unwrap();
    assert_eq!(names(&soon), ["reinstated"]);
    let end = day("2026-02-28");
    assert!(kinds(&soon).contains(&TimerChange::Set(TimerKind::TermEnd, end)));
    let late = at(29 * 24);
    let after = suspended.apply(&reinstate, late).unwrap();
    assert!(kinds(&after).contains(&TimerChange::Set(TimerKind::TermEnd, late)));
    assert!(after.subscription.reach_term_end(RENEWS, late).is_some());
}

/// F2, for the terms that the default catalogue does not sell.
#[test]
fn a_late_cancellation_depends_on_the_term_and_what_is_still_to_be_paid() {
    let row = super::super::policy::find("late_cancel").unwrap();
    let billed = bought(Some(3)).activate(LicenseConfirmation::WithActivation, at(0)).unwrap();
    let hours = |hours| billed.subscription.purchased_at + jiff::SignedDuration::from_hours(hours);
    for (value, term, cycle, late) in [
        ("allow", TermUnit::P3Y, BillingCycle::Monthly, false),
        ("multi_year_fail", TermUnit::P3Y, BillingCycle::Annual, true),
        ("multi_year_fail", TermUnit::P2Y, BillingCycle::Monthly, true),
        ("multi_year_fail", TermUnit::P1Y, BillingCycle::Monthly, false),
        ("annual_and_longer_fail", TermUnit::P1Y, BillingCycle::Annual, true),
        ("annual_and_longer_fail", TermUnit::P1M, BillingCycle::Monthly, false),
    ] {
        let policy = Policy::default().with(row, Some(value)).unwrap();
        let stored = Subscription { term, billing_cycle: cycle, ..billed.subscription.clone() };
        assert_eq!(stored.cancels_too_late(hours(73), &policy), late, "{value} {term}");
        assert!(!stored.cancels_too_late(hours(71), &policy), "{value} {term}: free");
        let waiting = Subscription { term, ..bought(Some(3)) };
        assert!(!waiting.cancels_too_late(hours(73), &policy), "not billed yet");
    }
}
