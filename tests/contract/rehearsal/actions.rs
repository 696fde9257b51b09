//! POST …/actions: what customers and the marketplace do to a subscription; and what the end of a term does.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Ask, Db, World, people,
    world::{flat, own, seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_cancel_ends_it_for_good_with_an_operation(#[case] db: Db) {
    let world = World::new(db).await;
    for activated in [false, true] {
        let bought = world.buy(1).await;
        if activated {
            world.publisher.assign(&bought.id, &people(1)).await.is(200);
            world.publisher.activate(&bought.id).await.is(200);
        }
        let before = world.operator.truth(&bought.id).await;
        let charges = world.operator.charges(&bought.id).await;
        let answer = world.operator.unsubscribe(&bought.id).await.is(202);
        assert!(uuid::Uuid::try_parse(&answer.text_at("/operationId")).is_ok(), "{answer}");
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
        assert_eq!(truth.at("/endReason"), "canceled", "{truth}");
        assert_eq!(truth.at("/endedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
        assert_eq!(truth.at("/waitingFor"), json!([]), "{truth}");
        assert_eq!(truth.at("/quantity"), before.at("/quantity"), "kept");
        assert_eq!(truth.at("/billingStartedAt"), before.at("/billingStartedAt"));
        assert_eq!(world.operator.charges(&bought.id).await, charges, "no credit yet");
        let again = world.operator.unsubscribe(&bought.id).await.problem(409, None);
        assert!(again.text_at("/detail").contains("Unsubscribed"), "{again}");
        assert!(again.text_at("/detail").contains("allowed: nothing"), "{again}");
        assert_eq!(world.operator.truth(&bought.id).await.json(), truth.json());
        assert_eq!(world.operator.times("unsubscribed", &bought.id).await, 1);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_no_action_names_its_field_and_changes_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(1).await;
    let before = world.operator.truth(&bought.id).await;
    let path = format!("/subscriptions/{}/actions", bought.id);
    for (body, field) in [
        (json!({"action": "explode"}), "action"),
        (json!({"action": 7}), "action"),
        (json!({"action": null}), "action"),
    ] {
        world.operator.post(&path, &body).await.problem(400, Some(field));
    }
    for body in [json!({}), json!({"action": "unsubscribe", "quantity": 2})] {
        world.operator.post(&path, &body).await.is(400);
    }
    let call = || world.operator.call(Method::POST, &path);
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    let unknown = "00000000-0000-0000-0000-000000000000";
    world.operator.unsubscribe(unknown).await.problem(404, None);
}

/// Where a subscription stands before an action.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Pending,
    PendingWhileCanceled,
    Unbilled,
    UnbilledWhileChanged,
    Billed,
    BilledWhileChanged,
    Suspended,
    SuspendedWhileReinstated,
    Unsubscribed,
}

/// Makes a subscription (silver, 3) that stands there.
async fn stage(world: &World, stage: Stage) -> String {
    let id = world.buy_as(&own(seats(3))).await.id;
    let act = async |action: &str| world.operator.acted(&id, &json!({"action": action})).await;
    let change = async || world.publisher.change(&id, &json!({"quantity": 4})).await.is(202);
    if !matches!(stage, Stage::Pending | Stage::PendingWhileCanceled) {
        world.publisher.activate(&id).await.is(200);
    }
    if matches!(
        stage,
        Stage::Billed
            | Stage::BilledWhileChanged
            | Stage::Suspended
            | Stage::SuspendedWhileReinstated
    ) {
        world.publisher.assign(&id, &people(3)).await.is(200);
    }
    match stage {
        Stage::Pending | Stage::Unbilled | Stage::Billed => {}
        Stage::PendingWhileCanceled => drop(world.publisher.delete(&id).await.is(202)),
        Stage::UnbilledWhileChanged | Stage::BilledWhileChanged => drop(change().await),
        Stage::Suspended => drop(act("suspend").await),
        Stage::SuspendedWhileReinstated => {
            act("suspend").await;
            act("reinstate").await;
        }
        Stage::Unsubscribed => drop(act("unsubscribe").await),
    }
    id
}

/// Every action with the members it needs, the state it leads to at once, and the operation it makes.
const ACTIONS: [(&str, &str, &str); 7] = [
    ("changePlan", "Subscribed", "ChangePlan"),
    ("changeQuantity", "Subscribed", "ChangeQuantity"),
    ("suspend", "Suspended", "Suspend"),
    ("reinstate", "Suspended", "Reinstate"),
    ("renew", "Subscribed", "Renew"),
    ("unsubscribe", "Unsubscribed", "Unsubscribe"),
    ("failPayment", "Suspended", "Suspend"),
];

/// The body of an action.
fn body(action: &str) -> Value {
    match action {
        "changePlan" => json!({"action": action, "planId": "gold"}),
        "changeQuantity" => json!({"action": action, "quantity": 5}),
        _ => json!({"action": action}),
    }
}

/// The table of fulfillment.md 2.1: each row a stage, with the state it is in and the actions that it allows.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_action_is_done_or_refused_with_the_allowed_ones(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let change = ["changePlan", "changeQuantity", "suspend", "renew", "unsubscribe", "failPayment"];
    let mut wrong = Vec::new();
    // A term ends whatever is open.
    let open = ["suspend", "renew", "unsubscribe", "failPayment"];
    for (at, state, allowed) in [
        (Stage::Pending, "PendingFulfillmentStart", &["unsubscribe"][..]),
        (Stage::PendingWhileCanceled, "PendingFulfillmentStart", &["unsubscribe"]),
        (
            Stage::Unbilled,
            "Subscribed",
            &["changePlan", "changeQuantity", "suspend", "unsubscribe", "failPayment"],
        ),
        (Stage::UnbilledWhileChanged, "Subscribed", &["suspend", "unsubscribe", "failPayment"]),
        (Stage::Billed, "Subscribed", &change),
        (Stage::BilledWhileChanged, "Subscribed", &open),
        (Stage::Suspended, "Suspended", &["reinstate", "unsubscribe"]),
        (Stage::SuspendedWhileReinstated, "Suspended", &["unsubscribe"]),
        (Stage::Unsubscribed, "Unsubscribed", &[]),
    ] {
        let id = stage(&world, at).await;
        let before = world.operator.truth(&id).await;
        assert_eq!(before.at("/state"), state, "{at:?}: {before}");
        assert_eq!(before.at("/allowedActions"), json!(allowed), "{at:?}: {before}");
        for (action, after, kind) in ACTIONS {
            if allowed.contains(&action) {
                is_done(&world, &stage(&world, at).await, action, after, kind).await;
                continue;
            }
            let refused = world.operator.act(&id, &body(action)).await.problem(409, None);
            let said = refused.text_at("/detail");
            let names_all = allowed.iter().all(|allowed| said.contains(allowed));
            if !names_all || allowed.is_empty() != said.contains("allowed: nothing") {
                wrong.push(format!("{at:?} + {action} names not {allowed:?}: {said}"));
            }
            assert_eq!(world.operator.truth(&id).await.json(), before.json(), "{at:?} + {action}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn is_done(world: &World, id: &str, action: &str, state: &str, kind: &str) {
    let changing = world.operator.truth(id).await.at("/pendingOperation").is_object();
    let told = world.operator.deliveries(id).await.len();
    let operation = world.operator.acted(id, &body(action)).await;
    let truth = world.operator.truth(id).await;
    assert_eq!(truth.at("/state"), state, "{action}: {truth}");
    let read = world.publisher.operation(id, &operation).await.is(200);
    assert_eq!(read.at("/action"), kind, "{action}: {read}");
    assert_eq!(read.at("/operationRequestSource"), "Azure", "{action}: {read}");
    let asks = ["ChangePlan", "ChangeQuantity", "Reinstate"].contains(&kind);
    assert_eq!(read.at("/status"), if asks { "InProgress" } else { "Succeeded" }, "{read}");
    let waits = asks || (changing && action == "renew");
    assert_eq!(truth.at("/pendingOperation").is_object(), waits, "{action}: {truth}");
    assert_eq!(world.operator.deliveries(id).await.len(), told + 1, "{action}: one webhook");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_purchase_takes_every_action_too(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    for (action, state, kind) in ACTIONS {
        let bought = world.buy(3).await;
        world.start_billing(&bought).await;
        if action == "reinstate" {
            world.operator.acted(&bought.id, &body("suspend")).await;
        }
        is_done(&world, &bought.id, action, state, kind).await;
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn members_that_do_not_belong_to_an_action_are_refused(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(3).await;
    let flat = world.buy_as(&own(flat())).await;
    world.start_billing(&flat).await;
    let before = world.operator.truth(&bought.id).await;
    let mut wrong = Vec::new();
    for (id, body, field) in [
        (&bought.id, json!({"action": "changePlan"}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": null}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": 5}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": "bronze"}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": "standard"}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": "silver"}), "planId"),
        (&bought.id, json!({"action": "changePlan", "planId": "gold", "quantity": 4}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity"}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": null}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": 3}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": 0}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": 501}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": 2.5}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": "4"}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": [4]}), "quantity"),
        (&bought.id, json!({"action": "changeQuantity", "quantity": 1e30}), "quantity"),
        (
            &bought.id,
            json!({"action": "changeQuantity", "quantity": 4, "planId": "gold"}),
            "planId",
        ),
        (&bought.id, json!({"action": "suspend", "planId": "gold"}), "planId"),
        (&bought.id, json!({"action": "suspend", "quantity": 4}), "quantity"),
        (&bought.id, json!({"action": "suspend", "when": "now"}), "when"),
        (&bought.id, json!({"action": "renew", "quantity": 4}), "quantity"),
        (&bought.id, json!({"action": "unsubscribe", "planId": "gold"}), "planId"),
        (&bought.id, json!({"action": "failPayment", "planId": "gold"}), "planId"),
        (&bought.id, json!({"action": "failPayment", "when": "sometimes"}), "when"),
        (&bought.id, json!({"action": "failPayment", "when": null}), "when"),
        (&bought.id, json!({"action": "failPayment", "when": {"now": null}}), "when"),
        (&bought.id, json!({"action": {"suspend": null}}), "action"),
        (&flat.id, json!({"action": "changeQuantity", "quantity": 2}), "quantity"),
    ] {
        let answer = world.operator.act(id, &body).await;
        if answer.status != 400 || answer.at("/errors/0/field") != field {
            wrong.push(format!("{body} is wrong in {field}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
    let told = world.operator.deliveries(&bought.id).await;
    assert_eq!(told, Vec::<Value>::new(), "no webhook was made");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_payment_that_fails_now_suspends_and_one_at_the_terms_end_then(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let now = world.buy_active(3).await;
    let body = json!({"action": "failPayment", "when": "now"});
    let operation = world.operator.acted(&now.id, &body).await;
    let read = world.publisher.operation(&now.id, &operation).await.is(200);
    assert_eq!(read.at("/action"), "Suspend", "{read}");
    let truth = world.operator.truth(&now.id).await;
    assert_eq!(truth.at("/state"), "Suspended", "{truth}");
    assert_eq!(truth.at("/paymentFailsAtTermEnd"), false, "{truth}");

    let later = world.buy_active(3).await;
    let body = json!({"action": "failPayment", "when": "termEnd"});
    let accepted = world.operator.act(&later.id, &body).await.is(202);
    assert_eq!(accepted.json(), json!({}), "no operation yet");
    let truth = world.operator.truth(&later.id).await;
    assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
    assert_eq!(truth.at("/paymentFailsAtTermEnd"), true, "{truth}");
    assert_eq!(world.operator.deliveries(&later.id).await, Vec::<Value>::new());
    world.operator.advance(&json!({"to": "2027-02-27T23:59:59.999999Z"})).await.is(200);
    assert_eq!(world.operator.truth(&later.id).await.at("/state"), "Subscribed");
    world.operator.advance(&json!({"to": "2027-02-28T00:00:00Z"})).await.is(200);
    let truth = world.operator.truth(&later.id).await;
    assert_eq!(truth.at("/state"), "Suspended", "{truth}");
    assert_eq!(truth.at("/term/endDate"), "2027-02-27T00:00:00.000000Z", "{truth}");
    let told = world.operator.deliveries(&later.id).await;
    let told: Vec<_> = told.iter().map(|one| one["action"].clone()).collect();
    assert_eq!(told, ["Suspend"]);
    assert_eq!(world.operator.times("renewed", &later.id).await, 0);
    let operation = world.operator.acted(&later.id, &json!({"action": "reinstate"})).await;
    world.publisher.decide(&later.id, &operation, "Success").await.is(200);
    let truth = world.operator.truth(&later.id).await;
    assert_eq!(truth.at("/paymentFailsAtTermEnd"), false, "one payment only: {truth}");
    world.operator.advance_by("PT1M").await;
    assert_eq!(term(&world, &later.id).await, days("2027-02-28", "2027-03-27"), "it is paid");
}

/// First and last day of the term, as GET shows them.
async fn term(world: &World, id: &str) -> (String, String) {
    let seen = world.publisher.subscription(id).await.is(200);
    let day = |member| seen.text_at(member).strip_suffix("T00:00:00Z").unwrap().to_owned();
    (day("/term/startDate"), day("/term/endDate"))
}

fn days(first: &str, last: &str) -> (String, String) {
    (first.to_owned(), last.to_owned())
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_term_renews_at_midnight_after_its_last_day_from_its_own_start(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let month = world.buy_active(3).await;
    let mut purchase = own(flat());
    purchase["term"] = "P1Y".into();
    let year = world.buy_as(&purchase).await;
    world.start_billing(&year).await;
    let charges = world.operator.charges(&month.id).await.len();
    // A day that February cut is not given back (F1).
    let mut end = "2027-02-27";
    assert_eq!(term(&world, &month.id).await, days("2027-01-31", end));
    for (midnight, last) in
        [("2027-02-28", "2027-03-27"), ("2027-03-28", "2027-04-27"), ("2027-04-28", "2027-05-27")]
    {
        let just_before = format!("{end}T23:59:59.999999Z");
        let quiet = world.operator.advance(&json!({"to": just_before})).await.is(200);
        assert_eq!(quiet.at("/happened"), json!([]), "{quiet}");
        let to = json!({"to": format!("{midnight}T00:00:00Z")});
        let advanced = world.operator.advance(&to).await.is(200);
        assert_eq!(advanced.at("/happened/0/kind"), "termEnd", "{advanced}");
        assert_eq!(advanced.at("/happened/0/subscriptionId"), month.id.as_str(), "{advanced}");
        assert_eq!(advanced.at("/deliveries/0/action"), "Renew", "{advanced}");
        assert_eq!(term(&world, &month.id).await, days(midnight, last));
        let operation = advanced.text_at("/deliveries/0/id");
        let read = world.publisher.operation(&month.id, &operation).await.is(200);
        assert_eq!(read.at("/action"), "Renew", "{read}");
        assert_eq!(read.at("/status"), "Succeeded", "{read}");
        end = last;
    }
    assert_eq!(world.operator.times("renewed", &month.id).await, 3);
    assert_eq!(
        world.operator.charges(&month.id).await.len(),
        charges,
        "no charge comes with it yet"
    );
    assert_eq!(term(&world, &year.id).await, days("2027-01-31", "2028-01-30"));
    world.operator.advance(&json!({"to": "2028-01-31T00:00:00Z"})).await.is(200);
    assert_eq!(term(&world, &year.id).await, days("2028-01-31", "2029-01-30"));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_renewal_by_hand_moves_the_term_and_the_next_end_with_it(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(3).await;
    world.operator.acted(&bought.id, &body("renew")).await;
    assert_eq!(term(&world, &bought.id).await, days("2027-02-28", "2027-03-27"));
    world.operator.advance(&json!({"to": "2027-03-27T23:59:59.999999Z"})).await.is(200);
    assert_eq!(world.operator.times("renewed", &bought.id).await, 1, "not at the old end");
    world.operator.advance(&json!({"to": "2027-03-28T00:00:00Z"})).await.is(200);
    assert_eq!(term(&world, &bought.id).await, days("2027-03-28", "2027-04-27"));
    assert_eq!(world.operator.times("renewed", &bought.id).await, 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_term_that_does_not_renew_ends_the_subscription(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let mut purchase = own(seats(3));
    purchase["autoRenew"] = false.into();
    let bought = world.buy_as(&purchase).await;
    world.start_billing(&bought).await;
    let seen = world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen.at("/autoRenew"), false, "{seen}");
    let refused = world.operator.act(&bought.id, &body("renew")).await.problem(409, None);
    assert!(refused.text_at("/detail").contains("autoRenew"), "{refused}");
    let allowed = world.operator.truth(&bought.id).await.at("/allowedActions");
    assert!(!allowed.as_array().unwrap().contains(&json!("renew")), "{allowed}");
    world.operator.advance(&json!({"to": "2027-02-27T23:59:59.999999Z"})).await.is(200);
    assert_eq!(world.operator.truth(&bought.id).await.at("/state"), "Subscribed");
    let advanced = world.operator.advance(&json!({"to": "2027-02-28T00:00:00Z"})).await.is(200);
    assert_eq!(advanced.at("/happened/0/kind"), "termEnd", "{advanced}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
    assert_eq!(truth.at("/endReason"), "termEnd", "{truth}");
    assert_eq!(truth.at("/endedAt"), "2027-02-28T00:00:00.000000Z", "{truth}");
    assert_eq!(term(&world, &bought.id).await, days("2027-01-31", "2027-02-27"));
    let told = world.operator.deliveries(&bought.id).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["action"], "Unsubscribe", "{told:?}");
    world.operator.advance_by("P1Y").await;
    assert_eq!(world.operator.times("unsubscribed", &bought.id).await, 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_term_ends_before_billing_has_started(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_as(&own(seats(3))).await;
    world.publisher.activate(&bought.id).await.is(200);
    world.operator.advance(&json!({"to": "2027-03-02T08:00:00Z"})).await.is(200);
    assert_eq!(world.operator.times("renewed", &bought.id).await, 0);
    world.publisher.assign(&bought.id, &people(3)).await.is(200);
    assert_eq!(term(&world, &bought.id).await, days("2027-03-02", "2027-04-01"));
    world.operator.advance(&json!({"to": "2027-04-02T00:00:00Z"})).await.is(200);
    assert_eq!(term(&world, &bought.id).await, days("2027-04-02", "2027-05-01"));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_term_that_ends_in_suspension_neither_renews_nor_is_forgotten(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_active(3).await;
    world.operator.advance(&json!({"to": "2027-02-20T00:00:00Z"})).await.is(200);
    world.operator.acted(&bought.id, &body("suspend")).await;
    world.operator.advance(&json!({"to": "2027-03-10T00:00:00Z"})).await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/state"), "Suspended", "{truth}");
    assert_eq!(world.operator.times("renewed", &bought.id).await, 0);
    assert_eq!(term(&world, &bought.id).await, days("2027-01-31", "2027-02-27"));
    let operation = world.operator.acted(&bought.id, &body("reinstate")).await;
    world.publisher.decide(&bought.id, &operation, "Success").await.is(200);
    world.operator.advance_by("PT1M").await;
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/state"), "Subscribed", "{truth}");
    assert_eq!(term(&world, &bought.id).await, days("2027-02-28", "2027-03-27"), "caught up");
    world.operator.advance(&json!({"to": "2027-03-28T00:00:00Z"})).await.is(200);
    assert_eq!(term(&world, &bought.id).await, days("2027-03-28", "2027-04-27"));
}
