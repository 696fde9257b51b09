//! The two versions of the authority's endpoints: v1 asks by resource and takes work accounts only, v2 asks by scope and
//! takes personal ones, too (fulfillment.md 5.1, 5.2).

use super::account::Account;

/// Which pair of endpoints was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `/oauth2/authorize` and `/oauth2/token`.
    V1,
    /// `/oauth2/v2.0/authorize` and `/oauth2/v2.0/token`.
    V2,
}

impl Version {
    /// Whether an account signs in by it.
    #[must_use]
    pub fn takes(self, account: &Account) -> bool {
        self == Self::V2 || !account.is_personal()
    }
}
