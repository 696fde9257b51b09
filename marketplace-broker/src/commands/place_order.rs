//! A partner orders without a cart (partner-center.md 3.5). Here what is wrong with a line refuses the order. Called by
//! `http/partner_center/orders`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId};

use super::{
    IdSeed, Replayable,
    sell::{self, Holdings, judge, may_deal, offers_of, require_customer},
};
use crate::{
    domain::{
        cart::{Buyer, Line},
        order::{Placed, has_room, is_eligible, may_buy},
        partner_refusal::PartnerRefusal,
        party::{Partner, User},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, find_order, subscriptions_of_order},
};

/// Places an order.
pub struct PlaceOrder {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who buys.
    pub partner: Arc<Partner>,
    /// Which user of it.
    pub purchaser: User,
    /// For whom.
    pub customer: CustomerId,
    /// Whether the partner attested how it sells.
    pub attested: bool,
    /// The lines, by number.
    pub lines: Vec<Line>,
    /// What order and subscriptions are named from.
    pub ids: IdSeed,
    /// Base of the bundled publisher.
    pub bundled_publisher: Option<String>,
}

impl Command for PlaceOrder {
    type Output = Placed;
    const NAME: &'static str = "placeOrder";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Placed, Failure> {
        may_buy(&self.partner).map_err(Refusal::from)?;
        let customer = require_customer(tx, &self.sandbox, self.customer).await?;
        let (attested, terms) = (self.attested, tx.policy(&self.sandbox).await?.get());
        let buyer = Buyer { partner: &self.partner, customer: &customer, attested, terms };
        let lines: Vec<_> = self.lines.iter().collect();
        may_deal(tx, &self.sandbox, &buyer, &lines).await?;
        let offers = offers_of(tx, &self.sandbox, &self.lines).await?;
        let holdings = Holdings::count(tx, &self.sandbox, customer.id, &offers).await?;
        let mut sales = Vec::with_capacity(lines.len());
        for line in &self.lines {
            sales.push(judge(line, &buyer, &offers)?);
        }
        for judged in &sales {
            let same = sales.iter().filter(|other| other.offer.id == judged.offer.id).count();
            let more = i64::try_from(same).unwrap_or(i64::MAX);
            is_eligible(judged.offer, &self.partner, (holdings.of(judged.offer), more))
                .map_err(|obstacle| Refusal::from(obstacle.refusal()))?;
        }
        has_room(&self.partner, holdings.all, lines.len()).map_err(Refusal::from)?;
        let mut ids = self.ids.ids();
        let how = (&mut ids, at, self.bundled_publisher.as_deref());
        let who = (self.partner.as_ref(), &customer, &self.purchaser);
        let decided = sell::decide(tx, &self.sandbox, who, sales, how).await?;
        let decided =
            decided.ok_or_else(|| Refusal::field("lineItems", "send at least one line"))?;
        sell::place(tx, &self.sandbox, decided, (&mut ids, at)).await
    }
}

impl Replayable for PlaceOrder {
    fn keep(made: &Placed) -> String {
        made.order.id.to_string()
    }

    async fn recall(&self, tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<Placed, Failure> {
        let gone = || Refusal::from(PartnerRefusal::NoOrder(kept.to_owned()));
        let id = kept.parse().map_err(|_| gone())?;
        let order = find_order(tx.read(), &self.sandbox, self.customer, &id).await?;
        let order = order.ok_or_else(gone)?;
        let subscriptions = subscriptions_of_order(tx.read(), &self.sandbox, &id).await?;
        Ok(Placed { order, subscriptions })
    }
}
