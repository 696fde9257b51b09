//! Where the catalogue is looked at: a country that the query names, or a customer's (partner-center.md 3.3). Called by
//! products, SKUs and availabilities.

use shared::ids::CustomerId;

use super::params::Params;
use crate::domain::{
    catalog::{Offer, SEGMENTS},
    country::is_country,
    listing::{ProductId, SkuId},
    partner_refusal::PartnerRefusal,
    party::Customer,
    refusal::Refusal,
};

/// A market, and how links lead on in it.
pub struct Market {
    /// Two letters.
    pub country: String,
    /// One segment only.
    pub segment: Option<&'static str>,
    /// Whose eyes it is looked at with.
    pub customer: Option<CustomerId>,
}

impl Market {
    /// The country that a query names; it must.
    pub fn named(params: &Params) -> Result<Self, Refusal> {
        let sent = params.get("country").unwrap_or_default();
        let country = sent.to_ascii_uppercase();
        if !is_country(&country) {
            let shown = sent.chars().take(60).collect();
            return Err(PartnerRefusal::NoMarket(shown).into());
        }
        Ok(Self { country, segment: segment(params)?, customer: None })
    }

    /// A customer's.
    pub fn of(customer: &Customer, params: &Params) -> Result<Self, Refusal> {
        let country = customer.country.clone();
        Ok(Self { country, segment: segment(params)?, customer: Some(customer.id) })
    }

    /// A link in this market.
    fn link(&self, path: &str) -> String {
        match self.customer {
            Some(customer) => format!("/customers/{customer}{path}"),
            None => format!("{path}?country={}", self.country),
        }
    }

    /// Where a product is found.
    pub fn product(&self, product: ProductId) -> String {
        self.link(&format!("/products/{product}"))
    }

    /// Where its SKUs are found.
    pub fn skus(&self, product: ProductId) -> String {
        self.link(&format!("/products/{product}/skus"))
    }

    /// Where a SKU is found.
    pub fn sku(&self, product: ProductId, sku: SkuId) -> String {
        self.link(&format!("/products/{product}/skus/{sku}"))
    }

    /// Where its availabilities are found; with an id, one of them.
    pub fn availabilities(&self, product: ProductId, sku: SkuId, id: &str) -> String {
        let separator = if id.is_empty() { "" } else { "/" };
        self.link(&format!("/products/{product}/skus/{sku}/availabilities{separator}{id}"))
    }

    /// The segment that an availability is told for: the one asked for, else the offer's first.
    pub fn segment_of(&self, offer: &Offer) -> String {
        let first = || offer.selling.segments.first().map_or(SEGMENTS[0], String::as_str);
        self.segment.unwrap_or_else(first).to_owned()
    }
}

fn segment(params: &Params) -> Result<Option<&'static str>, Refusal> {
    let Some(sent) = params.get("targetSegment") else { return Ok(None) };
    let found = SEGMENTS.into_iter().find(|known| known.eq_ignore_ascii_case(sent));
    let unknown = || PartnerRefusal::NoSegment(sent.chars().take(60).collect());
    Ok(Some(found.ok_or_else(unknown)?))
}

/// Refuses a view of the catalogue that there is not: `Azure` has all of it, `MarketplaceSaaS` the SaaS of publishers
/// (P9), which is all there is here.
pub fn check_view(params: &Params) -> Result<(), Refusal> {
    let sent = params.get("targetView").unwrap_or_default();
    let known = ["MarketplaceSaaS", "Azure"].iter().any(|view| view.eq_ignore_ascii_case(sent));
    let shown = || sent.chars().take(60).collect();
    if known { Ok(()) } else { Err(PartnerRefusal::NoView(shown()).into()) }
}
