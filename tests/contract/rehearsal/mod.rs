//! The control API, a file a resource.

mod actions;
mod activation_links;
mod charges;
mod clock;
mod deliveries;
mod journal;
mod publisher;
mod purchases;
mod quirks;
mod sandboxes;
mod subscriptions;
mod token_keys;
mod usage;
