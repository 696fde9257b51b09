//! Which indirect reseller a provider may name on what it sells (partner-center.md 3.8, P49, Q19). Called by
//! [`super::amendment`] and the creation of customers.

use super::{
    partner_refusal::PartnerRefusal,
    party::{Partner, PartnerKind},
};

/// Whether `partner` may name the partner with this Microsoft Partner Network id as its reseller; `found`: who has it.
pub fn check_reseller(
    partner: &Partner,
    found: Option<&Partner>,
    mpn: &str,
) -> Result<(), PartnerRefusal> {
    let mpn: String = mpn.chars().take(60).collect();
    if partner.kind != PartnerKind::IndirectProvider {
        return Err(PartnerRefusal::NoResellerHere);
    }
    let Some(found) = found else { return Err(PartnerRefusal::NoReseller(mpn)) };
    if found.id == partner.id {
        return Err(PartnerRefusal::OwnId(mpn));
    }
    let is_ours = found.kind == PartnerKind::IndirectReseller
        && found.provider_id.as_ref() == Some(&partner.id);
    if !is_ours {
        return Err(PartnerRefusal::NotAReseller(mpn));
    }
    match found.agreement_signed_at {
        Some(_) => Ok(()),
        None => Err(PartnerRefusal::ResellerUnsigned(mpn)),
    }
}
