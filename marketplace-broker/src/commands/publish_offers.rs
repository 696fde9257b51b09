//! Offers are added to the catalogue, or replaced in it: so a publisher rehearses with its own plans. All or none. Called
//! by `http/rehearsal/offers`.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use shared::ids::{OfferId, SandboxId};

use super::record;
use crate::{
    domain::{
        catalog::Offer,
        event::Event,
        listing::ProductId,
        policy::AutoActivation,
        publishing::{OFFERS_AT_ONCE_MAX, OFFERS_MAX, check_offer, check_version},
        refusal::Refusal,
    },
    store::{
        Command, Failure, Tx, insert_offer, lock_clock, next_offer_place, offer, partners,
        publishers, save_offer,
    },
};

/// Publishes offers; their places and revisions are given here.
pub struct PublishOffers {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The offers.
    pub offers: Vec<Offer>,
    /// Plans that do not say whether they activate by themselves: places of their offers, and in these.
    pub silent: HashSet<(usize, usize)>,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Which.
    pub id: OfferId,
    /// Its product.
    pub product: ProductId,
    /// Its revision now.
    pub revision: i64,
    /// Whether it is new.
    pub added: bool,
}

impl Command for PublishOffers {
    type Output = Vec<Published>;
    const NAME: &'static str = "publishOffers";
    // A thousand offers, two statements each; a busy PostgreSQL takes seconds for them.
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Vec<Published>, Failure> {
        // Locked, so that places are given once.
        lock_clock(tx, &self.sandbox).await?;
        let offers = self.decide(tx).await?;
        let mut published = Vec::with_capacity(offers.len());
        for (offer, added) in offers {
            if added {
                insert_offer(tx, &self.sandbox, &offer).await?;
            } else {
                save_offer(tx, &self.sandbox, &offer).await?;
            }
            published.push(Published {
                product: ProductId::of(&offer),
                revision: offer.revision,
                id: offer.id,
                added,
            });
        }
        let added = published.iter().filter(|offer| offer.added).count();
        let replaced = published.len() - added;
        record(tx, &self.sandbox, at, None, &Event::OffersPublished { added, replaced });
        Ok(published)
    }
}

impl PublishOffers {
    /// What is new and says nothing activates by itself; what was there before stays as it was (F9).
    fn activate_by_themselves(&self, index: usize, new: &mut Offer, before: Option<&Offer>) {
        let silent = |at: usize| self.silent.contains(&(index, at));
        for (_, plan) in new.plans.iter_mut().enumerate().filter(|(at, _)| silent(*at)) {
            let old = before.and_then(|old| old.plans.iter().find(|old| old.id == plan.id));
            plan.is_auto_activated = old.is_none_or(|old| old.is_auto_activated);
        }
    }

    /// The offers as they will be, and whether each is new.
    async fn decide(&self, tx: &mut Tx) -> Result<Vec<(Offer, bool)>, Failure> {
        if !(1..=OFFERS_AT_ONCE_MAX).contains(&self.offers.len()) {
            let reason = format!("send 1 to {OFFERS_AT_ONCE_MAX} offers");
            return Err(Refusal::field("offers", reason).into());
        }
        let partners = partners(tx.read(), &self.sandbox).await?;
        let partners: Vec<_> = partners.into_iter().map(|partner| partner.id).collect();
        let publishers = publishers(tx.read(), &self.sandbox).await?;
        let rule: AutoActivation = tx.policy(&self.sandbox).await?.get();
        let mut place = next_offer_place(tx.read(), &self.sandbox).await?;
        let mut offers = Vec::with_capacity(self.offers.len());
        for (index, sent) in self.offers.iter().enumerate() {
            let refuse = |member: &str, reason: &str| {
                Refusal::field(format!("offers[{index}].{member}"), reason)
            };
            if self.offers[..index].iter().any(|other| other.id == sent.id) {
                return Err(refuse("offerId", "this offer stands here twice: send it once").into());
            }
            if !publishers.iter().any(|publisher| publisher.id == sent.publisher_id) {
                let reason = "there is no such publisher in this sandbox";
                return Err(refuse("publisherId", reason).into());
            }
            check_offer(index, sent, &partners)?;
            let before = offer(tx.read(), &self.sandbox, &sent.id).await?;
            let mut new = sent.clone();
            if rule == AutoActivation::On {
                self.activate_by_themselves(index, &mut new, before.as_ref());
            }
            if let Some(old) = before {
                check_version(index, &old, sent)?;
                (new.position, new.revision) = (old.position, old.revision + 1);
                offers.push((new, false));
            } else {
                (new.position, new.revision) = (place, 1);
                offers.push((new, true));
                place += 1;
            }
        }
        if place > OFFERS_MAX {
            let reason = format!("a sandbox has {OFFERS_MAX} offers at most");
            return Err(Refusal::Limit(reason).into());
        }
        Ok(offers)
    }
}
