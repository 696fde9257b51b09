//! What each answer means for each action, and when retries are due.

use shared::ids::TenantId;
use uuid::Uuid;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn delivery(action: OperationAction, attempts: i64) -> Delivery {
    let user = User {
        email: String::new(),
        object_id: Uuid::nil(),
        tenant_id: TenantId(Uuid::nil()),
        puid: String::new(),
    };
    Delivery {
        operation_id: OperationId(Uuid::nil()),
        subscription_id: SubscriptionId(Uuid::nil()),
        publisher_id: "contoso".parse().unwrap(),
        number: 1,
        action,
        notice: Notice {
            time_stamp: at(0),
            source: "Azure".to_owned(),
            status: "InProgress".to_owned(),
            target_plan: "gold".to_owned(),
            target_quantity: None,
            publisher: "contoso".to_owned(),
            offer: "desk".to_owned(),
            name: "Desk".to_owned(),
            plan: "silver".to_owned(),
            quantity: None,
            beneficiary: user.clone(),
            purchaser: user,
            customer_operations: Vec::new(),
            subscription_status: "Subscribed".to_owned(),
            first_day: None,
            last_day: None,
            term: "P1M".to_owned(),
            auto_renew: true,
            created: at(0),
            modified: at(0),
            schema: Schema::Full,
            flat_is_null: false,
            departures: Vec::new(),
        },
        state: DeliveryState::Ready,
        ended: None,
        attempts,
        resends: 0,
        created_at: at(0),
        first_attempt_at: (attempts > 0).then(|| at(100)),
        last_outcome: None,
    }
}

fn answered(status: u16) -> Outcome {
    Outcome::Answered { status, body: String::new() }
}

/// Rows: answers. Columns: ChangePlan and ChangeQuantity, all others.
#[test]
fn every_answer_to_every_action() {
    let retry = Verdict::Retry { at: at(100) + SignedDuration::from_millis(57_600) };
    let table = [
        (answered(200), Verdict::Acknowledged, Verdict::Acknowledged),
        (answered(204), Verdict::Acknowledged, Verdict::Acknowledged),
        (answered(299), Verdict::Acknowledged, Verdict::Acknowledged),
        (answered(302), retry, retry),
        (answered(400), Verdict::Rejected, retry),
        (answered(401), Verdict::Rejected, retry),
        (answered(429), Verdict::Rejected, retry),
        (answered(500), retry, retry),
        (answered(503), retry, retry),
        (Outcome::Unanswered("no answer".to_owned()), retry, retry),
        (Outcome::NoWebhook("none is set".to_owned()), Verdict::GivenUp, Verdict::GivenUp),
    ];
    for (outcome, to_change, to_others) in table {
        for action in OperationAction::ALL {
            let expected = if action.may_be_rejected() { to_change } else { to_others };
            assert_eq!(
                judge(&delivery(action, 0), &outcome, (false, &Policy::default()), at(100)),
                expected,
                "{action:?}"
            );
        }
    }
}

#[test]
fn the_last_of_five_hundred_retries_is_eight_hours_after_the_first_attempt() {
    let failed = answered(500);
    let verdict = |attempts| {
        judge(
            &delivery(OperationAction::Renew, attempts),
            &failed,
            (false, &Policy::default()),
            at(100),
        )
    };
    assert_eq!(verdict(499), Verdict::Retry { at: at(100 + 8 * 3_600) });
    assert_eq!(verdict(500), Verdict::GivenUp);
}

#[test]
fn a_retry_is_never_due_in_the_past() {
    let verdict = judge(
        &delivery(OperationAction::Renew, 1),
        &answered(500),
        (false, &Policy::default()),
        at(9_000),
    );
    assert_eq!(verdict, Verdict::Retry { at: at(9_000) });
}

#[test]
fn a_decision_before_the_answer_wins() {
    let delivery = delivery(OperationAction::ChangePlan, 0);
    assert_eq!(
        judge(&delivery, &answered(400), (true, &Policy::default()), at(100)),
        Verdict::Superseded
    );
    assert_eq!(
        judge(&delivery, &answered(500), (true, &Policy::default()), at(100)),
        Verdict::Superseded
    );
    assert_eq!(
        judge(&delivery, &answered(200), (true, &Policy::default()), at(100)),
        Verdict::Acknowledged
    );
}

#[test]
fn what_is_sent_again_by_hand_decides_nothing() {
    for status in [200, 400, 500] {
        let ended = Some(DeliveryEnd::Acknowledged);
        let again = Delivery { ended, ..delivery(OperationAction::ChangePlan, 1) };
        assert_eq!(
            judge(&again, &answered(status), (true, &Policy::default()), at(100)),
            Verdict::Resent
        );
    }
}

/// The last retry is 8 hours after the first attempt, however the others lie.
#[test]
fn retries_grow_apart_where_a_quirk_says_so() {
    let row = crate::domain::policy::find("retry_spacing").unwrap();
    let growing = Policy::default().with(row, Some("growing")).unwrap();
    let failed = answered(500);
    let due = |attempts: i64| {
        let delivery = delivery(OperationAction::Renew, attempts);
        match judge(&delivery, &failed, (false, &growing), at(100)) {
            Verdict::Retry { at: due } => due.duration_since(at(100)).as_millis(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([due(0), due(1), due(9)], [115, 460, 11_520]);
    assert_eq!(due(499), 8 * 3_600_000);
}
