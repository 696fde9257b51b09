//! A webhook that was the marketplace's: what it told of, what was answered, what was done then. One operation is one
//! webhook, however often it is delivered. Called by the commands that take and follow it, and by the console.

use jiff::Timestamp;
use shared::ids::{OperationId, PublisherId, SandboxId, SubscriptionId};

use super::{AccountKey, Action, Operation, Reaction, TokenVersion, Told, Verdict};

/// Names a webhook: the key by which repetitions are told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who was told.
    pub publisher: PublisherId,
    /// The operation.
    pub operation: OperationId,
}

/// By what a webhook was found to be the marketplace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// The shape of its token.
    pub token: TokenVersion,
    /// Whether it carried a signature of Standard Webhooks, too.
    pub signed: bool,
}

/// What is sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 200: taken, and kept.
    Taken,
    /// 400: refused.
    Refused,
    /// 503: tell me again.
    Unavailable,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Taken => 200,
            Self::Refused => 400,
            Self::Unavailable => 503,
        }
    }
}

/// How far a webhook got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Answered 503, because the console says that the server is down.
    Unavailable,
    /// Answered 503, because the marketplace could not be asked.
    Unread,
    /// Of an action that this publisher does not know: taken, nothing done.
    Unknown,
    /// Answered 400, because the console says so.
    Refused,
    /// The publisher's own answer is on its way to the marketplace.
    Patching,
    /// The marketplace has not decided yet.
    Following,
    /// It was done, and the account shows it.
    Applied,
    /// It was not done: the account stays as it was.
    NotApplied,
    /// The marketplace does not know the operation any more.
    Lost,
}

impl Course {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Unavailable,
        Self::Unread,
        Self::Unknown,
        Self::Refused,
        Self::Patching,
        Self::Following,
        Self::Applied,
        Self::NotApplied,
        Self::Lost,
    ];

    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Unread => "unread",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Patching => "patching",
            Self::Following => "following",
            Self::Applied => "applied",
            Self::NotApplied => "notApplied",
            Self::Lost => "lost",
        }
    }

    /// What the marketplace was and will be answered. It does not change once something was done, so that a
    /// repetition whose first answer was lost hears the same again.
    #[must_use]
    pub const fn answer(self) -> Answer {
        match self {
            Self::Unavailable | Self::Unread => Answer::Unavailable,
            Self::Refused => Answer::Refused,
            Self::Unknown
            | Self::Patching
            | Self::Following
            | Self::Applied
            | Self::NotApplied
            | Self::Lost => Answer::Taken,
        }
    }
}

/// The publisher's own answer to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// What it says.
    pub verdict: Verdict,
    /// The status the marketplace answered with, once it has. 409: it was decided before.
    pub answer: Option<u16>,
    /// The marketplace's words, if it refused.
    pub said: Option<String>,
}

impl Patch {
    /// One that is on its way.
    #[must_use]
    pub const fn new(verdict: Verdict) -> Self {
        Self { verdict, answer: None, said: None }
    }
}

/// A webhook and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub key: WebhookKey,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// What it does.
    pub action: Action,
    /// The plan asked for, by its id, as the API shows it.
    pub plan: Option<String>,
    /// The licenses asked for, the same.
    pub quantity: Option<i64>,
    /// By what it was found sound, the last time.
    pub checks: Checks,
    /// How far it got.
    pub course: Course,
    /// The publisher's own answer, if one was due.
    pub patch: Option<Patch>,
    /// Why something did not work, in the marketplace's words.
    pub note: Option<String>,
    /// How often it came.
    pub deliveries: i64,
    /// When it came last, sandbox time, if it said so.
    pub at: Option<Timestamp>,
    /// When it was found decided, sandbox time.
    pub decided_at: Option<Timestamp>,
    /// When it came last, real time: for the order only.
    pub received_at: Timestamp,
    /// Rises by one with each change; 0 before the first is stored.
    pub version: i64,
}

impl Webhook {
    /// A webhook that comes for the first time. Nothing has been done.
    #[must_use]
    pub fn new(key: WebhookKey, told: &Told, checks: Checks, received_at: Timestamp) -> Self {
        Self {
            key,
            subscription: told.subscription,
            action: told.action.clone(),
            plan: None,
            quantity: None,
            checks,
            course: Course::Unread,
            patch: None,
            note: None,
            deliveries: 0,
            at: None,
            decided_at: None,
            received_at,
            version: 0,
        }
    }

    /// The account it is about.
    #[must_use]
    pub fn account(&self) -> AccountKey {
        AccountKey { sandbox: self.key.sandbox.clone(), subscription: self.subscription }
    }

    /// Whether the marketplace has had an answer that holds: from then on, a delivery is a repetition.
    #[must_use]
    pub const fn is_handled(&self) -> bool {
        !matches!(self.course.answer(), Answer::Unavailable)
    }

    /// It came (again).
    #[must_use]
    pub fn came(mut self, checks: Checks, at: Option<Timestamp>, received_at: Timestamp) -> Self {
        self.deliveries += 1;
        (self.checks, self.at, self.received_at) = (checks, at.or(self.at), received_at);
        self
    }

    /// Nothing was done, for this reason.
    #[must_use]
    pub fn untouched(mut self, course: Course, note: Option<String>) -> Self {
        (self.course, self.note) = (course, note);
        self
    }

    /// What is done with it, now that the API has shown the operation at `at`, sandbox time.
    #[must_use]
    pub fn taken(mut self, reaction: Reaction, operation: &Operation, at: Timestamp) -> Self {
        (self.plan, self.quantity) = (operation.plan.clone(), operation.quantity);
        self.note = None;
        self.at = self.at.or(Some(at));
        match reaction {
            Reaction::Apply => return self.decided(Course::Applied, None, at),
            Reaction::Note => {
                return self.decided(Course::NotApplied, operation.failure.clone(), at);
            }
            Reaction::Follow => self.course = Course::Following,
            Reaction::Patch(verdict) => {
                self.course = Course::Patching;
                self.patch = Some(Patch::new(verdict));
            }
            Reaction::Refuse => self.course = Course::Refused,
            Reaction::Unavailable => self.course = Course::Unavailable,
        }
        self
    }

    /// The marketplace answered the publisher's own answer. Whatever it says, what counts is how the operation stands
    /// afterwards.
    #[must_use]
    pub fn patched(mut self, answer: u16, said: Option<String>) -> Self {
        if let Some(patch) = &mut self.patch {
            (patch.answer, patch.said) = (Some(answer), said);
        }
        self.untouched(Course::Following, None)
    }

    /// A call about it will be made again, because of `note`, or because nothing is decided.
    #[must_use]
    pub fn waiting(self, note: Option<String>) -> Self {
        let course = self.course;
        self.untouched(course, note)
    }

    /// The marketplace has decided, or has forgotten the operation.
    #[must_use]
    pub fn decided(mut self, course: Course, note: Option<String>, at: Timestamp) -> Self {
        self.decided_at = Some(at);
        self.untouched(course, note)
    }
}

/// A request to the webhook's address that was not taken: not the marketplace's, or not what the marketplace says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedWebhook {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose address it was.
    pub publisher: PublisherId,
    /// What it said of itself, if that could be read. Nothing of it is verified.
    pub told: Option<Told>,
    /// The HTTP status it was answered with.
    pub answer: u16,
    /// Why.
    pub reason: String,
    /// How often the same came.
    pub deliveries: i64,
    /// Sandbox time as it said itself, if it did.
    pub at: Option<Timestamp>,
    /// When it came last, real time.
    pub received_at: Timestamp,
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
