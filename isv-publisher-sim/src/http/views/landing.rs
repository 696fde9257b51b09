//! The landing page as it is shown to a visitor: setting up, managing, or ended.

use askama::Template;

use super::{gate::Gate, named, step::StepLine};
use crate::{
    domain::{Account, Entries, Field, FieldError, Problem, PublisherStep, Visitor},
    words::{instant, number, say, say_with, term},
};

/// The landing page.
#[derive(Template)]
#[template(path = "landing.html")]
pub(in crate::http) struct LandingPage {
    publisher: String,
    initial: String,
    opened_for: String,
    signed_in_as: String,
    /// Where another account is chosen.
    choose: String,
    heading: String,
    lead: String,
    /// A limit that stands over everything else; may be empty.
    warning: String,
    gate: Gate,
    /// The form, while it is wanted.
    form: Option<FormView>,
    /// The form as it arrived.
    submitted: Option<SubmittedView>,
    /// What was bought: label and value.
    purchase: Vec<(String, String)>,
    subscription: String,
    /// What happens next; none when nothing does.
    steps: Vec<StepView>,
    /// What this publisher wants done before some changes.
    wanted: Vec<StepLine>,
}

struct FormView {
    action: String,
    csrf: String,
    site_address: Input,
    suffix: String,
    admin_name: Input,
    admin_email: Input,
    /// For a plan with seats only.
    people: Option<Input>,
    people_label: String,
    /// The form has arrived once, and more people may be named.
    again: bool,
    invalid: bool,
    not_saved: String,
}

#[derive(Default)]
struct Input {
    value: String,
    /// Empty when nothing is wrong.
    error: String,
}

struct SubmittedView {
    at: String,
    rows: Vec<(String, String)>,
    people: Vec<String>,
}

struct StepView {
    done: bool,
    symbol: &'static str,
    title: String,
    detail: String,
}

impl LandingPage {
    /// The page of an account for whoever looks at it, with an empty form if one is wanted.
    pub(in crate::http) fn new(account: &Account, visitor: &Visitor, csrf: String) -> Self {
        let purchase = &account.purchase;
        let keys = account.keys();
        let (heading, lead) = if account.is_ended() {
            ("landing-ended", "landing-ended-lead")
        } else if keys.fulfillment_confirmed_at.is_some() {
            ("landing-manage", "landing-manage-lead")
        } else if account.submitted().is_some() {
            ("landing-setup", "landing-submitted-lead")
        } else {
            ("landing-setup", "landing-setup-lead")
        };
        let values = [("offer", &purchase.offer), ("customer", &purchase.beneficiary)];
        let wanted = account.may_submit().is_ok();
        Self {
            publisher: purchase.publisher_name.clone(),
            initial: purchase.publisher_name.chars().take(1).collect(),
            opened_for: say_with("opened-for", [("name", purchase.beneficiary.clone().into())]),
            signed_in_as: say_with("signed-in-as", [("who", named(visitor).into())]),
            choose: format!("/s/{}/{}/sign-in", account.key.sandbox, purchase.publisher),
            heading: say_with(heading, values.map(|(key, value)| (key, value.clone().into()))),
            lead: say(lead),
            warning: if account.suspended_at.is_some() {
                say("landing-suspended")
            } else {
                String::new()
            },
            gate: Gate::of(account),
            form: wanted.then(|| form(account, csrf)),
            submitted: submitted(account),
            purchase: bought(account),
            subscription: account.key.subscription.to_string(),
            steps: if account.is_ended() { Vec::new() } else { steps(account) },
            wanted: Vec::new(),
        }
    }

    /// Shows what is to be done before some changes.
    pub(in crate::http) fn publisher_steps(mut self, steps: &[PublisherStep]) -> Self {
        self.wanted = steps.iter().map(StepLine::new).collect();
        self
    }

    /// Fills the form.
    pub(in crate::http) fn entries(mut self, entries: Entries) -> Self {
        if let Some(form) = &mut self.form {
            form.site_address.value = entries.site_address;
            form.admin_name.value = entries.admin_name;
            form.admin_email.value = entries.admin_email;
            if let Some(people) = &mut form.people {
                people.value = entries.people;
            }
        }
        self
    }

    /// Says at each field what is wrong with it.
    pub(in crate::http) fn errors(mut self, errors: &[FieldError]) -> Self {
        if let Some(form) = &mut self.form {
            form.invalid = !errors.is_empty();
            for FieldError { field, problem } in errors {
                let input = match field {
                    Field::SiteAddress => Some(&mut form.site_address),
                    Field::AdminName => Some(&mut form.admin_name),
                    Field::AdminEmail => Some(&mut form.admin_email),
                    Field::People => form.people.as_mut(),
                };
                if let Some(input) = input {
                    input.error = worded(*field, problem);
                }
            }
        }
        self
    }

