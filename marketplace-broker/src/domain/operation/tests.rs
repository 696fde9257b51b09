//! Every (state, event) pair of an operation, as one table, and sequences of them.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

static DOCUMENTED: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(Policy::default);

/// At a second, under profile `documented`.
fn as_documented(second: i64) -> (&'static Policy, Timestamp) {
    (&DOCUMENTED, at(second))
}

fn target(plan: &str, quantity: Option<i64>) -> Target {
    Target { plan_id: plan.parse().unwrap(), quantity, unit_price: Decimal::TEN }
}

fn operation(action: OperationAction, source: OperationSource, state: OperationState) -> Operation {
    Operation {
        id: OperationId(uuid::Uuid::nil()),
        subscription_id: SubscriptionId(uuid::Uuid::nil()),
        action,
        source,
        target: target("gold", Some(5)),
        created_at: at(0),
        state,
    }
}

use FailureReason::{Overtaken, RefusedByPublisher, WebhookGivenUp, WebhookRejected};
use OperationAction as A;
use OperationEvent as E;
use OperationSource::{Azure, Partner};
use OperationState::{Conflict, Failed, InProgress, NotStarted, Succeeded};

const EVENTS: [OperationEvent; 8] = [
    E::PickedUp,
    E::Acknowledged,
    E::WindowClosed,
    E::Rejected,
    E::GivenUp,
    E::Patched(Decision::Success),
    E::Patched(Decision::Failure),
    E::Overtaken,
];

const SENT: OperationState = InProgress { acknowledged_at: None };

/// Rows: states. Columns: [`EVENTS`], all at second 9, for a ChangePlan the customer asked for. `None`: refused.
#[test]
fn every_pair_of_state_and_event() {
    let seen = InProgress { acknowledged_at: Some(at(5)) };
    let now_seen = InProgress { acknowledged_at: Some(at(9)) };
    let (rejected, given_up) = (Failed(WebhookRejected), Failed(WebhookGivenUp));
    let (refused, overtaken) = (Failed(RefusedByPublisher), Failed(Overtaken));
    let s = Some;
    let table = [
        (
            SENT,
            [
                s(SENT),
                s(now_seen),
                s(SENT),
                s(rejected),
                s(given_up),
                s(Succeeded),
                s(refused),
                s(overtaken),
            ],
        ),
        (
            seen,
            [
                s(seen),
                s(seen),
                s(Succeeded),
                s(rejected),
                s(given_up),
                s(Succeeded),
                s(refused),
                s(overtaken),
            ],
        ),
        (Succeeded, stays(Succeeded)),
        (refused, stays(refused)),
        (Conflict, stays(Conflict)),
    ];
    for (state, row) in table {
        for (event, expected) in EVENTS.into_iter().zip(row) {
            let before = operation(A::ChangePlan, Azure, state);
            let after = before.on(event, &target("silver", Some(5)), as_documented(9));
            assert_eq!(after.ok().map(|after| after.state), expected, "{state:?} + {event:?}");
        }
    }
}

#[test]
fn a_patch_at_the_end_of_the_window_is_too_late_even_before_its_timer_ran() {
    let seen = InProgress { acknowledged_at: Some(at(5)) };
    let patched = |second| {
        let event = E::Patched(Decision::Failure);
        let when = as_documented(second);
        operation(A::ChangePlan, Azure, seen).on(event, &target("silver", Some(5)), when)
    };
    assert_eq!(patched(14).unwrap().state, Failed(RefusedByPublisher));
    assert_eq!(patched(15), Err(Refusal::OperationEnded));
}

/// A terminal operation: a PATCH is refused, all else changes nothing.
fn stays(state: OperationState) -> [Option<OperationState>; 8] {
    let s = Some(state);
    [s, s, s, s, s, None, None, s]
}

/// What the publisher started itself: NotStarted until it is picked up, and a PATCH has no effect while it is open.
#[test]
fn a_publishers_own_operation() {
    for (state, event, expected) in [
        (NotStarted, E::PickedUp, SENT),
        (NotStarted, E::Acknowledged, NotStarted),
        (NotStarted, E::WindowClosed, NotStarted),
        (NotStarted, E::Rejected, NotStarted),
        (NotStarted, E::GivenUp, NotStarted),
        (NotStarted, E::Patched(Decision::Success), NotStarted),
        (NotStarted, E::Patched(Decision::Failure), NotStarted),
        (NotStarted, E::Overtaken, Failed(Overtaken)),
        (SENT, E::Patched(Decision::Success), SENT),
        (SENT, E::Patched(Decision::Failure), SENT),
        (SENT, E::Rejected, Failed(WebhookRejected)),
        (SENT, E::Arrived(at(3)), InProgress { acknowledged_at: Some(at(3)) }),
        (NotStarted, E::Arrived(at(3)), NotStarted),
        (SENT, E::Applied, Succeeded),
        (NotStarted, E::Applied, NotStarted),
        (Failed(Overtaken), E::Applied, Failed(Overtaken)),
        (Succeeded, E::Arrived(at(3)), Succeeded),
    ] {
        let before = operation(A::ChangeQuantity, Partner, state);
        let after = before.on(event, &target("gold", Some(4)), as_documented(9)).unwrap();
        assert_eq!(after.state, expected, "{state:?} + {event:?}");
    }
}

