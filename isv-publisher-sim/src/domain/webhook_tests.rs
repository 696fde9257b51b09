//! Tests of `webhook`: every reaction, repetitions, and what follows.

use uuid::Uuid;

use super::*;
use crate::domain::{Source, Status};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn told() -> Told {
    Told {
        operation: OperationId(Uuid::from_u128(1)),
        subscription: SubscriptionId(Uuid::from_u128(2)),
        action: Action::ChangePlan,
    }
}

fn checks(signed: bool) -> Checks {
    Checks { token: TokenVersion::V2, signed }
}

fn new() -> Webhook {
    let (sandbox, publisher) = ("default".parse().unwrap(), "contoso".parse().unwrap());
    let key = WebhookKey { sandbox, publisher, operation: told().operation };
    Webhook::new(key, &told(), checks(false), at(0))
}

fn operation() -> Operation {
    let (source, status) = (Source::Marketplace, Status::Open);
    let (plan, failure) = (Some("gold".to_owned()), Some("no money".to_owned()));
    Operation { told: told(), source, status, plan, quantity: Some(5), failure }
}

#[test]
fn every_reaction_leads_to_a_course_and_its_answer() {
    let patch = |verdict| Some(Patch::new(verdict));
    for (reaction, course, answer, sent) in [
        (Reaction::Apply, Course::Applied, 200, None),
        (Reaction::Note, Course::NotApplied, 200, None),
        (Reaction::Follow, Course::Following, 200, None),
        (Reaction::Patch(Verdict::Success), Course::Patching, 200, patch(Verdict::Success)),
        (Reaction::Patch(Verdict::Failure), Course::Patching, 200, patch(Verdict::Failure)),
        (Reaction::Refuse, Course::Refused, 400, None),
        (Reaction::Unavailable, Course::Unavailable, 503, None),
    ] {
        let taken = new().came(checks(true), None, at(1)).taken(reaction, &operation(), at(2));
        assert_eq!((taken.course, &taken.patch), (course, &sent), "{reaction:?}");
        assert_eq!(taken.course.answer().status(), answer, "{reaction:?}");
        assert_eq!(taken.is_handled(), answer != 503, "{reaction:?}");
        assert_eq!((taken.plan.as_deref(), taken.quantity), (Some("gold"), Some(5)));
        let decided = matches!(reaction, Reaction::Apply | Reaction::Note);
        assert_eq!(taken.decided_at, decided.then(|| at(2)), "{reaction:?}");
        let failed = matches!(reaction, Reaction::Note);
        assert_eq!(taken.note, operation().failure.filter(|_| failed), "{reaction:?}");
        assert_eq!((taken.at, taken.received_at), (Some(at(2)), at(1)));
    }
}

#[test]
fn what_could_not_be_taken_is_taken_the_next_time_and_only_once() {
    let down = new().came(checks(false), Some(at(1)), at(1));
    let down = down.untouched(Course::Unread, Some("it cannot be reached".to_owned()));
    assert!(!down.is_handled());
    let taken = down.came(checks(true), Some(at(5)), at(5));
    let taken = taken.taken(Reaction::Patch(Verdict::Success), &operation(), at(6));
    assert_eq!((taken.deliveries, taken.note.as_deref()), (2, None));
    assert_eq!((taken.at, taken.checks), (Some(at(5)), checks(true)));
    let patched = taken.waiting(Some("busy".to_owned())).patched(409, Some("so".to_owned()));
    let patch = patched.patch.clone().unwrap();
    assert_eq!((patch.answer, patch.said.as_deref()), (Some(409), Some("so")));
    assert_eq!((patched.course, &patched.note), (Course::Following, &None));
    let applied = patched.decided(Course::Applied, None, at(7));
    let again = applied.clone().came(checks(true), None, at(9));
    assert_eq!((again.deliveries, again.course), (3, Course::Applied));
    assert_eq!((again.at, again.decided_at), (Some(at(5)), Some(at(7))));
}

#[test]
fn courses_have_names_of_their_own() {
    let mut names: Vec<_> = Course::ALL.map(Course::name).into();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Course::ALL.len());
}
