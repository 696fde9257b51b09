//! The metering face: names of files are names of routes.

mod batch_usage_event;
mod race;
mod statuses;
mod usage_event;
mod usage_events;

use serde_json::{Value, json};

/// A usage event of the plan that [`crate::support::World::buy_metered`] buys.
pub fn event(id: &str, quantity: impl Into<Value>, start: &str) -> Value {
    json!({"resourceId": id, "quantity": quantity.into(), "dimension": "gigabytes",
        "effectiveStartTime": start, "planId": "metered"})
}

/// The same with one member replaced; null takes it out.
pub fn with(mut event: Value, member: &str, value: Value) -> Value {
    let members = event.as_object_mut().expect("an object");
    match value {
        Value::Null => members.remove(member),
        value => members.insert(member.to_owned(), value),
    };
    event
}
