//! Tests of the store and the commands on a real SQLite file.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use shared::{ids::SubscriptionId, secret::Secret};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    commands::{
        Accepted, AssignLicenses, ConfirmSetup, Delivery, OpenVisit, Opened, RecordDelivery,
        SignIn, SignOut, SubmitInformation,
    },
    domain::{
        Account, AccountKey, Call, Entries, Information, Keys, Kind, Purchase, Refusal, Setup,
        Standing, State, Step, UserId,
    },
    queries::{Page, account_of_visit, list_accounts},
};

pub(super) fn now() -> Timestamp {
    "2027-01-31T09:00:00Z".parse().unwrap()
}

pub(super) fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub(super) fn key(number: u128) -> AccountKey {
    AccountKey {
        sandbox: "default".parse().unwrap(),
        subscription: SubscriptionId(Uuid::from_u128(number)),
    }
}

/// A user whose ids tell nothing else.
pub(super) fn user(number: &str) -> UserId {
    UserId { tenant: format!("t{number}"), object: format!("o{number}") }
}

pub(super) fn purchase() -> Purchase {
    Purchase {
        publisher: "contoso".parse().unwrap(),
        publisher_name: "Contoso".to_owned(),
        offer: "Desk".to_owned(),
        plan: "Gold".to_owned(),
        name: "Our desk".to_owned(),
        quantity: Some(2),
        term_unit: "P1M".to_owned(),
        term: None,
        beneficiary: "한빛".to_owned(),
        beneficiary_email: "a@hanbit.example".to_owned(),
        beneficiary_user: user("3"),
        purchaser: "Alder".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: user("2"),
        metered: false,
    }
}

pub(super) fn hash(text: &str) -> CookieHash {
    CookieHash::of(&Secret::new(text.to_owned()))
}

pub(super) fn visit(number: u128, cookie: &str) -> OpenVisit {
    OpenVisit {
        sandbox: "default".parse().unwrap(),
        publisher: "contoso".parse().unwrap(),
        cookie: hash(cookie),
        previous: None,
        opened: Opened::Purchase {
            key: key(number),
            purchase: Box::new(purchase()),
            standing: Standing::PendingFulfillmentStart,
            at: now(),
        },
        now: now(),
    }
}

pub(super) fn submission(number: u128, people: &str) -> SubmitInformation {
    let entries = Entries {
        site_address: "hanbit".to_owned(),
        admin_name: "Haeun".to_owned(),
        admin_email: "haeun@hanbit.example".to_owned(),
        people: people.to_owned(),
    };
    let information = Information::parse(&entries, Some(2)).unwrap();
    SubmitInformation {
        key: key(number),
        information,
        at: later(1),
        setup: setup("2"),
        message_id: format!("setup of {number}, {people}"),
        now: now(),
    }
}

/// What is reported when this user submits the form.
fn setup(number: &str) -> Setup {
    Setup {
        by: user(number),
        username: String::new(),
        sign_in_url: format!("http://localhost/{number}"),
    }
}

fn assign(number: u128, id: &str) -> AssignLicenses {
    AssignLicenses { key: key(number), message_id: id.to_owned(), now: now() }
}

fn confirm(number: u128, id: &str) -> ConfirmSetup {
    ConfirmSetup { key: key(number), message_id: id.to_owned(), now: now() }
}

pub(super) async fn open(folder: &Path) -> Store {
    Store::connect(&folder.join("publisher ü #1.db")).await.unwrap()
}

/// A store with an account whose form has arrived, which the marketplace knows.
pub(super) async fn set_up() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    store.execute(visit(1, "a")).await.unwrap();
    store.execute(submission(1, "a@b.c\nb@b.c")).await.unwrap();
    accept(&store, Accepted::Setup, None).await;
    (folder, store)
}

/// The marketplace accepts the one call that is due.
pub(super) async fn accept(
    store: &Store,
    accepted: Accepted,
    told: Option<Vec<crate::domain::PublisherStep>>,
) {
    let claimed = claim_one(store, later(1)).await;
    let delivery = Delivery::Accepted(accepted);
    let recorded = RecordDelivery { claimed, delivery, told, seen: None, now: later(1) };
    store.execute(recorded).await.unwrap();
}

async fn account(store: &Store, number: u128) -> Account {
    store.account(&key(number)).await.unwrap().unwrap()
}

