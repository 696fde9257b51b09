//! The Entra-style face.

mod discovery;
mod token;
