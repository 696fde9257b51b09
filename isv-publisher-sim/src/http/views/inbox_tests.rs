//! The page of the webhooks, rendered with sample data.

use jiff::Timestamp;
use shared::ids::{OperationId, SubscriptionId};
use uuid::Uuid;

use super::{InboxPage, tests::html};
use crate::{
    clients::Trouble,
    domain::{
        Action, Behavior, Checks, Course, Operation, Reaction, RefusedWebhook, Source, Status,
        TokenVersion, Told, Verdict, Webhook, WebhookKey,
    },
    queries::Arrival,
};

fn at() -> Timestamp {
    "2027-01-31T09:00:00Z".parse().unwrap()
}

fn told(action: &str) -> Told {
    Told {
        operation: OperationId(Uuid::from_u128(1)),
        subscription: SubscriptionId(Uuid::from_u128(2)),
        action: Action::read(action),
    }
}

fn new(action: &str) -> Webhook {
    let (sandbox, publisher) = ("default".parse().unwrap(), "fernhill".parse().unwrap());
    let told = told(action);
    let key = WebhookKey { sandbox, publisher, operation: told.operation };
    let checks = Checks { token: TokenVersion::V2, signed: true };
    Webhook::new(key, &told, checks, at()).came(checks, Some(at()), at())
}

fn taken(reaction: Reaction) -> Webhook {
    let operation = Operation {
        told: told("ChangeQuantity"),
        source: Source::Marketplace,
        status: Status::Open,
        plan: Some("<script>gold".to_owned()),
        quantity: Some(25),
        failure: Some("no <script>money".to_owned()),
    };
    new("ChangeQuantity").taken(reaction, &operation, at())
}

fn page(arrivals: Vec<Arrival>) -> String {
    let sandbox = "default".parse().unwrap();
    let mut page = InboxPage::new(&sandbox, &arrivals, Ok(at()), "csrf-token".to_owned());
    for id in ["contoso", "fern.hill"] {
        let id = id.parse().unwrap();
        page = page.answering(&id, "Fernhill <script>", Behavior::RefuseByPatch);
    }
    html(&page)
}

fn check(webhook: Webhook, parts: &[&str]) {
    let html = page(vec![Arrival::Taken(Box::new(webhook))]);
    for part in parts {
        assert!(html.contains(part), "{part} not in {html}");
    }
}

#[test]
fn a_change_is_shown_with_how_it_was_checked_answered_and_done() {
    let open = taken(Reaction::Patch(Verdict::Success));
    let common = [
        "<b class=\"main\">ChangeQuantity</b>",
        "31 Jan 2027 09:00:00 UTC",
        "Plan &#60;script&#62;gold, 25 licenses",
        "00000000-0000-0000-0000-000000000002",
        "Token v2, Standard Webhooks, operation read again",
        "<b>200</b>",
    ];
    check(open.clone(), &common);
    check(open.clone(), &["Our answer is on its way", "PATCH Success"]);
    let slow = open.clone().waiting(Some("it cannot <script>".to_owned()));
    check(slow, &["Tried again soon: it cannot &#60;script&#62;"]);
    let late = open.clone().patched(409, None);
    check(late, &["Waits for the marketplace’s decision", "409, it was decided before"]);
    let refused = open.clone().patched(404, Some("no such".to_owned()));
    check(refused, &["PATCH Success: 404. no such"]);
    let done = open.patched(200, None).decided(Course::Applied, None, at());
    check(done, &["Done, seen 31 Jan 2027 09:00:00 UTC", "PATCH Success: 200"]);
}

#[test]
fn every_other_end_has_its_words() {
    check(taken(Reaction::Refuse), &["<b>400</b>", "Change refused, as chosen"]);
    check(taken(Reaction::Note), &["Not done, seen", "The marketplace: no &#60;script&#62;money"]);
    let down = new("Renew").untouched(Course::Unavailable, None);
    let checks = down.checks;
    check(down.came(checks, None, at()), &["<b>503</b>", "the server is down", "came 2 times"]);
    let unread = new("Renew").untouched(Course::Unread, Some("it is away".to_owned()));
    check(unread, &["could not be asked", "The marketplace: it is away"]);
    let unknown = new("Trans<script>fer").untouched(Course::Unknown, None);
    check(unknown, &["Trans&#60;script&#62;fer", "not known here", "<b>200</b>"]);
    let lost = new("Renew").untouched(Course::Lost, Some("no such".to_owned()));
    check(lost, &["Given up", "The marketplace: no such"]);
}

#[test]
fn a_refusal_tells_why_and_trusts_nothing_it_was_told() {
    let refused = |told| {
        Arrival::Refused(Box::new(RefusedWebhook {
            sandbox: "default".parse().unwrap(),
            publisher: "fernhill".parse().unwrap(),
            told,
            answer: 401,
            reason: "the bearer token has expired".to_owned(),
            deliveries: 4,
            at: None,
            received_at: at(),
        }))
    };
    let html = page(vec![refused(Some(told("Ren<script>ew"))), refused(None)]);
    for part in [
        "Ren&#60;script&#62;ew",
        "Unreadable",
        "Not the marketplace’s",
        "<b>401</b>",
        "came 4 times",
        "the bearer token has expired",
        "Time unknown",
    ] {
        assert!(html.contains(part), "{part} not in {html}");
    }
}

#[test]
fn each_publisher_has_a_form_with_its_choice() {
    let html = page(Vec::new());
    assert!(html.contains("No webhooks yet"));
    assert_eq!(html.matches("action=\"/s/default/console/behavior\"").count(), 2);
    assert_eq!(html.matches("<option value=\"refuseByPatch\" selected>").count(), 2);
    assert_eq!(html.matches("<option ").count(), 10);
    assert_eq!(html.matches("name=\"csrf\" value=\"csrf-token\"").count(), 3);
    assert!(html.contains("Fernhill &#60;script&#62;"));
    assert!(html.contains("<a href=\"/s/default/console/webhooks\" aria-current=\"page\">"));

    let what = "it cannot be reached".to_owned();
    let trouble = Trouble::Unreachable { what, retry_after: None };
    let sandbox = "default".parse().unwrap();
    let alone = InboxPage::new(&sandbox, &[], Err(&trouble), String::new());
    let alone = super::tests::html(&alone);
    assert!(alone.contains("it cannot be reached") && !alone.contains("<select"));
}
