//! Every (state, event) pair of the subscription, and long random sequences of events.

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn at(hours: i64) -> Timestamp {
    "2026-01-31T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn bought(quantity: Option<i64>) -> Subscription {
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
        auto_renew: true,
        purchased_at: at(0),
        status: Status::PendingFulfillmentStart,
        gate: Gate::Shut,
        term_start: None,
        licenses_assigned: 0,
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
    let over =
        Err(Refusal::WrongState { action: "unsubscribe", state: "Unsubscribed", allowed: &[] }
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
        assert_eq!(told(in_status(status).unsubscribe(at(1))), canceled, "{status:?}");
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
                Step::Cancel => before.unsubscribe(at(hour)).ok(),
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
