//! The Entra-style face: tokens for publishers' programs. So far the v1 token endpoint only.

mod problem;
pub mod token;
