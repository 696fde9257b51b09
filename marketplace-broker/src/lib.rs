//! marketplace-broker plays Microsoft's commercial marketplace. Publishers meet the SaaS Fulfillment API v2 and an
//! Entra-style token endpoint; the rehearsal's operator meets the control API. Started by `main.rs`, by `rehearse`
//! and by tests, through [`server`].

mod app;
mod client_assertion;
mod clients;
mod commands;
pub mod config;
mod domain;
mod http;
mod key_ring;
mod ordered_json;
pub mod program;
mod queries;
pub mod quirks;
pub mod server;
mod store;
pub mod telemetry;
mod workers;
