//! One test for each quirk and value where the answer differs. Names begin with the quirk's number.

mod identity;
mod lifecycle;
mod metering;
mod operations;
mod partner_subscriptions;
mod sdk2;
mod shapes;
mod webhooks;
