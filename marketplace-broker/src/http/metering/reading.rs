//! Usage events as they are sent, and as they are given back. Each member is read by itself, so that one answer names
//! everything that is wrong, and what could be read is given back. Called by `usage_event` and `batch`.

use serde::Deserialize;
use serde_json::Value;
use shared::{ids::SubscriptionId, metering::Quantity};

use crate::domain::metering::{ReportedUsage, SentTime, UsageRefusal, Wrong};

/// Characters of a resourceUri at most.
const URI_MAX: usize = 2_000;

/// An event with its members as they came; null is as left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SentEvent {
    #[serde(default)]
    resource_id: Option<Value>,
    #[serde(default)]
    resource_uri: Option<Value>,
    #[serde(default)]
    quantity: Option<Value>,
    #[serde(default)]
    dimension: Option<Value>,
    #[serde(default)]
    effective_start_time: Option<Value>,
    #[serde(default)]
    plan_id: Option<Value>,
}

/// What is given back of an event: the members that could be read.
#[derive(Debug, Default, Clone)]
pub struct Echo {
    /// The resource.
    pub resource_id: Option<SubscriptionId>,
    /// As it was sent.
    pub resource_uri: Option<String>,
    /// As it was sent.
    pub quantity: Option<Quantity>,
    /// As it was sent.
    pub dimension: Option<String>,
    /// When.
    pub start: Option<SentTime>,
    /// As it was sent.
    pub plan_id: Option<String>,
}

/// An event that was read.
pub struct ReadEvent {
    /// What is given back.
    pub echo: Echo,
    /// The event, or why it cannot be one.
    pub event: Result<ReportedUsage, UsageRefusal>,
}

/// Reads an event of a batch: what is no event at all is malformed like one with a bad member.
pub fn item(value: Value) -> ReadEvent {
    let wrong = |reason: String| ReadEvent {
        echo: Echo::default(),
        event: Err(malformed("request", reason)),
    };
    if !value.is_object() {
        return wrong("each usage event is a JSON object".to_owned());
    }
    match serde_json::from_value::<SentEvent>(value) {
        Ok(sent) => read(sent),
        Err(error) => wrong(error.to_string().chars().take(300).collect()),
    }
}

fn malformed(member: &str, reason: String) -> UsageRefusal {
    UsageRefusal::Malformed(vec![Wrong { member: member.to_owned(), reason }])
}

/// Reads the members.
pub fn read(sent: SentEvent) -> ReadEvent {
    let mut members = Members { wrong: Vec::new(), uncountable: false };
    let no_resource = sent.resource_id.is_none() && sent.resource_uri.is_none();
    let echo = Echo {
        resource_id: sent.resource_id.and_then(|value| members.resource_id(&value)),
        resource_uri: sent.resource_uri.and_then(|value| members.resource_uri(value)),
        quantity: members.required("quantity", sent.quantity).and_then(|v| members.quantity(&v)),
        dimension: members
            .required("dimension", sent.dimension)
            .and_then(|value| members.text("dimension", value)),
        start: members
            .required("effectiveStartTime", sent.effective_start_time)
            .and_then(|value| members.start(value)),
        plan_id: members
            .required("planId", sent.plan_id)
            .and_then(|value| members.text("planId", value)),
    };
    if no_resource {
        members.wrong.insert(0, required("resourceId"));
    }
    let event = members.event(&echo);
    ReadEvent { echo, event }
}

fn required(name: &str) -> Wrong {
    Wrong { member: name.to_owned(), reason: format!("The {name} is required.") }
}

/// What is wrong so far.
struct Members {
    wrong: Vec<Wrong>,
    uncountable: bool,
}

impl Members {
    fn event(self, echo: &Echo) -> Result<ReportedUsage, UsageRefusal> {
        let Self { wrong, uncountable } = self;
        let members = echo.dimension.clone().zip(echo.start.clone()).zip(echo.plan_id.clone());
        match (wrong.is_empty(), uncountable, members, echo.quantity) {
            (true, false, Some(((dimension, start), plan_id)), Some(Quantity(quantity))) => {
                Ok(ReportedUsage {
                    resource: echo.resource_id,
                    resource_uri: echo.resource_uri.clone(),
                    quantity,
                    dimension,
                    start,
                    plan_id,
                })
            }
            (true, ..) => Err(UsageRefusal::InvalidQuantity(
                "the quantity has more digits than can be counted: 28 in all at most".to_owned(),
            )),
            (false, ..) => Err(UsageRefusal::Malformed(wrong)),
        }
    }

    fn note(&mut self, member: &str, reason: impl Into<String>) {
        self.wrong.push(Wrong { member: member.to_owned(), reason: reason.into() });
    }

    fn required(&mut self, name: &'static str, value: Option<Value>) -> Option<Value> {
        if value.is_none() {
            self.wrong.push(required(name));
        }
        value
    }

    fn text(&mut self, name: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            _ => {
                self.note(name, format!("The {name} is text in quotes."));
                None
            }
        }
    }

    fn resource_id(&mut self, value: &Value) -> Option<SubscriptionId> {
        let id = value.as_str().and_then(|text| text.parse().ok());
        if id.is_none() {
            self.note("resourceId", "The resourceId is the GUID of a SaaS subscription.");
        }
        id
    }

    fn resource_uri(&mut self, value: Value) -> Option<String> {
        let uri = self.text("resourceUri", value)?;
        if uri.len() <= URI_MAX && !uri.chars().any(char::is_control) {
            return Some(uri);
        }
        let reason =
            format!("The resourceUri has {URI_MAX} characters at most and no control characters.");
        self.note("resourceUri", reason);
        None
    }

    fn quantity(&mut self, value: &Value) -> Option<Quantity> {
        let Value::Number(number) = value else {
            self.note("quantity", "The quantity is a JSON number, not in quotes.");
            return None;
        };
        let quantity = Quantity::of(number);
        self.uncountable = quantity.is_none();
        quantity
    }

    fn start(&mut self, value: Value) -> Option<SentTime> {
        let text = self.text("effectiveStartTime", value)?;
        match SentTime::read(text) {
            Ok(start) => Some(start),
            Err(error) => {
                self.note("effectiveStartTime", error.to_string());
                None
            }
        }
    }
}
