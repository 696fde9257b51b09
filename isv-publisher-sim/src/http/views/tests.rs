//! Every page rendered with sample data.

use askama::Template;
use jiff::Timestamp;
use shared::{fulfillment::BlockedChange, ids::SubscriptionId};

use super::*;
use crate::{
    clients::Trouble,
    domain::{
        Account, AccountKey, Entries, Information, PublisherStep, Purchase, Setup, Standing, Step,
        StepEntries, StepProblem, UserId, Visitor,
    },
};

fn at() -> Timestamp {
    "2027-01-31T09:00:00Z".parse().unwrap()
}

fn user(number: &str) -> UserId {
    UserId { tenant: format!("t{number}"), object: format!("o{number}") }
}

fn visitor() -> Visitor {
    Visitor {
        id: user("3"),
        name: "이하은 <script>".to_owned(),
        username: "haeun@hanbit.example".to_owned(),
    }
}

fn opened(quantity: Option<i64>, standing: Standing) -> Account {
    let key = AccountKey {
        sandbox: "default".parse().unwrap(),
        subscription: SubscriptionId(uuid::Uuid::nil()),
    };
    let purchase = Purchase {
        publisher: "fernhill".parse().unwrap(),
        publisher_name: "Fernhill Software".to_owned(),
        offer: "Fernhill Desk".to_owned(),
        plan: "Gold".to_owned(),
        name: "<script>alert(1)</script>".to_owned(),
        quantity,
        term_unit: "P1Y".to_owned(),
        term: None,
        beneficiary: "Hanbit Garam \"Logistics\"".to_owned(),
        beneficiary_email: "a@hanbit.example".to_owned(),
        beneficiary_user: user("3"),
        purchaser: "Alder & Finch".to_owned(),
        purchaser_email: String::new(),
        purchaser_user: user("2"),
        metered: false,
    };
    Account::open(key, purchase, standing, at())
}

fn entries(people: &str) -> Entries {
    Entries {
        site_address: "hanbit".to_owned(),
        admin_name: "이하은 <script>".to_owned(),
        admin_email: "haeun@hanbit.example".to_owned(),
        people: people.to_owned(),
    }
}

fn submitted(people: &str) -> Account {
    let information = Information::parse(&entries(people), Some(2)).unwrap();
    opened(Some(2), Standing::PendingFulfillmentStart).submit(information, at()).unwrap()
}

/// Renders, and holds what must be true of every page.
pub(super) fn html(template: &impl Template) -> String {
    let html = template.render().unwrap();
    for never in ["<script", "style=", "Unknown localization", "onclick", "http://", "https://"] {
        assert!(!html.contains(never), "{never} in {html}");
    }
    assert!(html.contains("<body class=\"pub\">") && html.contains("id=\"main\""));
    assert!(html.contains(shared::assets::stylesheet_path()));
    assert_eq!(html.matches("<svg class=\"sprite\"").count(), 1);
    html
}

fn landing(account: &Account) -> String {
    html(&LandingPage::new(account, &visitor(), "csrf-token".to_owned()))
}

#[test]
fn a_new_purchase_shows_the_form_and_no_button_of_the_publisher() {
    let html = landing(&opened(Some(20), Standing::PendingFulfillmentStart));
    for part in [
        "Set up Fernhill Desk for Hanbit Garam &#34;Logistics&#34;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "0 of 2 keys in",
        "We assign 20 licenses after your form arrives",
        "name=\"site_address\"",
        "name=\"admin_name\"",
        "name=\"admin_email\"",
        "name=\"people\"",
        "name=\"csrf\" value=\"csrf-token\"",
        "becomes your-entry.fernhill.example",
        "1 year",
        "Alder &#38; Finch",
        "Submit information",
        "Signed in as 이하은 &#60;script&#62;, haeun@hanbit.example.",
        "href=\"/s/default/fernhill/sign-in\"",
    ] {
        assert!(html.contains(part), "{part} not in {html}");
    }
    assert!(!html.contains("assign-licenses") && !html.contains("confirm-setup"));
}

#[test]
fn a_plan_without_seats_asks_for_no_people() {
    let html = landing(&opened(None, Standing::PendingFulfillmentStart));
    assert!(html.contains("Submit information") && !html.contains("name=\"people\""));
}

