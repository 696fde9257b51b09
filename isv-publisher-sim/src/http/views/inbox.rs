//! What came by webhook as the publisher sees it: one row an operation or a refusal, and how the next is answered.

use askama::Template;
use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use super::{choice::Choice, console::market_time};
use crate::{
    clients::Trouble,
    domain::{Behavior, Course, Patch, RefusedWebhook, TokenVersion, Webhook},
    queries::Arrival,
    words::{instant_to_second, number, say, say_with},
};

/// The webhooks of a sandbox.
#[derive(Template)]
#[template(path = "webhooks.html")]
pub(in crate::http) struct InboxPage {
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
    /// Names the row on the page; empty for a refusal.
    anchor: String,
    time: String,
    action: String,
    publisher: String,
    subscription: String,
    /// What is asked for; may be empty.
    asked: String,
    checked: String,
    answer: u16,
    /// How often it came; empty for once.
    times: String,
    mark: &'static str,
    done: String,
    /// What else there is to say, and whether something failed.
    notes: Vec<(String, bool)>,
}

impl InboxPage {
    /// The page of a sandbox. Without the marketplace's time it says why.
    pub(in crate::http) fn new(
        sandbox: &SandboxId,
        arrivals: &[Arrival],
        time: Result<Timestamp, &Trouble>,
        csrf: String,
    ) -> Self {
        let (time, warning) = market_time(time);
        let rows = arrivals.iter().map(|arrival| match arrival {
            Arrival::Taken(webhook) => taken(webhook),
            Arrival::Refused(refused) => self::refused(refused),
        });
        Self {
            sandbox: sandbox.to_string(),
            csrf,
            current: "webhooks",
            time,
            warning,
            rows: rows.collect(),
            choices: Vec::new(),
        }
    }

    /// The page with the choice of how this publisher answers, too; `behavior` is in force.
    pub(in crate::http) fn answering(
        mut self,
        publisher: &PublisherId,
        name: &str,
        behavior: Behavior,
    ) -> Self {
        let all = Behavior::ALL.map(|behavior| (behavior, behavior.name(), words(behavior)));
        let form = ("behavior", "webhook");
        self.choices.push(Choice::new(form, (publisher, name), &behavior, all));
        self
    }
}

fn words(behavior: Behavior) -> &'static str {
    match behavior {
        Behavior::Accept => "behavior-accept",
        Behavior::AcceptSilently => "behavior-accept-silently",
        Behavior::RefuseByPatch => "behavior-refuse-by-patch",
        Behavior::Refuse => "behavior-refuse",
        Behavior::Fail => "behavior-fail",
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| say("inbox-no-time"), instant_to_second)
}

fn times(deliveries: i64) -> String {
    match deliveries {
        ..=1 => String::new(),
        many => say_with("inbox-times", [("count", number(many))]),
    }
}

fn taken(webhook: &Webhook) -> Row {
    let (mark, done) = done(webhook);
    Row {
        anchor: format!("o-{}", webhook.key.operation),
        time: time(webhook.at),
        action: webhook.action.name().to_owned(),
        publisher: webhook.key.publisher.to_string(),
        subscription: webhook.subscription.to_string(),
        asked: asked(webhook),
        checked: checked(webhook),
        answer: webhook.course.answer().status(),
        times: times(webhook.deliveries),
        mark,
        done,
        notes: notes(webhook),
    }
}

fn refused(refused: &RefusedWebhook) -> Row {
    let told = refused.told.as_ref();
    // What could not be judged is not called false: it may come again and be taken.
    let put_off = refused.answer >= 500;
    Row {
        anchor: String::new(),
        time: time(refused.at),
        action: told.map_or_else(|| say("inbox-unreadable"), |told| told.action.name().to_owned()),
        publisher: refused.publisher.to_string(),
        subscription: told.map_or_else(String::new, |told| told.subscription.to_string()),
        asked: String::new(),
        checked: say(if put_off { "checked-put-off" } else { "checked-not" }),
        answer: refused.answer,
        times: times(refused.deliveries),
        mark: "sus",
        done: say(if put_off { "done-put-off" } else { "done-nothing" }),
        notes: vec![(refused.reason.clone(), true)],
    }
}

fn asked(webhook: &Webhook) -> String {
    match (&webhook.plan, webhook.quantity) {
        (Some(plan), Some(quantity)) => {
            let quantity = ("quantity", number(quantity));
            say_with("inbox-plan-and-licenses", [("plan", plan.clone().into()), quantity])
        }
        (Some(plan), None) => say_with("inbox-plan", [("plan", plan.clone().into())]),
        (None, _) => String::new(),
    }
}

fn checked(webhook: &Webhook) -> String {
    let mut parts = vec![say(match webhook.checks.token {
        TokenVersion::V1 => "checked-token-v1",
        TokenVersion::V2 => "checked-token-v2",
    })];
    if webhook.checks.signed {
        parts.push(say("checked-signature"));
    }
    if !matches!(webhook.course, Course::Unavailable | Course::Unread | Course::Unknown) {
        parts.push(say("checked-operation"));
    }
    parts.join(", ")
}

fn done(webhook: &Webhook) -> (&'static str, String) {
    let at = [("at", time(webhook.decided_at).into())];
    match webhook.course {
        Course::Unavailable => ("sus", say("done-unavailable")),
        Course::Unread => ("sus", say("done-unread")),
        Course::Unknown => ("", say("done-unknown")),
        Course::Refused => ("ends", say("done-refused")),
        Course::Patching => ("pend", say("done-patching")),
        Course::Following => ("pend", say("done-following")),
        Course::Applied => ("on", say_with("done-applied", at)),
        Course::NotApplied => ("ends", say_with("done-not-applied", at)),
        Course::Lost => ("sus", say("done-lost")),
    }
}

fn notes(webhook: &Webhook) -> Vec<(String, bool)> {
    let mut notes = Vec::new();
    if let Some(patch) = &webhook.patch {
        notes.push(answered(patch));
    }
    if let Some(note) = &webhook.note {
        let said = [("said", note.clone().into())];
        notes.push(match webhook.course {
            Course::Patching | Course::Following => (say_with("note-again", said), true),
            Course::NotApplied => (say_with("note-said", said), false),
            _ => (say_with("note-said", said), true),
        });
    }
    notes
}

/// The publisher's own answer, and what the marketplace gave to it.
fn answered(patch: &Patch) -> (String, bool) {
    let verdict = ("verdict", patch.verdict.name().into());
    let status = ("status", number(patch.answer.unwrap_or_default().into()));
    match (patch.answer, &patch.said) {
        (None, _) => (say_with("patch-sent", [verdict]), false),
        (Some(409), _) => (say_with("patch-late", [verdict, status]), false),
        (Some(_), None) => (say_with("patch-answered", [verdict, status]), false),
        (Some(_), Some(said)) => {
            let said = ("said", said.clone().into());
            (say_with("patch-refused", [verdict, status, said]), true)
        }
    }
}
