//! The simulated publisher (ISV): a landing page that resolves the buyer's link, licenses of its own, a console with
//! the two steps that turn the two keys, and an outbox that tells the marketplace. Used by its own binary, by
//! `rehearse`, which runs it beside the broker, and by tests.

pub mod app;
pub mod cli;
pub mod clients;
pub mod commands;
pub mod config;
pub mod domain;
mod http;
pub mod queries;
pub mod server;
pub mod store;
mod words;
pub mod workers;
