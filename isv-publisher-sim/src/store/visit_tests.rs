//! Tests of visits and sign-ins on a real SQLite file: who is let in, whose answer is taken, how long it holds.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};
use tempfile::TempDir;

use super::{
    tests::{hash, later, now, open, purchase, user, visit},
    *,
};
use crate::{
    commands::{BeginSignIn, OpenVisit, Opened, SignVisitorIn, TakeSignIn},
    domain::{Place, Refusal, UserId, Visitor},
    queries::{Page, account_of_visit},
};

const DAY: i64 = 24 * 3600;

fn sandbox() -> SandboxId {
    "default".parse().unwrap()
}

fn contoso() -> PublisherId {
    "contoso".parse().unwrap()
}

fn visitor(id: UserId) -> Visitor {
    Visitor { id, name: "이하은".to_owned(), username: "haeun@hanbit.example".to_owned() }
}

fn sign_in(cookie: &str, new_cookie: &str, who: UserId, now: Timestamp) -> SignVisitorIn {
    SignVisitorIn {
        sandbox: sandbox(),
        publisher: contoso(),
        cookie: hash(cookie),
        new_cookie: hash(new_cookie),
        visitor: visitor(who),
        now,
    }
}

fn begin(cookie: &str, state: &str, now: Timestamp) -> BeginSignIn {
    BeginSignIn { cookie: hash(cookie), state: hash(state), place: Place::Landing, now }
}

async fn place(store: &Store, cookie: &str, state: &str, now: Timestamp) -> Option<Place> {
    let take = TakeSignIn { cookie: hash(cookie), state: hash(state), now };
    store.execute(take).await.unwrap()
}

async fn take(store: &Store, cookie: &str, state: &str, now: Timestamp) -> bool {
    place(store, cookie, state, now).await.is_some()
}

async fn page(store: &Store, cookie: &str, now: Timestamp) -> Page {
    account_of_visit(store, Some(&hash(cookie)), &sandbox(), &contoso(), now).await.unwrap()
}

/// A store with a visit under the cookie `a`.
async fn visited() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    store.execute(visit(1, "a")).await.unwrap();
    (folder, store)
}

#[tokio::test]
async fn purchaser_and_beneficiary_are_let_in_under_a_new_cookie_and_nobody_else() {
    let (_folder, store) = visited().await;
    let mut cookie = "a".to_owned();
    for (who, admitted) in [
        (user("3"), true),
        (user("2"), true),
        (user("4"), false),
        (UserId { tenant: "t3".to_owned(), object: "o2".to_owned() }, false),
        (UserId::default(), false),
    ] {
        let new_cookie = format!("{cookie}a");
        let signed = store.execute(sign_in(&cookie, &new_cookie, who.clone(), now())).await;
        assert!(signed.unwrap(), "{who:?}");
        assert!(matches!(page(&store, &cookie, now()).await, Page::Failed(_)), "the old cookie");
        match page(&store, &new_cookie, now()).await {
            Page::Account(account, visitor) => {
                assert_eq!((account.purchase, visitor.id, admitted), (purchase(), who, true));
            }
            Page::NotTheirs(visitor) => {
                assert_eq!((visitor.id, admitted), (who, false));
                assert_eq!(visitor.username, "haeun@hanbit.example");
            }
            other => panic!("{who:?}: {other:?}"),
        }
        cookie = new_cookie;
    }
}

#[tokio::test]
async fn an_answer_is_taken_once_by_the_visit_that_began_it_and_within_an_hour() {
    let (_folder, store) = visited().await;
    store.execute(visit(1, "b")).await.unwrap();
    store.execute(begin("a", "s1", now())).await.unwrap();
    assert!(!take(&store, "b", "s1", now()).await, "another visit's");
    assert!(!take(&store, "a", "s2", now()).await, "never begun");
    assert!(take(&store, "a", "s1", later(3599)).await);
    assert!(!take(&store, "a", "s1", later(3599)).await, "a second time");
    store.execute(begin("a", "s2", now())).await.unwrap();
    assert!(!take(&store, "a", "s2", later(3600)).await, "too late");

    // What is under way ends with the sign-in that succeeded.
    store.execute(begin("a", "s3", now())).await.unwrap();
    store.execute(sign_in("a", "c", user("3"), now())).await.unwrap();
    assert!(!take(&store, "a", "s3", now()).await && !take(&store, "c", "s3", now()).await);
    assert!(!store.execute(sign_in("a", "d", user("3"), now())).await.unwrap(), "no such visit");
    let nobody = store.execute(begin("a", "s4", now())).await;
    assert!(matches!(nobody, Err(Error::Database(_))), "no sign-in without a visit");
}

