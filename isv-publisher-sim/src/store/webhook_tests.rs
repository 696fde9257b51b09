//! Tests of the commands of webhooks on a real SQLite file: what is stored together, repetitions, crashes.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use shared::ids::{OperationId, SubscriptionId};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    commands::{
        Finding, NoteRefusedWebhook, OperationNews, ReceiveWebhook, RecordOperation, SetBehavior,
    },
    domain::{
        AccountKey, Action, Answer, Behavior, Call, Checks, Course, Operation, OperationCall,
        Purchase, RefusedWebhook, Seen, Source, Standing, Status, TokenVersion, Told, UserId,
        Verdict, Webhook, WebhookKey,
    },
    queries::{Arrival, list_webhooks},
};

fn at(seconds: i64) -> Timestamp {
    "2027-01-31T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn told(number: u128, action: Action) -> Told {
    let (operation, subscription) = (Uuid::from_u128(number), Uuid::from_u128(7));
    Told { operation: OperationId(operation), subscription: SubscriptionId(subscription), action }
}

fn key(number: u128) -> WebhookKey {
    let (sandbox, publisher) = ("default".parse().unwrap(), "contoso".parse().unwrap());
    WebhookKey { sandbox, publisher, operation: OperationId(Uuid::from_u128(number)) }
}

fn seen(plan: &str, standing: Standing) -> Seen {
    let purchase = Purchase {
        publisher: "contoso".parse().unwrap(),
        publisher_name: "Contoso".to_owned(),
        offer: "Desk".to_owned(),
        plan: plan.to_owned(),
        name: "Our desk".to_owned(),
        quantity: Some(2),
        term_unit: "P1M".to_owned(),
        term: Some(crate::domain::Term { start: at(-60), end: at(60) }),
        beneficiary: "한빛".to_owned(),
        beneficiary_email: String::new(),
        beneficiary_user: UserId::default(),
        purchaser: "Alder".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: UserId::default(),
        metered: false,
    };
    Seen { purchase, standing, at: at(2) }
}

fn webhook(number: u128, action: &Action, status: Status, behavior: Behavior) -> ReceiveWebhook {
    let told = told(number, action.clone());
    let operation = Operation {
        told: told.clone(),
        source: Source::Marketplace,
        status,
        plan: Some("gold".to_owned()),
        quantity: Some(2),
        failure: None,
    };
    let standing = match action {
        Action::Suspend => Standing::Suspended,
        Action::Unsubscribe => Standing::Unsubscribed,
        _ => Standing::Subscribed,
    };
    let (operation, seen) = (Box::new(operation), Box::new(seen("Silver", standing)));
    ReceiveWebhook {
        key: key(number),
        told,
        checks: Checks { token: TokenVersion::V2, signed: true },
        finding: Finding::Read { behavior, operation, seen },
        at: Some(at(1)),
        message_id: format!("m{number}"),
        now: at(0),
    }
}

async fn open(folder: &Path) -> Store {
    Store::connect(&folder.join("publisher.db")).await.unwrap()
}

async fn kept(store: &Store, number: u128) -> Webhook {
    store.webhook(&key(number)).await.unwrap().unwrap()
}

async fn plan(store: &Store) -> String {
    let subscription = SubscriptionId(Uuid::from_u128(7));
    let key = AccountKey { sandbox: key(1).sandbox, subscription };
    store.account(&key).await.unwrap().unwrap().purchase.plan
}

