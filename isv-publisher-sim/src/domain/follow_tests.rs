//! Tests of [`Account::follow`]: every action in every state, and looks that come late.

use shared::ids::SubscriptionId;

use super::*;
use crate::domain::{Entries, Term, UserId};

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

fn term(first: i64) -> Term {
    Term { start: at(first), end: at(first + 27) }
}

fn purchase(plan: &str, quantity: i64, term: Option<Term>) -> Purchase {
    Purchase {
        publisher: "contoso".parse().unwrap(),
        publisher_name: "Contoso".to_owned(),
        offer: "Desk".to_owned(),
        plan: plan.to_owned(),
        name: "Our desk".to_owned(),
        quantity: Some(quantity),
        term_unit: "P1M".to_owned(),
        term,
        beneficiary: "Hanbit".to_owned(),
        beneficiary_email: String::new(),
        beneficiary_user: UserId::default(),
        purchaser: "Alder".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: UserId::default(),
        metered: false,
    }
}

/// The states by name, each on plan silver with two licenses.
fn states() -> [(&'static str, Account); 7] {
    let key = AccountKey {
        sandbox: "default".parse().unwrap(),
        subscription: SubscriptionId(uuid::Uuid::nil()),
    };
    let silver = purchase("silver", 2, Some(term(0)));
    let new = Account::open(key, silver, Standing::PendingFulfillmentStart, at(0));
    let entries = Entries {
        site_address: "hanbit".to_owned(),
        admin_name: "Haeun".to_owned(),
        admin_email: "haeun@hanbit.example".to_owned(),
        people: "a@b.c\nb@b.c".to_owned(),
    };
    let information = Information::parse(&entries, Some(2)).unwrap();
    let set_up = new.clone().submit(information, at(1)).unwrap();
    let billing = set_up.clone().assigned(2, Some(at(2))).confirmed(at(3), false);
    [
        ("awaiting", new.clone()),
        ("awaiting, active", new.clone().standing(Standing::Subscribed, at(3))),
        ("setting up", set_up.clone()),
        ("setting up, suspended", set_up.standing(Standing::Suspended, at(4))),
        ("billing", billing.clone()),
        ("billing, suspended", billing.clone().standing(Standing::Suspended, at(4))),
        ("ended", billing.standing(Standing::Unsubscribed, at(4))),
    ]
}

fn name(account: &Account) -> &'static str {
    let active = account.keys().fulfillment_confirmed_at.is_some();
    match (&account.state, account.suspended_at.is_some()) {
        (State::AwaitingInformation { .. }, false) if active => "awaiting, active",
        (State::AwaitingInformation { .. }, false) => "awaiting",
        (State::AwaitingInformation { .. }, true) => "awaiting, suspended",
        (State::SettingUp { .. }, false) => "setting up",
        (State::SettingUp { .. }, true) => "setting up, suspended",
        (State::Billing { .. }, false) => "billing",
        (State::Billing { .. }, true) => "billing, suspended",
        (State::Ended { .. }, _) => "ended",
    }
}

/// What the marketplace shows once an operation of this kind has succeeded.
fn shown(action: &Action) -> Seen {
    let (purchase, standing) = match action {
        Action::ChangePlan => (purchase("gold", 2, Some(term(0))), Standing::Subscribed),
        Action::ChangeQuantity => (purchase("silver", 5, Some(term(0))), Standing::Subscribed),
        Action::Renew => (purchase("silver", 2, Some(term(28))), Standing::Subscribed),
        Action::Suspend => (purchase("silver", 2, Some(term(0))), Standing::Suspended),
        Action::Unsubscribe => (purchase("silver", 2, Some(term(0))), Standing::Unsubscribed),
        Action::Reinstate | Action::Subscribe | Action::Unknown(_) => {
            (purchase("silver", 2, Some(term(0))), Standing::Subscribed)
        }
    };
    Seen { purchase, standing, at: at(9) }
}

#[test]
fn every_action_in_every_state() {
    // In the order of `states`: what each becomes.
    let active = [
        "awaiting, active",
        "awaiting, active",
        "setting up",
        "setting up",
        "billing",
        "billing",
        "ended",
    ];
    let suspended = [
        "awaiting, suspended",
        "awaiting, suspended",
        "setting up, suspended",
        "setting up, suspended",
        "billing, suspended",
        "billing, suspended",
        "ended",
    ];
    let billing = ["billing", "billing", "billing", "billing", "billing", "billing", "ended"];
    for action in Action::KNOWN {
        let expected = match action {
            Action::Suspend => suspended,
            Action::Unsubscribe => ["ended"; 7],
            Action::Subscribe => billing,
            _ => active,
        };
        for ((before, account), after) in states().into_iter().zip(expected) {
            let followed = account.clone().follow(&action, shown(&action));
            let case = format!("{action:?} when {before}");
            assert_eq!(name(&followed), after, "{case}");
            let bought =
                if account.is_ended() { &account.purchase } else { &shown(&action).purchase };
            assert_eq!(&followed.purchase, bought, "{case}");
            assert_eq!(followed.submitted(), account.submitted(), "{case}");
            let since =
                account.suspended_at.or(Some(at(9))).filter(|_| after.contains("suspended"));
            assert_eq!(followed.suspended_at, since, "{case}");
        }
    }
}

#[test]
fn keys_that_are_in_stay_as_they_are() {
    for (before, account) in states() {
        for action in Action::KNOWN {
            let (keys, now) = (account.keys(), account.clone().follow(&action, shown(&action)));
            let kept =
                |then: Option<Timestamp>, now: Option<Timestamp>| then.is_none() || then == now;
            assert!(kept(keys.licenses_assigned_at, now.keys().licenses_assigned_at), "{before}");
            assert!(
                kept(keys.fulfillment_confirmed_at, now.keys().fulfillment_confirmed_at),
                "{before}"
            );
        }
    }
}

#[test]
fn a_purchase_that_activates_by_itself_needs_no_key() {
    let [(_, new), ..] = states();
    let started = new.follow(&Action::Subscribe, shown(&Action::Subscribe));
    let keys = Keys { licenses_assigned_at: Some(at(9)), fulfillment_confirmed_at: Some(at(9)) };
    assert_eq!((name(&started), started.keys()), ("billing", keys));
    // It has ended before it was heard of.
    let ended = Seen { standing: Standing::Unsubscribed, ..shown(&Action::Subscribe) };
    let [(_, new), ..] = states();
    assert_eq!(name(&new.follow(&Action::Subscribe, ended)), "ended");
}

#[test]
fn what_the_marketplace_shows_wins_over_a_webhook_that_comes_late() {
    let billing = || states().into_iter().find(|(name, _)| *name == "billing").unwrap().1;
    // Suspended and reinstated since: there is nothing to suspend any more.
    let late = Seen { standing: Standing::Subscribed, ..shown(&Action::Suspend) };
    assert_eq!(name(&billing().follow(&Action::Suspend, late)), "billing");
    // Changed to gold and back since.
    let late = shown(&Action::Renew);
    assert_eq!(billing().follow(&Action::ChangePlan, late).purchase.plan, "silver");
    // Ended since.
    let late = Seen { standing: Standing::Unsubscribed, ..shown(&Action::ChangePlan) };
    assert_eq!(name(&billing().follow(&Action::ChangePlan, late)), "ended");
    // An end is the end, even if the look is older than it.
    let early = Seen { standing: Standing::Subscribed, ..shown(&Action::Unsubscribe) };
    assert_eq!(name(&billing().follow(&Action::Unsubscribe, early)), "ended");
}
