//! The Entra-style face.

mod authorize;
mod discovery;
mod sign_in;
mod token;
