//! How the authority looks under a policy: its one table of quirks of wire shape. Called by `token` and `grants`.

use shared::identity::Seconds;

use crate::domain::policy::{Policy, V2TokenNumbers};

/// Seconds in an answer of v2.
pub fn seconds(policy: &Policy, left: i64) -> Seconds {
    match policy.get() {
        V2TokenNumbers::Numbers => Seconds::Number(left),
        V2TokenNumbers::Strings => Seconds::Text(left.to_string()),
    }
}
