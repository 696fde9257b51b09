//! One test for each quirk and value where the answer differs. Names begin with the quirk's number.

mod history;
mod identity;
mod lifecycle;
mod metering;
mod operations;
mod partner_subscriptions;
mod paths;
mod sdk2;
mod shapes;
mod terms;
mod webhooks;