async fn claim_one(store: &Store, now: Timestamp) -> Claimed {
    let mut claimed = store.claim(now, now + SignedDuration::from_secs(15), 8).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

async fn record(store: &Store, claimed: Claimed, news: OperationNews) {
    let (key, message_id) = (key(1), format!("{}+", claimed.id));
    let record = RecordOperation { claimed, key, news, message_id, now: at(5) };
    store.execute(record).await.unwrap();
}

#[tokio::test]
async fn a_change_is_stored_with_its_answer_and_applied_when_it_has_succeeded() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let command = webhook(1, &Action::ChangePlan, Status::Open, Behavior::Accept);
    assert_eq!(store.execute(command).await.unwrap(), Answer::Taken);
    // Killed after the 200: nothing is closed.
    drop(store);
    let store = open(folder.path()).await;
    let stored = kept(&store, 1).await;
    assert_eq!((stored.course, stored.deliveries), (Course::Patching, 1));
    assert_eq!((stored.plan.as_deref(), stored.checks.signed), (Some("gold"), true));
    assert_eq!(plan(&store).await, "Silver");

    // Not before the answer to the webhook has had a moment to leave.
    assert!(store.claim(at(0), at(15), 8).await.unwrap().is_empty());
    let claimed = claim_one(&store, at(1)).await;
    let accept = OperationCall::Answer(Verdict::Success);
    assert_eq!(claimed.call, Call::Operation(key(1).operation, accept));
    let unanswered = OperationNews::Unanswered { failure: "busy".to_owned(), retry_after: None };
    record(&store, claimed, unanswered).await;
    assert_eq!(kept(&store, 1).await.note.as_deref(), Some("busy"));
    let claimed = claim_one(&store, at(6)).await;
    record(&store, claimed, OperationNews::Answered { status: 409, said: None }).await;
    let patched = kept(&store, 1).await;
    assert_eq!((patched.course, patched.note), (Course::Following, None));
    assert_eq!(patched.patch.unwrap().answer, Some(409));

    drop(store); // killed between the two calls
    let store = open(folder.path()).await;
    let claimed = claim_one(&store, at(7)).await;
    assert_eq!(claimed.call, Call::Operation(key(1).operation, OperationCall::Look));
    record(&store, claimed, OperationNews::Open).await;
    assert_eq!(plan(&store).await, "Silver");
    let claimed = claim_one(&store, at(20)).await;
    assert_eq!(claimed.attempt, 2);
    let seen = Box::new(seen("Gold", Standing::Subscribed));
    record(&store, claimed, OperationNews::Succeeded(seen)).await;
    let applied = kept(&store, 1).await;
    assert_eq!((applied.course, applied.decided_at), (Course::Applied, Some(at(2))));
    assert_eq!(plan(&store).await, "Gold");
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_repetition_is_counted_and_answered_as_the_first_time() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let refuse = || webhook(1, &Action::ChangePlan, Status::Open, Behavior::Refuse);
    assert_eq!(store.execute(refuse()).await.unwrap(), Answer::Refused);
    let again = ReceiveWebhook { finding: Finding::Repeated, ..refuse() };
    assert_eq!(store.execute(again).await.unwrap(), Answer::Refused);
    // Two at once: the second has looked before the first was stored.
    let raced = webhook(1, &Action::ChangePlan, Status::Succeeded, Behavior::Accept);
    assert_eq!(store.execute(raced).await.unwrap(), Answer::Refused);
    let stored = kept(&store, 1).await;
    assert_eq!((stored.course, stored.deliveries), (Course::Refused, 3));
    assert_eq!(store.next_due().await.unwrap(), None);
    assert!(store.accounts(&key(1).sandbox).await.unwrap().is_empty());

    let suspend = || webhook(2, &Action::Suspend, Status::Succeeded, Behavior::Accept);
    assert_eq!(store.execute(suspend()).await.unwrap(), Answer::Taken);
    let version = store.accounts(&key(1).sandbox).await.unwrap()[0].version;
    assert_eq!(store.execute(suspend()).await.unwrap(), Answer::Taken);
    assert_eq!(store.accounts(&key(1).sandbox).await.unwrap()[0].version, version);
}

#[tokio::test]
async fn what_was_put_off_is_taken_the_next_time() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let command = |finding| ReceiveWebhook {
        finding,
        ..webhook(1, &Action::Suspend, Status::Succeeded, Behavior::Accept)
    };
    for finding in [Finding::Unavailable, Finding::Unread("it cannot be reached".to_owned())] {
        assert_eq!(store.execute(command(finding)).await.unwrap(), Answer::Unavailable);
        assert!(store.accounts(&key(1).sandbox).await.unwrap().is_empty());
    }
    assert_eq!(kept(&store, 1).await.note.as_deref(), Some("it cannot be reached"));
    // Whoever says that it was taken has not looked.
    assert!(matches!(store.execute(command(Finding::Repeated)).await, Err(Error::Stale)));
    let taken = webhook(1, &Action::Suspend, Status::Succeeded, Behavior::Accept);
    assert_eq!(store.execute(taken).await.unwrap(), Answer::Taken);
    let stored = kept(&store, 1).await;
    assert_eq!((stored.course, stored.deliveries, stored.note), (Course::Applied, 3, None));
    assert_eq!(store.accounts(&key(1).sandbox).await.unwrap()[0].suspended_at, Some(at(2)));
}

