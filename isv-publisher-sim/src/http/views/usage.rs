//! Usage as the publisher sees it: one row an hour and dimension that something was reported of, and whether it
//! reports at all.

use askama::Template;
use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use super::{choice::Choice, console::market_time};
use crate::{
    clients::Trouble,
    domain::Reporting,
    store::{Report, ReportState},
    words::{instant, number, say, say_with},
};

/// The usage of a sandbox.
#[derive(Template)]
#[template(path = "usage.html")]
pub(in crate::http) struct UsagePage {
    sandbox: String,
    csrf: String,
    current: &'static str,
    time: String,
    /// Why the marketplace's time is not shown; may be empty.
    warning: String,
    rows: Vec<Row>,
    choices: Vec<Choice>,
}

struct Row {
    dimension: String,
    publisher: String,
    /// The hour, or the hours.
    hours: String,
    subscription: String,
    quantity: i64,
    mark: &'static str,
    state: String,
    /// Why it is not accepted; may be empty.
    note: String,
    bad: bool,
}

impl UsagePage {
    /// The page of a sandbox. Without the marketplace's time it says why.
    pub(in crate::http) fn new(
        sandbox: &SandboxId,
        reports: &[Report],
        time: Result<Timestamp, &Trouble>,
        csrf: String,
    ) -> Self {
        let (time, warning) = market_time(time);
        Self {
            sandbox: sandbox.to_string(),
            csrf,
            current: "usage",
            time,
            warning,
            rows: reports.iter().map(row).collect(),
            choices: Vec::new(),
        }
    }

    /// The page with the choice of whether this publisher reports, too; `reporting` is in force.
    pub(in crate::http) fn reporting(
        mut self,
        publisher: &PublisherId,
        name: &str,
        reporting: Reporting,
    ) -> Self {
        let all = Reporting::ALL.map(|reporting| (reporting, reporting.name(), words(reporting)));
        let form = ("reporting", "usage");
        self.choices.push(Choice::new(form, (publisher, name), &reporting, all));
        self
    }
}

fn words(reporting: Reporting) -> &'static str {
    match reporting {
        Reporting::Report => "reporting-report",
        Reporting::Silent => "reporting-silent",
    }
}

fn row(report: &Report) -> Row {
    let (mark, state) = match report.state {
        ReportState::Waiting => ("pend", "usage-waiting"),
        ReportState::Accepted => ("on", "usage-accepted"),
        ReportState::Duplicate => ("on", "usage-duplicate"),
        ReportState::Expired => ("sus", "usage-expired"),
        ReportState::Refused => ("sus", "usage-refused"),
        ReportState::Skipped => ("sus", "usage-skipped"),
    };
    let from = instant(report.hour);
    let hours = match report.hours {
        1 => from,
        many => say_with("usage-hours", [("from", from.into()), ("count", number(many))]),
    };
    Row {
        dimension: report.dimension.clone(),
        publisher: report.publisher.to_string(),
        hours,
        subscription: report.key.subscription.to_string(),
        quantity: report.quantity,
        mark,
        state: say(state),
        note: report.note.clone().unwrap_or_default(),
        bad: mark == "sus",
    }
}
