//! How partners name what is for sale: products, SKUs, availabilities, and catalog items made of the three
//! (partner-center.md 3.3). An offer is a product, a plan a SKU, a plan in a market an availability. Called by the partner
//! face, carts and orders.
//!
//! A product's id is its place in the catalogue, so that one is found without a search and pages cost the same everywhere.
//! An availability's id carries the offer's revision: one that was read before the offer changed is stale, as the real
//! ones are short-lived.

use std::{fmt, str::FromStr};

use super::{
    catalog::{Offer, Plan},
    partner_refusal::PartnerRefusal,
    refusal::Refusal,
};

/// What ids of products begin with; with seven digits, twelve characters.
const PRODUCT: &str = "DZH9S";
/// What ids of availabilities begin with; with market, SKU and revision, twelve characters.
const AVAILABILITY: &str = "DZ";
/// Revisions that an availability's id tells apart.
const REVISIONS: i64 = 36 * 36 * 36 * 36;

/// A product: an offer, by its place in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProductId(pub i64);

/// A SKU of a product: a plan, by its place in the offer, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkuId(pub usize);

/// A SKU in a market, as the offer is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailabilityId(String);

/// What is put into a cart: `product:sku:availability`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogItemId {
    /// The product.
    pub product: ProductId,
    /// The SKU.
    pub sku: SkuId,
    /// The availability, as it was sent.
    pub availability: AvailabilityId,
}

impl ProductId {
    /// The product that an offer is.
    #[must_use]
    pub fn of(offer: &Offer) -> Self {
        Self(offer.position + 1)
    }

    /// The place of its offer in the catalogue.
    #[must_use]
    pub fn position(self) -> i64 {
        self.0 - 1
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PRODUCT}{:07}", self.0)
    }
}

impl FromStr for ProductId {
    type Err = Refusal;

    /// Takes any case; another text is a product that is not there (400013).
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let (head, digits) = text.split_at_checked(PRODUCT.len())?;
            let fits = head.eq_ignore_ascii_case(PRODUCT) && digits.len() == 7;
            let number = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse());
            number?.ok().filter(|number| fits && *number > 0).map(Self)
        };
        read().ok_or_else(|| PartnerRefusal::NoProduct(shown(text)).into())
    }
}

impl fmt::Display for SkuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl FromStr for SkuId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let digits = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
            text.parse().ok().filter(|number| digits && *number > 0).map(Self)
        };
        read().ok_or_else(|| PartnerRefusal::NoSku(shown(text)).into())
    }
}

impl SkuId {
    /// The SKU that a plan of an offer is; `None` if the offer has no such plan.
    #[must_use]
    pub fn of(offer: &Offer, plan: &Plan) -> Option<Self> {
        let place = offer.plans.iter().position(|other| other.id == plan.id)?;
        Some(Self(place + 1))
    }

    /// The plan of an offer that it is.
    pub fn plan(self, offer: &Offer) -> Result<&Plan, Refusal> {
        let place = self.0.checked_sub(1);
        let found = place.and_then(|place| offer.plans.get(place));
        found.ok_or_else(|| PartnerRefusal::NoSku(self.to_string()).into())
    }

    /// The same, as a market's catalogue has it: what is private or not sold there is not there.
    pub fn listed_plan<'a>(self, offer: &'a Offer, country: &str) -> Result<&'a Plan, Refusal> {
        let listed = Some(self.plan(offer)?).filter(|plan| plan.is_listed(country));
        listed.ok_or_else(|| PartnerRefusal::NoSku(self.to_string()).into())
    }
}

impl AvailabilityId {
    /// Of a SKU in a market, as its offer is now.
    #[must_use]
    pub fn of(offer: &Offer, sku: SkuId, country: &str) -> Self {
        Self(format!("{AVAILABILITY}{country}{sku}{}", base36(offer.revision % REVISIONS)))
    }
}

impl fmt::Display for AvailabilityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CatalogItemId {
    /// Of a plan of an offer in a market; `None` if the offer has no such plan.
    #[must_use]
    pub fn of(offer: &Offer, plan: &Plan, country: &str) -> Option<Self> {
        let sku = SkuId::of(offer, plan)?;
        let availability = AvailabilityId::of(offer, sku, country);
        Some(Self { product: ProductId::of(offer), sku, availability })
    }

    /// Refuses an availability of another market, or of before the offer changed (400019).
    pub fn check_availability(&self, offer: &Offer, country: &str) -> Result<(), PartnerRefusal> {
        let now = AvailabilityId::of(offer, self.sku, country);
        if now.0.eq_ignore_ascii_case(&self.availability.0) {
            Ok(())
        } else {
            Err(PartnerRefusal::NoAvailability(shown(&self.availability.0)))
        }
    }
}

impl fmt::Display for CatalogItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.product, self.sku, self.availability)
    }
}

impl FromStr for CatalogItemId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let mut parts = text.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(product), Some(sku), Some(availability)) => Ok(Self {
                product: product.parse()?,
                sku: sku.parse()?,
                availability: AvailabilityId(availability.to_owned()),
            }),
            _ => Err(Refusal::field(
                "catalogItemId",
                format!("{:?} is no catalog item; send product:sku:availability", shown(text)),
            )),
        }
    }
}

/// The start of a text, for people.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Four digits of base 36.
fn base36(mut number: i64) -> String {
    let mut digits = [b'0'; 4];
    for digit in digits.iter_mut().rev() {
        let value = u32::try_from(number % 36).unwrap_or_default();
        *digit =
            char::from_digit(value, 36).map_or(b'0', |letter| letter.to_ascii_uppercase() as u8);
        number /= 36;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::tests::offer;

    #[test]
    fn ids_have_the_lengths_of_real_ones_and_come_back() {
        let offer = offer();
        let plan = &offer.plans[1];
        let item = CatalogItemId::of(&offer, plan, "KR").unwrap();
        assert_eq!(item.to_string(), "DZH9S0000001:0002:DZKR00020001");
        assert_eq!(item.to_string().parse::<CatalogItemId>().unwrap(), item);
        let lower: CatalogItemId = item.to_string().to_lowercase().parse().unwrap();
        for read in [&item, &lower] {
            assert_eq!(read.sku.plan(&offer).unwrap().id, plan.id);
            assert_eq!(read.check_availability(&offer, "KR"), Ok(()));
        }
    }

    #[test]
    fn an_availability_is_of_one_market_and_one_revision() {
        let offer = offer();
        let item = CatalogItemId::of(&offer, &offer.plans[0], "US").unwrap();
        let stale = Err(PartnerRefusal::NoAvailability(item.availability.to_string()));
        assert_eq!(item.check_availability(&offer, "DE"), stale);
        let changed = Offer { revision: offer.revision + 1, ..offer.clone() };
        assert_eq!(item.check_availability(&changed, "US"), stale);
        let missing = SkuId(99).plan(&offer).unwrap_err();
        assert_eq!(missing, PartnerRefusal::NoSku("0099".to_owned()).into());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "DZH9S", "DZH9S000000x", "DZH9S0000000", "DZH9S00000010", "ÄÄÄÄÄ0000001"]
        {
            assert!(text.parse::<ProductId>().is_err(), "{text}");
        }
        for text in ["", "1", "00001", "0000", "+001"] {
            assert!(text.parse::<SkuId>().is_err(), "{text}");
        }
        for text in ["", "DZH9S0000001", "DZH9S0000001:0001"] {
            assert!(text.parse::<CatalogItemId>().is_err(), "{text}");
        }
        assert_eq!(base36(REVISIONS - 1), "ZZZZ");
    }
}