#[tokio::test]
async fn an_operation_that_failed_or_is_gone_leaves_the_account_as_it_was() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let open = webhook(1, &Action::ChangePlan, Status::Open, Behavior::AcceptSilently);
    store.execute(open).await.unwrap();
    let version = store.accounts(&key(1).sandbox).await.unwrap()[0].version;
    let claimed = claim_one(&store, at(1)).await;
    record(&store, claimed, OperationNews::Failed { said: None, at: at(3) }).await;
    assert_eq!(kept(&store, 1).await.course, Course::NotApplied);
    assert_eq!(store.accounts(&key(1).sandbox).await.unwrap()[0].version, version);

    let failed = webhook(2, &Action::ChangeQuantity, Status::Failed, Behavior::Accept);
    assert_eq!(store.execute(failed).await.unwrap(), Answer::Taken);
    assert_eq!(kept(&store, 2).await.course, Course::NotApplied);
    let unknown = Action::Unknown("Transfer".to_owned());
    let unknown = ReceiveWebhook {
        finding: Finding::Unknown,
        ..webhook(3, &unknown, Status::Open, Behavior::Accept)
    };
    assert_eq!(store.execute(unknown).await.unwrap(), Answer::Taken);
    let stored = kept(&store, 3).await;
    assert_eq!((stored.course, stored.action.name()), (Course::Unknown, "Transfer"));
    assert_eq!(store.accounts(&key(1).sandbox).await.unwrap()[0].version, version);
    assert_eq!(store.next_due().await.unwrap(), None);
}

fn refusal(reason: &str, second: i64) -> NoteRefusedWebhook {
    let WebhookKey { sandbox, publisher, .. } = key(1);
    let refused = RefusedWebhook {
        sandbox,
        publisher,
        told: Some(told(1, Action::Renew)),
        answer: 401,
        reason: reason.to_owned(),
        deliveries: 1,
        at: None,
        received_at: at(second),
    };
    NoteRefusedWebhook { id: format!("{second:09}"), refused }
}

#[tokio::test]
async fn refusals_of_one_kind_are_counted_and_old_ones_forgotten() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    for second in 0..3 {
        store.execute(refusal("expired", second)).await.unwrap();
    }
    let taken = webhook(1, &Action::Renew, Status::Succeeded, Behavior::Accept);
    store.execute(ReceiveWebhook { now: at(1), ..taken }).await.unwrap();
    let listed = list_webhooks(&store, &key(1).sandbox).await.unwrap();
    let [Arrival::Refused(refused), Arrival::Taken(_)] = listed.as_slice() else {
        panic!("{listed:?}");
    };
    assert_eq!((refused.deliveries, refused.received_at), (3, at(2)));
    for second in 10..215 {
        store.execute(refusal(&format!("reason {second}"), second)).await.unwrap();
    }
    let listed = list_webhooks(&store, &key(1).sandbox).await.unwrap();
    assert_eq!(listed.len(), 200);
    let Arrival::Refused(newest) = &listed[0] else { panic!("{:?}", listed[0]) };
    assert_eq!(newest.reason, "reason 214");
    let elsewhere = list_webhooks(&store, &"other".parse().unwrap()).await.unwrap();
    assert!(elsewhere.is_empty());
}

#[tokio::test]
async fn the_choice_of_the_console_survives_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let WebhookKey { sandbox, publisher, .. } = key(1);
    assert_eq!(store.behavior(&sandbox, &publisher).await.unwrap(), Behavior::Accept);
    for behavior in Behavior::ALL {
        let (sandbox, publisher) = (sandbox.clone(), publisher.clone());
        store
            .execute(SetBehavior { sandbox, publisher, behavior: Some(behavior), reporting: None })
            .await
            .unwrap();
    }
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(store.behavior(&sandbox, &publisher).await.unwrap(), Behavior::Fail);
    let other = "fabrikam".parse().unwrap();
    assert_eq!(store.behavior(&sandbox, &other).await.unwrap(), Behavior::Accept);
}
