//! The console as the publisher sees it: one row a purchase.

use askama::Template;
use jiff::Timestamp;
use shared::ids::SandboxId;

use crate::{
    clients::Trouble,
    domain::{Account, Kind, State, Step},
    words::{day, instant, say, say_with},
};

/// The console.
#[derive(Template)]
#[template(path = "console.html")]
pub(in crate::http) struct ConsolePage {
    sandbox: String,
    csrf: String,
    current: &'static str,
    time: String,
    /// Why the marketplace's time is not shown; may be empty.
    warning: String,
    rows: Vec<Row>,
}

struct Row {
    title: String,
    parties: String,
    subscription: String,
    licenses: String,
    state_class: &'static str,
    state: String,
    /// How long it runs; may be empty.
    term: String,
    circuit: &'static str,
    dead: bool,
    licenses_key: String,
    fulfillment_key: String,
    information: String,
    /// What is on its way, and what the marketplace last said no to.
    notices: Vec<Notice>,
    /// Neither button has anything left to do.
    finished: bool,
    path: String,
    may_assign: bool,
    may_confirm: bool,
}

pub(super) struct Notice {
    pub(super) words: String,
    /// Something failed.
    pub(super) bad: bool,
}

impl ConsolePage {
    /// The console of a sandbox. Without the marketplace's time it says why.
    pub(in crate::http) fn new(
        sandbox: &SandboxId,
        accounts: &[Account],
        time: Result<Timestamp, &Trouble>,
        csrf: String,
    ) -> Self {
        let (time, warning) = market_time(time);
        let rows = accounts.iter().map(row).collect();
        let sandbox = sandbox.to_string();
        Self { sandbox, csrf, current: "purchases", time, warning, rows }
    }
}

/// The marketplace's time for the head of a page, and why it is not known.
pub(super) fn market_time(time: Result<Timestamp, &Trouble>) -> (String, String) {
    match time {
        Ok(at) => (say_with("console-time", [("at", instant(at).into())]), String::new()),
        Err(trouble) => {
            let said = [("said", trouble.to_string().into())];
            (say("console-time-unknown"), say_with("marketplace-said", said))
        }
    }
}

fn row(account: &Account) -> Row {
    let (purchase, keys) = (&account.purchase, account.keys());
    let (first, second) = (keys.licenses_assigned_at, keys.fulfillment_confirmed_at);
    let (state_class, state) = state(account);
    Row {
        title: title(account),
        parties: parties(account),
        subscription: account.key.subscription.to_string(),
        licenses: format!("{}/{}", account.licenses_accepted, purchase.required()),
        state_class,
        state,
        term: term(account),
        circuit: match (first, second) {
            (None, None) => "c00",
            (None, Some(_)) => "c01",
            (Some(_), None) => "c10",
            (Some(_), Some(_)) => "c11",
        },
        dead: account.is_ended() && first.zip(second).is_none(),
        licenses_key: key("console-licenses-in", "console-licenses-open", first),
        fulfillment_key: key("console-fulfillment-in", "console-fulfillment-open", second),
        information: information(account),
        notices: notices(account),
        // Licenses that were bought later are assigned with both keys in.
        finished: account.is_ended()
            || (first.is_some() && second.is_some() && account.may_assign().is_err()),
        path: format!("/s/{}/accounts/{}", account.key.sandbox, account.key.subscription),
        may_assign: account.may_assign().is_ok(),
        may_confirm: account.may_confirm().is_ok(),
    }
}

/// What was bought.
pub(super) fn title(account: &Account) -> String {
    let purchase = &account.purchase;
    let names = [("offer", &purchase.offer), ("plan", &purchase.plan)];
    say_with("console-row", names.map(|(key, value)| (key, value.clone().into())))
}

/// Who bought it, and for whom.
pub(super) fn parties(account: &Account) -> String {
    let purchase = &account.purchase;
    let customer = ("customer", purchase.beneficiary.clone().into());
    if purchase.beneficiary == purchase.purchaser {
        say_with("console-bought-itself", [customer])
    } else {
        say_with("console-bought-by", [customer, ("partner", purchase.purchaser.clone().into())])
    }
}

/// Where it stands: a mark and words.
pub(super) fn state(account: &Account) -> (&'static str, String) {
    let (class, name) = match account.state {
        State::Ended { .. } => ("", "state-ended"),
        _ if account.suspended_at.is_some() => ("sus", "state-suspended"),
        State::Billing { .. } => ("on", "state-billing"),
        State::AwaitingInformation { .. } => ("pend", "state-awaiting"),
        State::SettingUp { .. } => ("need", "state-setup"),
    };
    (class, say(name))
}

/// How long the present term runs: its last day is the customer's.
fn term(account: &Account) -> String {
    account.purchase.term.filter(|_| !account.is_ended()).map_or_else(String::new, |term| {
        say_with("console-term", [("start", day(term.start).into()), ("end", day(term.end).into())])
    })
}

fn key(turned: &str, open: &str, at: Option<Timestamp>) -> String {
    at.map_or_else(|| say(open), |at| say_with(turned, [("at", instant(at).into())]))
}

/// The form, in a sentence.
pub(super) fn information(account: &Account) -> String {
    match account.submitted() {
        None => say("console-no-information"),
        Some(submitted) => {
            let information = &submitted.information;
            let values = [
                ("site", information.site_address.clone()),
                ("name", information.admin_name.clone()),
                ("email", information.admin_email.clone()),
                ("people", information.people.len().to_string()),
            ];
            let name = if account.purchase.quantity.is_some() {
                "console-information"
            } else {
                "console-information-flat"
            };
            say_with(name, values.map(|(key, value)| (key, value.into())))
        }
    }
}

/// How far the calls about it got, as far as there is anything to say.
pub(super) fn notices(account: &Account) -> Vec<Notice> {
    let worded = Kind::ALL.into_iter().filter_map(|kind| {
        let name = match kind {
            Kind::LicenseAssignments => "console-assign",
            Kind::Activate => "console-confirm",
            Kind::Setup => "console-setup",
            Kind::PublisherSteps => "console-steps",
        };
        let step = account.progress(kind);
        let said = step.failure().unwrap_or_default().to_owned();
        let sentence = match step {
            Step::Refused { .. } => "console-refused",
            Step::Underway { failure: Some(_), .. } => "console-retried",
            Step::Underway { failure: None, .. } => "console-underway",
            Step::Open | Step::Delivered => return None,
        };
        let bad = !said.is_empty();
        let words = say_with(sentence, [("step", say(name).into()), ("said", said.into())]);
        Some(Notice { words, bad })
    });
    worded.collect()
}
