//! What each face of the broker promises, statement by statement; the names of files are the names of routes, and the
//! names of tests begin with the statement.

mod fulfillment;
mod identity;
mod metering;
pub mod partner_center;
mod quirks;
mod rehearsal;
mod webhooks;
mod wire;
