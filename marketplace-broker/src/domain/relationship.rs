//! What partners are to each other and to a customer (partner-center.md 3.9). Called by the partner face's relationships.

use super::party::{Customer, Partner, PartnerKind};

/// What one partner is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relationship {
    /// Provider: the other is its reseller.
    ProviderOf,
    /// Reseller: the other is its provider.
    ResellerOf,
}

impl Relationship {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ProviderOf => "is_indirect_cloud_solution_provider_of",
            Self::ResellerOf => "is_indirect_reseller_of",
        }
    }

    /// Whether `one` is that to `other`.
    #[must_use]
    pub fn holds(self, one: &Partner, other: &Partner) -> bool {
        match self {
            Self::ProviderOf => other.provider_id.as_ref() == Some(&one.id),
            Self::ResellerOf => one.provider_id.as_ref() == Some(&other.id),
        }
    }
}

/// Whether an indirect reseller serves a customer: as its own, or as the one its provider made it for.
#[must_use]
pub fn resells_to(partner: &Partner, customer: &Customer) -> bool {
    let made_for_it = customer.reseller_mpn.as_ref() == Some(&partner.mpn_id);
    partner.kind == PartnerKind::IndirectReseller
        && (partner.id == customer.partner_id || made_for_it)
}
