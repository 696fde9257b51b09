//! Tests of steps, of what is reported of a setup, and of the calls that tell of both, on a real SQLite file.

use jiff::Timestamp;
use shared::fulfillment::BlockedChange;

use super::{
    tests::{accept, claim_one, key, later, now, open, set_up, submission, user, visit},
    *,
};
use crate::{
    commands::{
        Accepted, DeclareStep, Delivery, FinishStep, RecordDelivery, RemoveStep, SubmitInformation,
    },
    domain::{Call, Kind, PublisherStep, Refusal, STEPS_MAX, Standing, Step},
};

fn step(id: &str) -> PublisherStep {
    PublisherStep {
        id: id.parse().unwrap(),
        title: format!("Do \"{id}\" first, 먼저"),
        url: "http://localhost/a?b".to_owned(),
        blocks: vec![BlockedChange::Cancel, BlockedChange::AutoRenew],
        done_at: None,
    }
}

fn declare(id: &str) -> DeclareStep {
    DeclareStep { key: key(1), step: step(id), message_id: format!("declare {id}"), now: now() }
}

fn finish(id: &str, at: Timestamp) -> FinishStep {
    let step = id.parse().unwrap();
    FinishStep { key: key(1), step, at, message_id: format!("finish {id}"), now: later(1) }
}

fn remove(id: &str) -> RemoveStep {
    let step = id.parse().unwrap();
    RemoveStep { key: key(1), step, message_id: format!("remove {id}"), now: later(1) }
}

async fn steps(store: &Store) -> Vec<PublisherStep> {
    store.publisher_steps(&key(1)).await.unwrap()
}

async fn declaring(store: &Store) -> Step {
    store.account(&key(1)).await.unwrap().unwrap().declaring
}

#[tokio::test]
async fn steps_are_read_as_they_were_declared_and_are_told() {
    let (_folder, store) = set_up().await;
    for id in ["z", "a"] {
        store.execute(declare(id)).await.unwrap();
    }
    assert_eq!(steps(&store).await, [step("z"), step("a")], "in their order");
    let claimed = claim_one(&store, later(1)).await;
    assert_eq!(claimed.call, Call::Account(Kind::PublisherSteps), "one call tells of both");
    store.execute(finish("a", later(7))).await.unwrap();
    store.execute(finish("a", later(8))).await.unwrap();
    let done = PublisherStep { done_at: Some(later(7)), ..step("a") };
    assert_eq!(steps(&store).await, [step("z"), done.clone()]);

    // What was on its way when the other one was done is not the newest: it is told once more.
    let told = Some(vec![step("z"), step("a")]);
    let delivery = Delivery::Accepted(Accepted::Steps);
    let recorded = RecordDelivery { claimed, delivery, told, seen: None, now: later(1) };
    store.execute(recorded).await.unwrap();
    assert!(matches!(declaring(&store).await, Step::Underway { failure: None, .. }));
    accept(&store, Accepted::Steps, Some(vec![step("z"), done.clone()])).await;
    assert_eq!(declaring(&store).await, Step::Delivered);
    assert!(store.next_due().await.unwrap().is_none());

    store.execute(remove("z")).await.unwrap();
    assert_eq!(steps(&store).await, std::slice::from_ref(&done));
    accept(&store, Accepted::Steps, Some(vec![done])).await;
    for unknown in [
        store.execute(finish("z", now())).await.unwrap_err(),
        store.execute(remove("z")).await.unwrap_err(),
    ] {
        assert!(matches!(unknown, Error::Refused(Refusal::UnknownStep)), "{unknown}");
    }
}

#[tokio::test]
async fn a_list_that_waits_for_its_next_try_is_told_at_once_when_it_changes() {
    let (_folder, store) = set_up().await;
    store.execute(declare("a")).await.unwrap();
    let claimed = claim_one(&store, later(1)).await;
    let pause = Some(jiff::SignedDuration::from_hours(1));
    let delivery = Delivery::Unanswered { failure: "no answer".to_owned(), retry_after: pause };
    let told = Some(vec![step("a")]);
    let recorded = RecordDelivery { claimed, delivery, told, seen: None, now: later(1) };
    store.execute(recorded).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(later(3601)));
    store.execute(declare("b")).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(now()));
    accept(&store, Accepted::Steps, Some(vec![step("a"), step("b")])).await;
    assert!(store.next_due().await.unwrap().is_none());
}

#[tokio::test]
async fn a_refusal_of_an_older_list_does_not_end_the_telling() {
    let (_folder, store) = set_up().await;
    store.execute(declare("a")).await.unwrap();
    for (told, state) in [(vec![step("a")], "underway"), (Vec::new(), "refused")] {
        let claimed = claim_one(&store, later(1)).await;
        if state == "underway" {
            store.execute(remove("a")).await.unwrap();
        }
        let delivery = Delivery::Refused { failure: "no".to_owned(), standing: None };
        let told = Some(told);
        let recorded = RecordDelivery { claimed, delivery, told, seen: None, now: later(1) };
        store.execute(recorded).await.unwrap();
        let refused = matches!(declaring(&store).await, Step::Refused { .. });
        assert_eq!(refused, state == "refused", "what was told is the newest");
    }
    assert!(store.next_due().await.unwrap().is_none());
}

#[tokio::test]
async fn there_are_so_many_steps_and_none_after_the_end() {
    let (_folder, store) = set_up().await;
    for number in 0..STEPS_MAX {
        store.execute(declare(&format!("s{number}"))).await.unwrap();
    }
    let refused = store.execute(declare("more")).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::TooManySteps)), "{refused}");
    let mut tx = store.begin().await.unwrap();
    let account = tx.require_account(&key(1)).await.unwrap();
    tx.save_account(&account.standing(Standing::Unsubscribed, later(9))).await.unwrap();
    tx.commit().await.unwrap();
    for refused in [
        store.execute(declare("more")).await.unwrap_err(),
        store.execute(finish("s1", later(9))).await.unwrap_err(),
        store.execute(remove("s1")).await.unwrap_err(),
    ] {
        assert!(matches!(refused, Error::Refused(Refusal::Ended)), "{refused}");
    }
    assert_eq!(steps(&store).await.len(), STEPS_MAX);
}

#[tokio::test]
async fn the_first_form_is_reported_and_no_other() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(folder.path()).await;
    store.execute(visit(1, "a")).await.unwrap();
    assert_eq!(store.setup(&key(1)).await.unwrap(), None);
    store.execute(submission(1, "a@b.c")).await.unwrap();
    let claimed = claim_one(&store, later(1)).await;
    assert_eq!(claimed.call, Call::Account(Kind::Setup));
    let again = submission(1, "a@b.c\nb@b.c");
    let by = user("3");
    let setup = crate::domain::Setup { by, ..again.setup.clone() };
    store.execute(SubmitInformation { setup, ..again }).await.unwrap();
    let kept = store.setup(&key(1)).await.unwrap().unwrap();
    assert_eq!((kept.by, kept.sign_in_url.as_str()), (user("2"), "http://localhost/2"));
    assert!(store.claim(later(1), later(2), 8).await.unwrap().is_empty(), "nothing more to tell");
}
