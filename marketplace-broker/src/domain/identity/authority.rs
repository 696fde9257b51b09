//! The authority in a path: one tenant, or those that stand for many (clients.md 3; `organizations`, `consumers`).

use shared::ids::TenantId;
use uuid::Uuid;

/// The tenant of all personal accounts (fulfillment.md 1.14).
pub const CONSUMERS: TenantId = TenantId(Uuid::from_u128(0x9188040d_6c67_4c5b_b112_36a304b66dad));

/// Whose accounts an authority takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Everybody's.
    Common,
    /// Work accounts.
    Organizations,
    /// Personal accounts.
    Consumers,
    /// One tenant's.
    Tenant(TenantId),
}

impl Authority {
    /// Reads the first segment of a path.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "common" => Some(Self::Common),
            "organizations" => Some(Self::Organizations),
            "consumers" => Some(Self::Consumers),
            id => {
                let id: TenantId = id.parse().ok()?;
                Some(if id == CONSUMERS { Self::Consumers } else { Self::Tenant(id) })
            }
        }
    }

    /// Whether an account of this tenant may sign in by it.
    #[must_use]
    pub fn admits(self, tenant: TenantId) -> bool {
        match self {
            Self::Common => true,
            Self::Organizations => tenant != CONSUMERS,
            Self::Consumers => tenant == CONSUMERS,
            Self::Tenant(id) => tenant == id,
        }
    }

    /// How issuers name it: a tenant, or the place where each token has its own.
    #[must_use]
    pub fn in_issuer(self) -> String {
        match self {
            Self::Common | Self::Organizations => "{tenantid}".to_owned(),
            Self::Consumers => CONSUMERS.to_string(),
            Self::Tenant(id) => id.to_string(),
        }
    }

    /// Its segment in a path.
    #[must_use]
    pub fn in_path(self) -> String {
        match self {
            Self::Common => "common".to_owned(),
            Self::Organizations => "organizations".to_owned(),
            Self::Consumers => "consumers".to_owned(),
            Self::Tenant(id) => id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_authority_takes_its_own() {
        let tenant = TenantId(Uuid::from_u128(7));
        let read = |text: &str| Authority::read(text).unwrap();
        for (text, work, personal) in [
            ("common", true, true),
            ("Organizations", true, false),
            ("consumers", false, true),
            ("9188040D-6C67-4C5B-B112-36A304B66DAD", false, true),
            (&tenant.to_string(), true, false),
            ("00000000-0000-0000-0000-000000000008", false, false),
        ] {
            assert_eq!(read(text).admits(tenant), work, "{text}");
            assert_eq!(read(text).admits(CONSUMERS), personal, "{text}");
        }
        for text in ["", "contoso.example", "..", "commons"] {
            assert_eq!(Authority::read(text), None, "{text}");
        }
    }
}
