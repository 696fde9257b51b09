//! The Entra-style face.

mod assertions;
mod assertions_once;
mod authorize;
mod discovery;
mod middleware;
mod partner_assertions;
mod partner_sign_in;
mod rotation;
mod shapes;
mod sign_in;
mod sign_in_v1;
mod token;
