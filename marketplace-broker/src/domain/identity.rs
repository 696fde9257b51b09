//! Who signs in, and by which proof: accounts, authorization codes, redirect URIs, client assertions. Pure; everything
//! here lives in real time (architecture.md, two clocks). Called by `commands`, `queries` and `http/identity`.

mod account;
mod assertion;
mod authority;
mod client_key;
mod code;
mod redirect;
mod refresh;
mod scope;
mod signing;
mod version;

pub use account::{Account, accounts, user_of_token};
pub use assertion::{ASSERTION_MAX, AssertionClaims, AssertionRefusal, check_assertion};
pub use authority::Authority;
pub use client_key::{CLIENT_KEY_MAX, CLIENT_KEYS_MAX, ClientKey, KeyForm, named};
pub use code::{CODE_LIFETIME, CodeGrant, CodeRefusal, IssuedCode, Redeeming, is_verifier};
pub use redirect::is_registered;
pub use refresh::{IssuedRefresh, REFRESH_LIFETIME, RefreshGrant, RefreshRefusal};
pub use scope::{Asker, GRAPH, PARTNER_CENTER_SCOPE, Resource, Scopes};
pub use signing::{KEY_OVERLAP, TOKEN_LIFETIME, keys_over};
pub use version::{Door, Version};