#[test]
fn errors_stand_at_their_fields_and_entries_are_kept() {
    let account = opened(Some(2), Standing::PendingFulfillmentStart);
    let mut wrong = entries("a@b.c\nA@b.c");
    wrong.admin_email = "\"><script>@hanbit".to_owned();
    let errors = Information::parse(&wrong, Some(2)).unwrap_err();
    let page = LandingPage::new(&account, &visitor(), String::new()).entries(wrong).errors(&errors);
    let html = html(&page);
    for part in [
        "One entry or more needs a change",
        "value=\"hanbit\"",
        "value=\"&#34;&#62;&#60;script&#62;@hanbit\"",
        "aria-invalid=\"true\" aria-describedby=\"admin_email-e\"",
        "id=\"admin_email-e\"",
        "aria-invalid=\"true\" aria-describedby=\"people-e\"",
        "Line 2 names somebody a second time",
        "a@b.c\nA@b.c</textarea>",
    ] {
        assert!(html.contains(part), "{part} not in {html}");
    }
    let page =
        LandingPage::new(&account, &visitor(), String::new()).not_saved("No answer.".to_owned());
    assert!(super::tests::html(&page).contains("No answer."));
}

#[test]
fn information_is_shown_as_submitted_and_asked_for_again_while_people_are_missing() {
    let whole = landing(&submitted("a@b.c\nb@b.c"));
    assert!(whole.contains("Information as submitted") && whole.contains("2: a@b.c, b@b.c"));
    assert!(!whole.contains("<form"));
    let part = landing(&submitted("a@b.c").assigning().assigned(1, None));
    assert!(part.contains("Name more people") && part.contains("Waiting: 1 of 2"));
    assert!(part.contains("1 license is missing"));
}

#[test]
fn the_second_key_alone_leaves_the_wire_open() {
    let html = landing(&submitted("a@b.c").confirmed(at(), false));
    assert!(html.contains("Manage Fernhill Desk") && html.contains("1 of 2 keys in"));
    assert!(html.contains("<li class=\"in\">") && !html.contains("<li class=\"in live\">"));
}

#[test]
fn billing_and_the_end_are_told_apart() {
    let billing = submitted("a@b.c\nb@b.c").assigned(2, Some(at())).confirmed(at(), false);
    let html = landing(&billing);
    assert!(html.contains("Billing started 31 Jan 2027 09:00:00 UTC"));
    assert_eq!(html.matches("<li class=\"in live\">").count(), 3);
    let ended = landing(&submitted("a@b.c").standing(Standing::Unsubscribed, at()));
    assert!(ended.contains("has ended") && ended.contains("gate dead") && !ended.contains("<form"));
    let suspended = landing(&billing.standing(Standing::Suspended, at()));
    assert!(suspended.contains("has suspended this subscription"));
}

fn console(accounts: &[Account], time: Result<Timestamp, Trouble>) -> String {
    html(&ConsolePage::new(
        &"default".parse().unwrap(),
        accounts,
        time.as_ref().copied(),
        "csrf-token".to_owned(),
    ))
}

#[test]
fn the_console_shows_each_purchase_and_enables_what_is_possible() {
    let new = console(&[opened(Some(20), Standing::PendingFulfillmentStart)], Ok(at()));
    assert!(
        new.contains("Marketplace time 31 Jan 2027 09:00 UTC") && new.contains("href=\"#c00\"")
    );
    assert!(new.contains("0/20") && new.contains("The information has not arrived"));
    assert_eq!(new.matches(" disabled>").count(), 2);

    let mut part = submitted("a@b.c").assigning().assigned(1, None);
    part.confirming = Step::Refused { failure: "<script>no".to_owned() };
    let shown = console(&[part], Ok(at()));
    assert!(
        shown.contains("1/2") && shown.contains("refused by the marketplace. &#60;script&#62;no")
    );
    assert_eq!(shown.matches(" disabled>").count(), 1);
    assert!(
        shown.contains("Waits for Licenses assigned") && shown.contains("이하은 &#60;script&#62;")
    );

    let billing = submitted("a@b.c\nb@b.c").assigned(2, Some(at())).confirmed(at(), false);
    let shown = console(&[billing], Ok(at()));
    assert!(
        shown.contains("href=\"#c11\"")
            && shown.contains("2/2")
            && !shown.contains("assign-licenses")
    );
}

#[test]
fn the_console_says_when_it_is_empty_or_alone() {
    let what = "it cannot be reached".to_owned();
    let alone = console(&[], Err(Trouble::Unreachable { what, retry_after: None }));
    assert!(alone.contains("No purchases yet") && alone.contains("it cannot be reached"));
}

#[test]
fn a_circuit_with_the_second_key_only_is_c01() {
    let second = submitted("a@b.c").confirmed(at(), false);
    assert!(console(&[second], Ok(at())).contains("href=\"#c01\""));
    let first = submitted("a@b.c\nb@b.c").assigned(2, Some(at()));
    assert!(console(&[first], Ok(at())).contains("href=\"#c10\""));
}

