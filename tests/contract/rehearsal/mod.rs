//! The control API, a file a resource.

mod actions;
mod activation_links;
mod charges;
mod clock;
mod deliveries;
mod duties;
mod journal;
mod offers;
mod partners;
mod publisher;
mod publisher_steps;
mod purchases;
mod quirks;
mod sandboxes;
mod subscriptions;
mod token_keys;
mod usage;
