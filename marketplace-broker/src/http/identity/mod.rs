//! The Entra-style face: tokens for publishers' programs, sign-in for the visitors of their landing pages.

mod answer;
pub mod authorize;
mod clients;
pub mod discovery;
pub mod issue;
pub mod logout;
mod pages;
mod params;
pub mod person;
mod problem;
mod request;
mod session;
pub mod token;
