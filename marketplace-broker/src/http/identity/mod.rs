//! The Entra-style face: tokens for publishers' programs. So far the v1 token endpoint only.

pub mod discovery;
mod problem;
pub mod token;
