//! What is for sale in a market, a page at a time and one by one. Called by `http/partner_center`.

use std::collections::HashMap;

use shared::ids::{CustomerId, OfferId, PublisherId, SandboxId};

use crate::{
    domain::{
        catalog::Offer, listing::ProductId, order::Holding, partner_refusal::PartnerRefusal,
        refusal::Refusal,
    },
    store::{self, Failure, Store, offer_at, offers_page},
};

/// Where somebody looks.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The sandbox.
    pub sandbox: &'a SandboxId,
    /// The country.
    pub country: &'a str,
    /// One segment only.
    pub segment: Option<&'a str>,
}

/// An offer with the name of its publisher.
#[derive(Debug)]
pub struct Listed {
    /// The offer.
    pub offer: Offer,
    /// Its publisher's name.
    pub publisher: String,
}

/// A page of products.
#[derive(Debug)]
pub struct ProductPage {
    /// In the order of the catalogue.
    pub products: Vec<Listed>,
    /// The place of the last one, if more may follow.
    pub next_after: Option<i64>,
}

impl Shelf<'_> {
    fn has(&self, offer: &Offer) -> bool {
        offer.is_listed(self.country, self.segment)
    }
}

/// So many products after the place `after`. What a page costs follows from its size, not from where it begins.
pub async fn products(
    store: &Store,
    shelf: &Shelf<'_>,
    (mut after, size): (i64, usize),
) -> Result<ProductPage, Failure> {
    let mut conn = store.read().await?;
    let names = store::publishers(&mut conn, shelf.sandbox).await?;
    let names: HashMap<PublisherId, String> =
        names.into_iter().map(|publisher| (publisher.id, publisher.name)).collect();
    // One more than asked for tells whether more follow.
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let mut found = Vec::with_capacity(size + 1);
    'reading: loop {
        let read = offers_page(&mut conn, shelf.sandbox, (after, limit)).await?;
        let is_last = read.len() <= size;
        for offer in read {
            after = offer.position;
            if shelf.has(&offer) {
                found.push(offer);
            }
            if found.len() > size {
                break 'reading;
            }
        }
        if is_last {
            break;
        }
    }
    let more = found.len() > size;
    found.truncate(size);
    let next_after = found.last().filter(|_| more).map(|offer| offer.position);
    let products = found.into_iter().map(|offer| Listed {
        publisher: names.get(&offer.publisher_id).cloned().unwrap_or_default(),
        offer,
    });
    Ok(ProductPage { products: products.collect(), next_after })
}

/// One product; what is not for sale there is not there (400013).
pub async fn product(store: &Store, shelf: &Shelf<'_>, id: ProductId) -> Result<Listed, Failure> {
    let mut conn = store.read().await?;
    let found = offer_at(&mut conn, shelf.sandbox, id.position()).await?;
    let unknown = || Refusal::from(PartnerRefusal::NoProduct(id.to_string()));
    let offer = found.filter(|offer| shelf.has(offer)).ok_or_else(unknown)?;
    let publisher = store::publisher(&mut conn, shelf.sandbox, &offer.publisher_id).await?;
    let publisher = publisher.map(|publisher| publisher.name).unwrap_or_default();
    Ok(Listed { offer, publisher })
}

/// What a customer has of an offer.
pub async fn holding(
    store: &Store,
    sandbox: &SandboxId,
    customer: CustomerId,
    offer: &OfferId,
) -> Result<Holding, Failure> {
    let mut conn = store.read().await?;
    Ok(store::owned(&mut conn, sandbox, customer, offer).await?.of_offer)
}