pub(super) async fn claim_one(store: &Store, at: Timestamp) -> Claimed {
    let mut claimed = store.claim(at, at + SignedDuration::from_secs(15), 8).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

#[tokio::test]
async fn an_account_is_read_as_it_was_stored() {
    let (_folder, store) = set_up().await;
    let stored = account(&store, 1).await;
    assert_eq!(stored.purchase, purchase());
    assert_eq!(stored.submitted().unwrap().information.people, ["a@b.c", "b@b.c"]);
    assert_eq!((stored.version, stored.opened_at), (2, now()));
    let listed = list_accounts(&store, &key(1).sandbox).await.unwrap();
    assert_eq!(listed, [stored]);
    assert_eq!(list_accounts(&store, &"other".parse().unwrap()).await.unwrap(), []);
}

#[tokio::test]
async fn a_visit_leads_to_its_account_until_it_expires_and_only_on_its_page() {
    let (_folder, store) = set_up().await;
    let (sandbox, publisher) = ("default".parse().unwrap(), "contoso".parse().unwrap());
    let page = |cookie: &'static str, at| {
        let (store, sandbox, publisher) = (&store, &sandbox, &publisher);
        async move {
            account_of_visit(store, Some(&hash(cookie)), sandbox, publisher, at).await.unwrap()
        }
    };
    assert!(
        matches!(page("a", now()).await, Page::SignInNeeded { hint } if hint == "a@hanbit.example")
    );
    for (cookie, at) in [("b", now()), ("a", later(24 * 3600))] {
        assert!(matches!(page(cookie, at).await, Page::Failed(TokenFailure::Missing)));
    }
    let (cookie, stranger) = (hash("a"), "x".parse().unwrap());
    let other = account_of_visit(&store, Some(&cookie), &sandbox, &stranger, now());
    assert!(matches!(other.await.unwrap(), Page::Failed(_)));

    let opened = Opened::Failed(TokenFailure::Expired);
    store.execute(OpenVisit { opened, ..visit(1, "failed") }).await.unwrap();
    assert!(matches!(page("failed", now()).await, Page::Failed(TokenFailure::Expired)));
}

#[tokio::test]
async fn a_step_and_its_call_are_stored_together_or_not_at_all() {
    let (_folder, store) = set_up().await;
    store.execute(assign(1, "m1")).await.unwrap();
    let refused = store.execute(assign(1, "m2")).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Underway))));
    assert!(matches!(account(&store, 1).await.assigning, Step::Underway { attempts: 0, .. }));

    // The id is taken: the call cannot be stored, so neither is the step.
    store.execute(visit(2, "b")).await.unwrap();
    store.execute(submission(2, "a@b.c")).await.unwrap();
    assert!(matches!(store.execute(assign(2, "m1")).await, Err(Error::Database(_))));
    let untouched = account(&store, 2).await;
    assert_eq!((untouched.assigned_revision, untouched.assigning), (0, Step::Open));
}

#[tokio::test]
async fn two_claimers_never_get_one_row() {
    let (_folder, store) = set_up().await;
    for number in 10..60 {
        store.execute(visit(number, &number.to_string())).await.unwrap();
        store.execute(submission(number, "a@b.c")).await.unwrap();
        store.execute(assign(number, &format!("m{number}"))).await.unwrap();
    }
    let claimer = || async {
        let mut mine = Vec::new();
        loop {
            let claimed = store.claim(now(), later(15), 3).await.unwrap();
            if claimed.is_empty() {
                return mine;
            }
            mine.extend(claimed.into_iter().map(|claimed| claimed.id));
        }
    };
    let (mut all, b, c) = futures_util::join!(claimer(), claimer(), claimer());
    all.extend(b);
    all.extend(c);
    assert_eq!(all.len(), 100, "a report and an assignment of each account");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 100);
}

