//! Tests of `account`: every step in every state.

use shared::ids::SubscriptionId;

use super::*;
use crate::domain::{Entries, UserId};

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
}

fn purchase(quantity: Option<i64>) -> Purchase {
    Purchase {
        publisher: "contoso".parse().unwrap(),
        publisher_name: "Contoso".to_owned(),
        offer: "Desk".to_owned(),
        plan: "Gold".to_owned(),
        name: "Our desk".to_owned(),
        quantity,
        term_unit: "P1M".to_owned(),
        term: None,
        beneficiary: "Hanbit".to_owned(),
        beneficiary_email: "a@hanbit.example".to_owned(),
        beneficiary_user: UserId::default(),
        purchaser: "Alder".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: UserId::default(),
        metered: false,
    }
}

fn opened(quantity: Option<i64>, standing: Standing) -> Account {
    let key = AccountKey {
        sandbox: "default".parse().unwrap(),
        subscription: SubscriptionId(uuid::Uuid::nil()),
    };
    Account::open(key, purchase(quantity), standing, at(0))
}

fn information(people: &str, quantity: Option<i64>) -> Information {
    let entries = Entries {
        site_address: "hanbit".to_owned(),
        admin_name: "Haeun".to_owned(),
        admin_email: "haeun@hanbit.example".to_owned(),
        people: people.to_owned(),
    };
    Information::parse(&entries, quantity).unwrap()
}

fn pending() -> Account {
    opened(Some(2), Standing::PendingFulfillmentStart)
}

fn set_up(people: &str) -> Account {
    pending().submit(information(people, Some(2)), at(1)).unwrap()
}

#[test]
fn nothing_is_possible_before_the_information() {
    let account = pending();
    assert_eq!(account.may_assign(), Err(Refusal::InformationMissing));
    assert_eq!(account.may_confirm(), Err(Refusal::InformationMissing));
    assert_eq!(account.may_submit(), Ok(()));
}

#[test]
fn both_steps_are_possible_in_either_order_afterwards() {
    let whole = set_up("a@b.c\nb@b.c");
    assert_eq!(whole.may_assign().unwrap(), ["a@b.c", "b@b.c"]);
    assert_eq!(whole.may_confirm(), Ok(()));

    let first = whole.clone().assigning().assigned(2, Some(at(2)));
    assert!(matches!(first.state, State::SettingUp { .. }));
    assert_eq!(first.may_assign(), Err(Refusal::LicensesAssigned));
    let both = first.confirmed(at(3), false);
    let other = whole.confirmed(at(3), false).assigning().assigned(2, Some(at(2)));
    assert_eq!(both, other);
    assert!(matches!(both.state, State::Billing { .. }));
    assert_eq!(both.may_confirm(), Err(Refusal::FulfillmentConfirmed));
}

#[test]
fn a_plan_without_seats_gives_its_one_license_to_the_administrator() {
    let flat = opened(None, Standing::PendingFulfillmentStart);
    let flat = flat.submit(information("", None), at(1)).unwrap();
    assert_eq!(flat.may_assign().unwrap(), ["haeun@hanbit.example"]);
    assert_eq!(flat.seats_without_person(), 0);
}

#[test]
fn assigning_again_takes_more_information() {
    let part = set_up("a@b.c").assigning().assigned(1, None);
    assert_eq!(part.may_assign(), Err(Refusal::NobodyNew));
    let more = part.submit(information("a@b.c\nb@b.c", Some(2)), at(2)).unwrap();
    assert_eq!(more.may_assign().unwrap().len(), 2);
    assert_eq!(more.may_submit(), Err(Refusal::InformationComplete));
}

#[test]
fn a_step_under_way_is_not_taken_twice_and_a_refused_one_may_be_repeated() {
    let mut account = set_up("a@b.c").assigning();
    account.assigning = Step::Underway { attempts: 1, failure: None };
    account.confirming = Step::Underway { attempts: 0, failure: None };
    assert_eq!(account.may_assign(), Err(Refusal::Underway));
    assert_eq!(account.may_confirm(), Err(Refusal::Underway));
    account.assigning = Step::Refused { failure: "no".to_owned() };
    account.confirming = Step::Refused { failure: "no".to_owned() };
    assert!(account.may_assign().is_ok());
    assert!(account.may_confirm().is_ok());
}

#[test]
fn a_set_that_shrinks_withdraws_the_first_key_until_billing_starts() {
    let first = set_up("a@b.c\nb@b.c").assigned(2, Some(at(2)));
    assert_eq!(first.clone().assigned(1, None).keys(), Keys::default());
    let billing = first.confirmed(at(3), false);
    let shrunk = billing.clone().assigned(1, None);
    assert_eq!((shrunk.keys(), shrunk.licenses_accepted), (billing.keys(), 1));
}

#[test]
fn with_activation_one_call_turns_both_keys() {
    let keys = set_up("a@b.c").confirmed(at(3), true).keys();
    assert_eq!(keys.licenses_assigned_at, Some(at(3)));
    let keys = set_up("a@b.c").assigned(2, Some(at(2))).confirmed(at(3), true).keys();
    assert_eq!(keys.licenses_assigned_at, Some(at(2)));
}

#[test]
fn an_ended_subscription_stays_ended_and_takes_nothing() {
    let ended = set_up("a@b.c").standing(Standing::Unsubscribed, at(5));
    assert!(ended.is_ended() && ended.submitted().is_some());
    assert_eq!(ended.may_assign(), Err(Refusal::Ended));
    assert_eq!(ended.may_confirm(), Err(Refusal::Ended));
    assert_eq!(ended.may_submit(), Err(Refusal::Ended));
    assert!(ended.clone().confirmed(at(6), true).is_ended());
    assert!(ended.reopen(purchase(Some(2)), Standing::Subscribed, at(6)).is_ended());
}

#[test]
fn a_suspended_subscription_waits_and_goes_on_when_it_is_reinstated() {
    let account = set_up("a@b.c").standing(Standing::Suspended, at(5));
    assert_eq!(account.suspended_at, Some(at(5)));
    assert_eq!(account.may_assign(), Err(Refusal::Suspended));
    assert_eq!(account.clone().standing(Standing::Suspended, at(6)).suspended_at, Some(at(5)));
    assert_eq!(account.standing(Standing::Subscribed, at(7)).suspended_at, None);
}

#[test]
fn an_activation_made_elsewhere_counts_from_when_it_was_seen() {
    let account = opened(Some(2), Standing::Subscribed);
    assert_eq!(account.keys().fulfillment_confirmed_at, Some(at(0)));
    assert!(matches!(account.state, State::AwaitingInformation { .. }));
}
