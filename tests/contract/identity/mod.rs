//! The Entra-style face.

mod assertions;
mod authorize;
mod discovery;
mod sign_in;
mod token;
