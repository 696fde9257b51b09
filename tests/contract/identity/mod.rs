//! The Entra-style face.

mod assertions;
mod authorize;
mod discovery;
mod rotation;
mod shapes;
mod sign_in;
mod token;