#[tokio::test]
async fn of_many_sign_ins_under_way_the_newest_are_waited_for() {
    let (_folder, store) = visited().await;
    for number in 0..12 {
        store.execute(begin("a", &format!("s{number}"), later(number))).await.unwrap();
    }
    let mut taken = Vec::new();
    for number in 0..12 {
        taken.push(take(&store, "a", &format!("s{number}"), later(12)).await);
    }
    assert_eq!(taken, [[false; 4].as_slice(), &[true; 8]].concat());
}

#[tokio::test]
async fn whoever_comes_again_is_known_while_the_sign_in_holds_and_the_purchase_is_theirs() {
    let (_folder, store) = visited().await;
    store.execute(sign_in("a", "b", user("2"), now())).await.unwrap();
    let again = |cookie: &str, previous: &str, now: Timestamp| OpenVisit {
        previous: Some(hash(previous)),
        now,
        ..visit(1, cookie)
    };
    store.execute(again("c", "b", later(DAY - 60))).await.unwrap();
    assert!(matches!(page(&store, "c", later(DAY - 60)).await, Page::Account(..)));
    // The visit is new; the sign-in is as old as it was.
    let late = page(&store, "c", later(DAY)).await;
    assert!(matches!(late, Page::SignInNeeded { .. }), "{late:?}");
    store.execute(again("d", "c", later(DAY))).await.unwrap();
    assert!(matches!(page(&store, "d", later(DAY)).await, Page::SignInNeeded { .. }));

    store.execute(visit(1, "e")).await.unwrap();
    store.execute(sign_in("e", "f", user("4"), now())).await.unwrap();
    store.execute(again("g", "f", now())).await.unwrap();
    let stranger = page(&store, "g", now()).await;
    assert!(matches!(stranger, Page::SignInNeeded { .. }), "asked anew: {stranger:?}");
    store.execute(again("h", "made up", now())).await.unwrap();
    assert!(matches!(page(&store, "h", now()).await, Page::SignInNeeded { .. }));
}

#[tokio::test]
async fn a_sign_in_leads_back_to_where_it_began() {
    let (_folder, store) = visited().await;
    let subscription = super::tests::key(1).subscription;
    let step = "export".parse().unwrap();
    let places = [Place::Landing, Place::Account(subscription), Place::Step(subscription, step)];
    for (number, wanted) in places.into_iter().enumerate() {
        let state = format!("s{number}");
        let begun = BeginSignIn { place: wanted.clone(), ..begin("a", &state, now()) };
        store.execute(begun).await.unwrap();
        assert_eq!(place(&store, "a", &state, now()).await, Some(wanted));
    }
}

#[tokio::test]
async fn an_account_is_opened_by_its_own_address_and_only_if_it_is_known() {
    let (_folder, store) = visited().await;
    store.execute(sign_in("a", "b", user("2"), now())).await.unwrap();
    let again = |cookie: &str, previous: &str, number| OpenVisit {
        previous: Some(hash(previous)),
        opened: Opened::Known(super::tests::key(number)),
        ..visit(1, cookie)
    };
    assert!(store.execute(again("c", "b", 1)).await.unwrap(), "signed in before");
    assert!(matches!(page(&store, "c", now()).await, Page::Account(..)));
    assert!(!store.execute(again("d", "made up", 1)).await.unwrap());
    assert!(matches!(page(&store, "d", now()).await, Page::SignInNeeded { .. }));
    let unknown = store.execute(again("e", "b", 9)).await;
    assert!(matches!(unknown, Err(Error::Refused(Refusal::UnknownAccount))), "{unknown:?}");
}