#[test]
fn sign_in_and_messages_are_pages_of_their_own() {
    let shown =
        |by_code, wrong| html(&SignInPage { sandbox: "default".to_owned(), by_code, wrong });
    for (by_code, name, file) in
        [(false, "name=\"token\"", "control-token"), (true, "name=\"access_code\"", "access-code")]
    {
        let fresh = shown(by_code, false);
        assert!(fresh.contains(name) && fresh.contains("name=\"sandbox\""), "{fresh}");
        assert!(!fresh.contains("aria-invalid") && fresh.contains(file), "{fresh}");
        let wrong = shown(by_code, true);
        assert!(wrong.contains("aria-invalid=\"true\"") && wrong.contains("Not signed in"));
        assert!(wrong.contains(name) && wrong.contains(file), "{wrong}");
    }
    let message = MessagePage {
        title: "T <script>".to_owned(),
        text: "why".to_owned(),
        detail: "detail".to_owned(),
        action: Some(Action {
            href: "/s/default/fernhill/sign-in".to_owned(),
            label: "Choose <another>".to_owned(),
        }),
        status: 410,
    };
    let shown = html(&message);
    assert!(shown.contains("(410)") && shown.contains("Choose &#60;another&#62;</a>"), "{shown}");
    assert!(!html(&MessagePage { action: None, ..message }).contains("<a class=\"btn"));
}

fn step(done: bool) -> PublisherStep {
    PublisherStep {
        id: "export-1".parse().unwrap(),
        title: "Export <script>".to_owned(),
        url: "/export?a=\"b".to_owned(),
        blocks: vec![BlockedChange::Cancel, BlockedChange::Quantity],
        done_at: done.then(at),
    }
}

#[test]
fn an_account_shows_its_steps_and_a_form_for_another_one() {
    let account = opened(Some(2), Standing::PendingFulfillmentStart);
    let page = |account: &Account, steps: &[PublisherStep]| {
        let setup =
            Setup { by: user("3"), username: String::new(), sign_in_url: "/own".to_owned() };
        AccountPage::new(account, steps, Some(&setup), "csrf-token".to_owned())
    };
    let shown = html(&page(&account, &[step(false), step(true)]));
    for part in [
        "Export &#60;script&#62;",
        "Waits for it: Cancel, Change the number of licenses",
        "Not done yet",
        "Done 31 Jan 2027 09:00 UTC",
        "steps/export-1/done",
        "name=\"blocks\" value=\"autoRenew\"",
        "<dd>/own</dd>",
    ] {
        assert!(shown.contains(part), "{part} not in {shown}");
    }
    assert_eq!(shown.matches("Mark as done").count(), 1);
    let entries = StepEntries {
        title: "\"><script>".to_owned(),
        url: "x".to_owned(),
        blocks: vec!["cancel".to_owned()],
    };
    let problems = [StepProblem::TitleUnfit, StepProblem::UrlUnfit];
    let wrong = html(&page(&account, &[]).entries(entries).problems(&problems));
    assert!(wrong.contains("No steps") && wrong.contains("value=\"&#34;&#62;&#60;script&#62;\""));
    assert!(wrong.contains("id=\"title-e\"") && wrong.contains("value=\"cancel\" checked"));
    let full = html(&page(&account, &vec![step(true); 20]));
    assert!(!full.contains("Declare a step") && full.contains("Remove"));
    let ended = html(&page(&account.standing(Standing::Unsubscribed, at()), &[step(false)]));
    assert!(!ended.contains("Declare a step") && !ended.contains("Mark as done"));
}

#[test]
fn a_step_has_a_button_until_it_is_done_or_nothing_waits_for_it() {
    let account = opened(None, Standing::Subscribed);
    let page = |account: &Account, done, own| {
        html(&StepPage::new(account, &visitor(), &step(done), own, "csrf-token".to_owned()))
    };
    let open = page(&account, false, true);
    for part in [
        "To be done for Fernhill Desk",
        "Fernhill Software asks for this",
        "/fernhill/accounts/00000000-0000-0000-0000-000000000000/steps/export-1\"",
        "This is done",
        "href=\"/s/default/fernhill/sign-in\"",
    ] {
        assert!(open.contains(part), "{part} not in {open}");
    }
    assert!(!open.contains("It is done at"));
    assert!(page(&account, false, false).contains("It is done at /export?a=&#34;b."));
    assert!(!page(&account, true, true).contains("<form"));
    let ended = page(&account.standing(Standing::Unsubscribed, at()), false, true);
    assert!(!ended.contains("<form") && ended.contains("nothing waits for this any more"));
}

#[test]
fn a_visitor_is_named_by_what_is_known() {
    let named_as = |name: &str, username: &str| {
        named(&Visitor { name: name.to_owned(), username: username.to_owned(), ..visitor() })
    };
    assert_eq!(named_as("Haeun", "h@x.example"), "Haeun, h@x.example");
    assert_eq!(named_as("h@x.example", "h@x.example"), "h@x.example");
    assert_eq!(named_as("Haeun", ""), "Haeun");
    assert_eq!(named_as("", ""), "o3");
}