#[tokio::test]
async fn a_lease_that_ended_frees_the_row_and_its_late_holder_records_nothing() {
    let (_folder, store) = set_up().await;
    store.execute(confirm(1, "m1")).await.unwrap();
    let slow = claim_one(&store, now()).await;
    assert!(store.claim(later(14), later(30), 8).await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), Some(later(15)));
    let quick = claim_one(&store, later(15)).await;
    assert_eq!((slow.attempt, quick.attempt), (1, 2));

    let record = |claimed, both_keys| RecordDelivery {
        claimed,
        delivery: Delivery::Accepted(Accepted::Fulfillment { at: now(), both_keys }),
        told: None,
        seen: None,
        now: now(),
    };
    assert!(matches!(store.execute(record(slow, true)).await, Err(Error::Stale)));
    assert_eq!(account(&store, 1).await.keys(), Keys::default());
    store.execute(record(quick, false)).await.unwrap();
    assert_eq!(account(&store, 1).await.keys().fulfillment_confirmed_at, Some(now()));
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn an_unanswered_call_waits_its_pause_and_a_refused_one_ends() {
    let (_folder, store) = set_up().await;
    store.execute(confirm(1, "m1")).await.unwrap();
    let claimed = claim_one(&store, now()).await;
    let retry_after = Some(SignedDuration::from_secs(7));
    let delivery = Delivery::Unanswered { failure: "busy".to_owned(), retry_after };
    store
        .execute(RecordDelivery { claimed, delivery, told: None, seen: None, now: now() })
        .await
        .unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(later(7)));
    assert_eq!(account(&store, 1).await.confirming.failure(), Some("busy"));

    let claimed = claim_one(&store, later(7)).await;
    let standing = Some((Standing::Unsubscribed, later(7)));
    let delivery = Delivery::Refused { failure: "it has ended".to_owned(), standing };
    store
        .execute(RecordDelivery { claimed, delivery, told: None, seen: None, now: later(7) })
        .await
        .unwrap();
    let ended = account(&store, 1).await;
    assert_eq!(ended.confirming, Step::Refused { failure: "it has ended".to_owned() });
    assert!(ended.is_ended());
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_kill_between_the_two_steps_is_made_good_after_a_restart() {
    let (folder, store) = set_up().await;
    store.execute(assign(1, "m1")).await.unwrap();
    let lost = claim_one(&store, now()).await;
    drop(store); // nothing is closed: the process is gone

    let store = open(folder.path()).await;
    store.release_leases().await.unwrap();
    let claimed = claim_one(&store, now()).await;
    assert_eq!((&claimed.id, claimed.attempt), (&lost.id, 2));
    assert_eq!(claimed.people, ["a@b.c", "b@b.c"]);
    let accepted = Accepted::Licenses { assigned: 2, confirmed_at: Some(later(2)) };
    let delivery = Delivery::Accepted(accepted);
    store
        .execute(RecordDelivery { claimed, delivery, told: None, seen: None, now: now() })
        .await
        .unwrap();
    assert_eq!(store.accounts_in_setup().await.unwrap(), [key(1)]);
    store.execute(confirm(1, "m2")).await.unwrap();
    drop(store);

    let store = open(folder.path()).await;
    let claimed = claim_one(&store, now()).await;
    assert_eq!(claimed.call, Call::Account(Kind::Activate));
    let accepted = Accepted::Fulfillment { at: later(3), both_keys: false };
    let delivery = Delivery::Accepted(accepted);
    store
        .execute(RecordDelivery { claimed, delivery, told: None, seen: None, now: now() })
        .await
        .unwrap();
    assert!(matches!(account(&store, 1).await.state, State::Billing { .. }));
    assert!(store.accounts_in_setup().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_console_session_ends_by_sign_out_and_after_eight_hours() {
    let (_folder, store) = set_up().await;
    store.execute(SignIn { cookie: hash("c"), now: now() }).await.unwrap();
    assert!(store.is_signed_in(&hash("c"), later(8 * 3600 - 1)).await.unwrap());
    assert!(!store.is_signed_in(&hash("c"), later(8 * 3600)).await.unwrap());
    assert!(!store.is_signed_in(&hash("d"), now()).await.unwrap());
    store.execute(SignOut { cookie: hash("c") }).await.unwrap();
    assert!(!store.is_signed_in(&hash("c"), now()).await.unwrap());
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _store) = set_up().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn every_command_wakes_whoever_waits() {
    let (_folder, store) = set_up().await;
    let mut changes = store.changes();
    assert!(!changes.has_changed().unwrap());
    store.execute(confirm(1, "m1")).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    store.claim(now(), later(15), 8).await.unwrap();
    assert!(!changes.has_changed().unwrap());
}
