//! The metering face towards publishers (fulfillment.md, section 4). A file a resource; `reading` takes events as they
//! are sent, `problem` turns refusals into E6, E7 and E8.

pub mod batch;
pub mod problem;
mod reading;
pub mod shape;
pub mod usage_event;
pub mod usage_events;