#[test]
fn a_4xx_rejects_changes_only() {
    for action in OperationAction::ALL {
        let after = operation(action, Azure, SENT)
            .on(E::Rejected, &target("silver", Some(5)), as_documented(9))
            .unwrap();
        let rejected = after.state == Failed(WebhookRejected);
        assert_eq!(rejected, matches!(action, A::ChangePlan | A::ChangeQuantity), "{action:?}");
    }
}

#[test]
fn what_is_so_already_is_a_conflict() {
    let same = target("gold", Some(5));
    let done = |action| {
        let event = E::Patched(Decision::Success);
        operation(action, Azure, SENT).on(event, &same, as_documented(9)).unwrap()
    };
    assert_eq!(done(A::ChangePlan).state, Conflict);
    assert_eq!(done(A::ChangeQuantity).state, Conflict);
    assert_eq!(done(A::Reinstate).state, Succeeded);
}

/// A row a quirk: what it makes of an operation that its publisher has acknowledged at second 5.
#[test]
fn quirks_decide_what_words_and_silence_count() {
    let seen = InProgress { acknowledged_at: Some(at(5)) };
    let (success, failure) = (E::Patched(Decision::Success), E::Patched(Decision::Failure));
    let refused = Failed(RefusedByPublisher);
    for (quirk, value, action, row) in [
        ("change_ack", "newest", A::ChangePlan, [Succeeded, refused, Succeeded]),
        ("change_ack", "failure_ignored", A::ChangePlan, [Succeeded, Succeeded, Succeeded]),
        (
            "change_ack",
            "silence_fails",
            A::ChangePlan,
            [Succeeded, refused, Failed(FailureReason::Unanswered)],
        ),
        ("change_ack", "failure_ignored", A::Reinstate, [Succeeded, refused, Succeeded]),
        ("change_ack", "silence_fails", A::Reinstate, [Succeeded, refused, Succeeded]),
        ("reinstate_ack", "optional", A::Reinstate, [Succeeded, refused, Succeeded]),
        ("reinstate_ack", "ignored", A::Reinstate, [seen, seen, Succeeded]),
        ("reinstate_ack", "required", A::Reinstate, [Succeeded, refused, Succeeded]),
        ("reinstate_ack", "ignored", A::ChangePlan, [Succeeded, refused, Succeeded]),
    ] {
        let row_of = crate::domain::policy::find(quirk).unwrap();
        let policy = Policy::default().with(row_of, Some(value)).unwrap();
        for (event, expected) in [success, failure, E::WindowClosed].into_iter().zip(row) {
            let before = operation(action, Azure, seen);
            let after = before.on(event, &target("silver", Some(5)), (&policy, at(9))).unwrap();
            assert_eq!(after.state, expected, "{quirk} {value} {action:?} {event:?}");
        }
        let waits = operation(action, Azure, seen).window_closes_at(&policy);
        assert_eq!(waits.is_none(), value == "required", "{quirk} {value}");
    }
}

proptest! {
    /// Whatever happens in whatever order: an operation ends once, and never leaves its end; it succeeds only after
    /// a PATCH Success or a window that closed after a 2xx.
    #[test]
    fn an_operation_ends_once(
        action in proptest::sample::select(&OperationAction::ALL[..3]),
        partner: bool,
        events in proptest::collection::vec(proptest::sample::select(&EVENTS[..]), 0..20),
    ) {
        let (source, first) = if partner { (Partner, NotStarted) } else { (Azure, SENT) };
        let mut now = operation(action, source, first);
        let (mut ended, mut acknowledged, mut allowed) = (None, false, false);
        for (second, event) in (1..).zip(events) {
            let open = now.state.is_open();
            let started = now.state != NotStarted;
            let next = now.clone().on(event, &target("silver", Some(1)), as_documented(second));
            if open && started {
                allowed |= acknowledged && event == E::WindowClosed;
                allowed |= !partner && event == E::Patched(Decision::Success) && next.is_ok();
                acknowledged |= event == E::Acknowledged;
            }
            match next {
                Ok(next) => now = next,
                // Ended, or its window is over.
                Err(_) => {
                    prop_assert!(matches!(event, E::Patched(_)));
                    prop_assert!(!open || acknowledged);
                    continue;
                }
            }
            if let Some(end) = ended {
                prop_assert_eq!(now.state, end);
            } else if !now.state.is_open() {
                ended = Some(now.state);
                prop_assert_eq!(now.state == Succeeded, allowed && !matches!(now.state, Failed(_)));
            }
        }
    }
}
