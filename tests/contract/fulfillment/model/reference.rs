//! The reference model: a subscription and its operations by fulfillment.md 2, and nothing else. Every term is a month,
//! renews, and is billed from its activation; every webhook is answered with 2xx at once. Called by `model.rs`.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

/// What a publisher has to refuse a change, from its first 2xx on.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// How long its own operations are not started.
const PICK_UP: SignedDuration = SignedDuration::from_secs(2);
/// Pending, and suspended, at most.
const LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Status {
    Pending,
    Subscribed,
    Suspended { since: Timestamp },
    Unsubscribed,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PendingFulfillmentStart",
            Self::Subscribed => "Subscribed",
            Self::Suspended { .. } => "Suspended",
            Self::Unsubscribed => "Unsubscribed",
        }
    }
}

/// An operation that is open.
#[derive(Debug, Clone)]
pub struct Open {
    pub id: String,
    pub action: &'static str,
    pub source: &'static str,
    pub plan: String,
    pub quantity: Option<i64>,
    started: bool,
    /// When it is picked up, or else when its window closes: the webhook is answered at once.
    due: Timestamp,
}

#[derive(Debug)]
pub struct Model {
    pub id: String,
    /// Sold to the customer itself.
    pub own: bool,
    pub status: Status,
    pub plan: String,
    pub quantity: Option<i64>,
    bought: Timestamp,
    pub term_start: Option<Date>,
    pub payment_fails: bool,
    pub open: Option<Open>,
    /// The operations that ended, and how.
    pub ended: Vec<(String, &'static str)>,
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).expect("a day").timestamp()
}

/// The licenses of a per-seat plan at most.
fn most(plan: &str) -> i64 {
    if plan == "gold" { 1000 } else { 500 }
}

impl Model {
    pub fn bought(id: String, own: bool, plan: &str, quantity: Option<i64>, at: Timestamp) -> Self {
        Self {
            id,
            own,
            status: Status::Pending,
            plan: plan.to_owned(),
            quantity,
            bought: at,
            term_start: None,
            payment_fails: false,
            open: None,
            ended: Vec::new(),
        }
    }

    /// The first day of the term after this one, of a month.
    pub fn next_term(&self) -> Date {
        self.term_start.expect("a term").saturating_add(1.month())
    }

    /// The next thing that time brings.
    fn due(&self) -> Option<Timestamp> {
        let limit = match self.status {
            Status::Pending => Some(self.bought + LIMIT),
            Status::Subscribed => Some(midnight(self.next_term())),
            Status::Suspended { since } => Some(since + LIMIT),
            Status::Unsubscribed => None,
        };
        self.open.as_ref().map(|open| open.due).into_iter().chain(limit).min()
    }

    pub fn pass_until(&mut self, now: Timestamp) {
        while let Some(due) = self.due().filter(|due| *due <= now) {
            self.reach(due);
        }
    }

    fn reach(&mut self, at: Timestamp) {
        match (&mut self.open, self.status) {
            (Some(open), _) if open.due == at && !open.started => {
                open.started = true;
                open.due = at + WINDOW;
                if open.action == "Unsubscribe" {
                    self.end("Succeeded");
                }
            }
            (Some(open), _) if open.due == at => self.end("Succeeded"),
            (_, Status::Subscribed) if self.payment_fails => {
                self.payment_fails = false;
                self.overtake(Status::Suspended { since: at });
            }
            (_, Status::Subscribed) => self.term_start = Some(self.next_term()),
            (_, Status::Pending | Status::Suspended { .. }) => self.overtake(Status::Unsubscribed),
            (_, Status::Unsubscribed) => unreachable!("nothing is due"),
        }
    }

    /// The open operation ends; if it succeeds, what it asked for is so.
    pub fn end(&mut self, how: &'static str) {
        let open = self.open.take().expect("an open operation");
        if how == "Succeeded" {
            match open.action {
                "Unsubscribe" => self.status = Status::Unsubscribed,
                // The reason of the suspension is gone: the customer pays again.
                "Reinstate" => (self.status, self.payment_fails) = (Status::Subscribed, false),
                _ => (self.plan, self.quantity) = (open.plan, open.quantity),
            }
        }
        self.ended.push((open.id, how));
    }

    /// A cancellation or a suspension: what is open has failed.
    pub fn overtake(&mut self, status: Status) {
        if self.open.is_some() {
            self.end("Failed");
        }
        self.status = status;
    }

    /// The plan that is meant: another one of the offer, the same, or one that is not there.
    pub fn plan_called(&self, word: &'static str) -> &'static str {
        let plans = match (word, self.quantity) {
            ("bronze", _) => return word,
            (_, Some(_)) => ["silver", "gold"],
            (_, None) => ["standard", "metered"],
        };
        let [first, second] = plans;
        if (self.plan == first) == (word == "the same") { first } else { second }
    }

    /// Whether it may change to this plan: another one of the offer, that takes the licenses there are.
    pub fn sells(&self, plan: &str) -> bool {
        let fits = self.quantity.is_none_or(|quantity| quantity <= most(plan));
        plan != self.plan && plan != "bronze" && fits
    }

    /// Whether it may have so many licenses.
    pub fn takes(&self, quantity: i64) -> bool {
        let within = (1..=most(&self.plan)).contains(&quantity);
        self.quantity.is_some_and(|now| now != quantity) && within
    }

    pub fn ask(&mut self, id: String, action: &'static str, source: &'static str, at: Timestamp) {
        let (plan, quantity) = (self.plan.clone(), self.quantity);
        let started = source == "Azure";
        let due = at + if started { WINDOW } else { PICK_UP };
        self.open = Some(Open { id, action, source, plan, quantity, started, due });
    }

    /// What the open operation asks for.
    pub fn aim(&mut self, plan: Option<&str>, quantity: Option<i64>) {
        let open = self.open.as_mut().expect("an open operation");
        if let Some(plan) = plan {
            plan.clone_into(&mut open.plan);
        }
        open.quantity = quantity.or(open.quantity);
    }

    /// The subscription and its open operations, as the publisher is to see them.
    pub fn shown(&self) -> Value {
        let open = self.open.iter().map(|open| {
            let status = if open.started { "InProgress" } else { "NotStarted" };
            json!([open.id, open.action, open.source, status, open.plan, open.quantity])
        });
        let start = self.term_start.map(|day| format!("{day}T00:00:00Z"));
        let end = self.term_start.map(|_| self.next_term().yesterday().expect("a day"));
        let end = end.map(|day| format!("{day}T00:00:00Z"));
        json!([self.status.name(), self.plan, self.quantity, start, end, open.collect::<Vec<_>>()])
    }
}
