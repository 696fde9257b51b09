//! Tests of counting, sending and recording usage on a real SQLite file.

use jiff::{SignedDuration, Timestamp};
use shared::ids::SubscriptionId;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    commands::{CountUsage, RecordUsage, SetBehavior, ToldUsage, UsageNews},
    domain::{
        Account, AccountKey, MeteredDimension, MeteredPlan, Purchase, Reporting, Standing, Term,
        UserId,
    },
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Real time.
fn now() -> Timestamp {
    at("2026-11-25T00:00:00Z")
}

fn key(number: u128) -> AccountKey {
    let subscription = SubscriptionId(Uuid::from_u128(number));
    AccountKey { sandbox: "default".parse().unwrap(), subscription }
}

/// Keeps an account as it is.
struct Keep(Account);

impl Command for Keep {
    type Output = ();
    const NAME: &'static str = "keep";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.save_account(&self.0).await
    }
}

fn account(number: u128, metered: bool) -> Account {
    let purchase = Purchase {
        publisher: "contoso".parse().unwrap(),
        publisher_name: "Contoso".to_owned(),
        offer: "Archive".to_owned(),
        plan: "Metered".to_owned(),
        name: "Our archive".to_owned(),
        quantity: None,
        term_unit: "P1M".to_owned(),
        metered,
        term: Some(Term { start: at("2027-01-31T00:00:00Z"), end: at("2027-02-27T00:00:00Z") }),
        beneficiary: "Hanbit".to_owned(),
        beneficiary_email: String::new(),
        beneficiary_user: UserId::default(),
        purchaser: "Alder".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: UserId::default(),
    };
    Account::open(key(number), purchase, Standing::Subscribed, at("2027-01-31T09:20:00Z"))
}

fn plan(at_: &str) -> MeteredPlan {
    MeteredPlan {
        plan: "metered".to_owned(),
        active: true,
        term_start: at("2027-01-31T00:00:00Z"),
        dimensions: vec![MeteredDimension { id: "gigabytes".to_owned(), included: 0 }],
        at: at(at_),
    }
}

/// A store with a metered account that is billed, one that is not billed yet, and one that is not metered.
async fn open() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::connect(&folder.path().join("publisher.db")).await.unwrap();
    let activated = at("2027-01-31T09:20:00Z");
    store.execute(Keep(account(1, true).confirmed(activated, true))).await.unwrap();
    store.execute(Keep(account(2, true))).await.unwrap();
    store.execute(Keep(account(3, false).confirmed(activated, true))).await.unwrap();
    (folder, store)
}

async fn count(store: &Store, at: &str) {
    let account = store.metered_accounts().await.unwrap().remove(0);
    store.execute(CountUsage { account, plan: plan(at), now: now() }).await.unwrap();
}

#[tokio::test]
async fn an_account_is_counted_if_it_is_metered_billed_and_its_publisher_reports() {
    let (_folder, store) = open().await;
    let found = store.metered_accounts().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].key, found[0].counted_until), (&key(1), None));
    let (sandbox, publisher) = ("default".parse().unwrap(), "contoso".parse().unwrap());
    let choose = |reporting| SetBehavior {
        sandbox: "default".parse().unwrap(),
        publisher: "contoso".parse().unwrap(),
        behavior: None,
        reporting: Some(reporting),
    };
    store.execute(choose(Reporting::Silent)).await.unwrap();
    assert!(store.metered_accounts().await.unwrap().is_empty());
    assert_eq!(store.reporting(&sandbox, &publisher).await.unwrap(), Reporting::Silent);
    assert_eq!(store.behavior(&sandbox, &publisher).await.unwrap().name(), "accept");
    store.execute(choose(Reporting::Report)).await.unwrap();
    assert_eq!(store.metered_accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_counted_twice_is_found_once_and_ends_as_the_marketplace_says() {
    let (_folder, store) = open().await;
    count(&store, "2027-01-31T13:10:00Z").await;
    count(&store, "2027-01-31T13:50:00Z").await;
    let waiting = store.waiting_reports(now(), 25).await.unwrap();
    let hours: Vec<_> = waiting.iter().map(|one| one.hour.to_string()).collect();
    assert_eq!(hours[0], "2027-01-31T09:00:00Z");
    assert_eq!(hours.len(), 4);
    assert_eq!(store.waiting_reports(now(), 3).await.unwrap().len(), 3);

    // No answer: all of them wait, as long as the marketplace asks for.
    let later = now() + SignedDuration::from_secs(7);
    let retry_after = Some(SignedDuration::from_secs(7));
    let news = UsageNews::Unanswered { failure: "down".to_owned(), retry_after };
    store.execute(RecordUsage { reports: waiting, news, now: now() }).await.unwrap();
    assert!(store.waiting_reports(now(), 25).await.unwrap().is_empty());
    assert_eq!(store.next_report().await.unwrap(), Some(later));

    let reports = store.waiting_reports(later, 25).await.unwrap();
    assert_eq!(
        (reports.len(), reports[0].attempts, reports[0].note.as_deref()),
        (4, 1, Some("down"))
    );
    let told = |state| ToldUsage { state, note: None };
    let states = [ReportState::Accepted, ReportState::Duplicate, ReportState::Expired];
    let news = UsageNews::Answered(states.map(told).into(), at("2027-01-31T13:50:00Z"));
    store.execute(RecordUsage { reports: reports.clone(), news, now: later }).await.unwrap();
    let left = store.reports(&"default".parse().unwrap()).await.unwrap();
    let ended: Vec<_> = left.iter().rev().map(|one| one.state).collect();
    assert_eq!(ended, [&states[..], &[ReportState::Waiting]].concat(), "what was left out waits");

    // What has ended is not recorded again.
    let news = UsageNews::Refused("late".to_owned());
    let again = store.execute(RecordUsage { reports, news, now: later }).await;
    assert!(matches!(again, Err(Error::Stale)));
    let same = store.reports(&"default".parse().unwrap()).await.unwrap();
    assert_eq!(same, left, "nothing half-written");
}
