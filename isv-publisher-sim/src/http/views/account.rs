//! The console's page of one account.

use askama::Template;
use shared::fulfillment::BlockedChange;

use super::{
    console::{Notice, information, notices, parties, state, title},
    step::{StepLine, change},
};
use crate::{
    domain::{Account, PublisherStep, STEPS_MAX, Setup, StepEntries, StepProblem},
    words::say,
};

/// The page.
#[derive(Template)]
#[template(path = "account.html")]
pub(in crate::http) struct AccountPage {
    sandbox: String,
    csrf: String,
    current: &'static str,
    path: String,
    title: String,
    parties: String,
    subscription: String,
    state_class: &'static str,
    state: String,
    information: String,
    sign_in_url: String,
    notices: Vec<Notice>,
    rows: Vec<Row>,
    /// Steps may be marked and removed.
    open: bool,
    /// A step may be declared.
    wanted: bool,
    entered: StepEntries,
    title_error: String,
    url_error: String,
    blocks_error: String,
    choices: Vec<Choice>,
}

struct Row {
    id: String,
    step: StepLine,
}

/// A change that may wait for a step.
struct Choice {
    value: &'static str,
    words: String,
    chosen: bool,
}

impl AccountPage {
    /// The page of an account, with an empty form.
    pub(in crate::http) fn new(
        account: &Account,
        steps: &[PublisherStep],
        setup: Option<&Setup>,
        csrf: String,
    ) -> Self {
        let key = &account.key;
        let (state_class, state) = state(account);
        let open = account.may_have_steps().is_ok();
        let row = |step: &PublisherStep| Row { id: step.id.to_string(), step: StepLine::new(step) };
        Self {
            sandbox: key.sandbox.to_string(),
            csrf,
            current: "account",
            path: format!("/s/{}/accounts/{}", key.sandbox, key.subscription),
            title: title(account),
            parties: parties(account),
            subscription: key.subscription.to_string(),
            state_class,
            state,
            information: information(account),
            sign_in_url: setup
                .map_or_else(|| say("account-none"), |setup| setup.sign_in_url.clone()),
            notices: notices(account),
            rows: steps.iter().map(row).collect(),
            open,
            wanted: open && steps.len() < STEPS_MAX,
            entered: StepEntries::default(),
            title_error: String::new(),
            url_error: String::new(),
            blocks_error: String::new(),
            choices: BlockedChange::ALL
                .into_iter()
                .map(|blocked| Choice {
                    value: blocked.name(),
                    words: change(blocked),
                    chosen: false,
                })
                .collect(),
        }
    }

    /// Fills the form.
    pub(in crate::http) fn entries(mut self, entries: StepEntries) -> Self {
        for choice in &mut self.choices {
            choice.chosen = entries.blocks.iter().any(|sent| sent == choice.value);
        }
        self.entered = entries;
        self
    }

    /// Says at each field what is wrong with it.
    pub(in crate::http) fn problems(mut self, problems: &[StepProblem]) -> Self {
        for problem in problems {
            match problem {
                StepProblem::TitleEmpty => self.title_error = say("error-step-title-empty"),
                StepProblem::TitleUnfit => self.title_error = say("error-step-title"),
                StepProblem::UrlUnfit => self.url_error = say("error-step-url"),
                StepProblem::NothingBlocked => self.blocks_error = say("error-step-blocks"),
            }
        }
        self
    }
}