    /// Says why a form without fault was not stored.
    pub(in crate::http) fn not_saved(mut self, why: String) -> Self {
        if let Some(form) = &mut self.form {
            form.not_saved = why;
        }
        self
    }
}

/// What is wrong with a field, and what to enter.
fn worded(field: Field, problem: &Problem) -> String {
    let count = |count: usize| number(i64::try_from(count).unwrap_or(i64::MAX));
    match problem {
        Problem::Empty => say(match field {
            Field::SiteAddress => "error-site-empty",
            Field::AdminName => "error-name-empty",
            Field::AdminEmail => "error-email-empty",
            Field::People => "error-people-empty",
        }),
        Problem::TooLong { max } => say_with("error-too-long", [("max", count(*max))]),
        Problem::Invisible => say("error-invisible"),
        Problem::NotALabel => say("error-site-label"),
        Problem::NotAnEmail => say("error-email"),
        Problem::NoDotAfterAt => say("error-email-dot"),
        Problem::TooMany { named, licenses } => say_with(
            "error-people-too-many",
            [("named", count(*named)), ("licenses", number(*licenses))],
        ),
        Problem::LineNotAnEmail { line } => say_with("error-people-line", [("line", count(*line))]),
        Problem::Twice { line } => say_with("error-people-twice", [("line", count(*line))]),
    }
}

fn form(account: &Account, csrf: String) -> FormView {
    let (key, purchase) = (&account.key, &account.purchase);
    let people_label = purchase.quantity.map_or_else(String::new, |licenses| {
        say_with("form-people", [("licenses", number(licenses))])
    });
    FormView {
        action: format!("/s/{}/{}/landing", key.sandbox, purchase.publisher),
        csrf,
        site_address: Input::default(),
        suffix: say_with("form-site-hint", [("domain", domain(account).into())]),
        admin_name: Input::default(),
        admin_email: Input::default(),
        people: purchase.quantity.map(|_| Input::default()),
        people_label,
        again: account.submitted().is_some(),
        invalid: false,
        not_saved: String::new(),
    }
}

/// Where this publisher's sites live.
fn domain(account: &Account) -> String {
    let id = account.purchase.publisher.as_str().to_lowercase();
    format!("{}.example", id.replace(['_', '.'], "-"))
}

fn submitted(account: &Account) -> Option<SubmittedView> {
    let submitted = account.submitted()?;
    let information = &submitted.information;
    let site = format!("{}.{}", information.site_address, domain(account));
    let rows = [
        ("form-site", &site),
        ("form-admin-name", &information.admin_name),
        ("form-admin-email", &information.admin_email),
    ];
    Some(SubmittedView {
        at: say_with("submitted-at", [("at", instant(submitted.at).into())]),
        rows: rows.map(|(label, value)| (say(label), value.clone())).into(),
        people: information.people.clone(),
    })
}

fn bought(account: &Account) -> Vec<(String, String)> {
    let purchase = &account.purchase;
    let mut rows = vec![
        ("bought-name", purchase.name.clone()),
        ("bought-offer", purchase.offer.clone()),
        ("bought-plan", purchase.plan.clone()),
    ];
    if let Some(licenses) = purchase.quantity {
        rows.push(("bought-licenses", licenses.to_string()));
    }
    let party = |name: &str, email: &str| match email {
        "" => name.to_owned(),
        email if email == name => name.to_owned(),
        email => say_with(
            "party",
            [("name", name.to_owned().into()), ("email", email.to_owned().into())],
        ),
    };
    rows.push(("bought-term", term(&purchase.term_unit)));
    rows.push(("bought-used-by", party(&purchase.beneficiary, &purchase.beneficiary_email)));
    rows.push(("bought-by", party(&purchase.purchaser, &purchase.purchaser_email)));
    rows.into_iter().map(|(label, value)| (say(label), value)).collect()
}

fn steps(account: &Account) -> Vec<StepView> {
    let keys = account.keys();
    let own = |done, title, detail| StepView {
        done,
        symbol: if done { "tick" } else { "todo" },
        title,
        detail,
    };
    let key = |done, title, detail| StepView {
        done,
        symbol: if done { "s1" } else { "s0" },
        title,
        detail,
    };
    let required = [("required", number(account.purchase.required()))];
    let arrived = account.submitted().is_some();
    vec![
        own(arrived, say("step-submit"), String::new()),
        key(
            keys.licenses_assigned_at.is_some(),
            say_with("step-assign", required),
            say("step-assign-detail"),
        ),
        key(
            keys.fulfillment_confirmed_at.is_some(),
            say("step-confirm"),
            say("step-confirm-detail"),
        ),
        own(false, say("step-pass-on"), say("step-pass-on-detail")),
    ]
}
