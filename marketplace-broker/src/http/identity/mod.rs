//! The Entra-style face: tokens for publishers' and partners' programs, sign-in for the visitors of landing pages and for
//! partners' users.

mod answer;
pub mod authorize;
pub mod authorize_v1;
mod clients;
pub mod discovery;
pub mod exchange;
mod grants;
pub mod issue;
pub mod logout;
mod pages;
mod params;
pub mod person;
mod problem;
mod request;
mod session;
mod shape;
pub mod token;
