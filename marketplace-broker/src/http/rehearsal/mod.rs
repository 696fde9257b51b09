//! The control API: the operator's face of a rehearsal (interface.md). A file a resource; `problem` turns refusals
//! into RFC 9457, `view` the stored world into its JSON, `words` what waits into plain words.

pub mod actions;
pub mod activation_links;
pub mod charges;
pub mod client_keys;
pub mod clock;
pub mod deliveries;
pub mod duties;
pub mod journal;
pub mod offers;
pub mod partner;
pub mod partner_client_keys;
pub mod problem;
pub mod publisher;
pub mod publisher_steps;
pub mod purchases;
pub mod quirks;
pub mod sandboxes;
pub mod signing_keys;
pub mod subscriptions;
pub mod token_keys;
pub mod usage;
mod view;
