//! The two versions of the authority's endpoints: v1 asks by resource and takes work accounts only, v2 asks by scope and
//! takes personal ones, too (fulfillment.md 5.1, 5.2).

use shared::ids::TenantId;

use super::{
    account::Account,
    authority::{Authority, CONSUMERS},
};

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

/// Where a code or a refresh token is brought to: whose token endpoint, in which version.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// Whose.
    pub authority: Authority,
    /// In which version.
    pub version: Version,
}

impl Door {
    /// Whether who signed in from this tenant comes in by it.
    #[must_use]
    pub fn admits(self, tenant: TenantId) -> bool {
        let is_taken = self.version == Version::V2 || tenant != CONSUMERS;
        is_taken && self.authority.admits(tenant)
    }
}
