//! Whole stories, told by the programs as they are started.

mod command_line;
mod generated_client;
mod own_offers;
mod published_libraries;
mod publisher_side;
mod purchase_to_billing;
mod quirks;
mod sign_in;
mod start;
mod tls;
mod usage;
