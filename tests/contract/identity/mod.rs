//! The Entra-style face.

mod token;
