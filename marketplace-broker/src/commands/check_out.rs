//! A partner checks a cart out: each group of lines becomes an order, all of them in one transaction (partner-center.md
//! 3.4; P13 to P15). A second check-out is answered with what the first one made. Called by
//! `http/partner_center/checkout`.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use shared::ids::{CartId, CustomerId, SandboxId};

use super::{
    IdSeed,
    sell::{self, Holdings, judge, may_deal, offers_of, require_customer},
};
use crate::{
    domain::{
        cart::{Buyer, Cart, Judged, Line, Obstacle, Outcome, obstacle_of},
        catalog::Offer,
        order::{Placed, has_room, is_eligible, may_buy},
        partner_refusal::PartnerRefusal,
        party::{Partner, User},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, find_order, lock_cart, save_cart, subscriptions_of_order},
};

/// Checks a cart out.
pub struct CheckOut {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who buys.
    pub partner: Arc<Partner>,
    /// Which user of it.
    pub purchaser: User,
    /// For whom.
    pub customer: CustomerId,
    /// The cart.
    pub cart: CartId,
    /// What orders and subscriptions are named from.
    pub ids: IdSeed,
    /// Base of the bundled publisher.
    pub bundled_publisher: Option<String>,
}

/// What a cart became.
#[derive(Debug, Default)]
pub struct CheckedOut {
    /// Its orders.
    pub orders: Vec<Placed>,
    /// Groups that became none, and why.
    pub refused: Vec<(String, Obstacle)>,
}

impl Command for CheckOut {
    type Output = CheckedOut;
    const NAME: &'static str = "checkOut";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<CheckedOut, Failure> {
        may_buy(&self.partner).map_err(Refusal::from)?;
        let customer = require_customer(tx, &self.sandbox, self.customer).await?;
        let whose = (&self.partner.id, self.customer);
        let cart = lock_cart(tx, &self.sandbox, whose, self.cart).await?;
        let gone = || Refusal::from(PartnerRefusal::NoCart(self.cart.to_string()));
        let cart = cart.ok_or_else(gone)?;
        let policy = tx.policy(&self.sandbox).await?;
        if let Some(outcomes) = cart.became(policy.get()).map_err(Refusal::from)? {
            return self.recall(tx, outcomes).await;
        }
        cart.may_check_out(at).map_err(Refusal::from)?;
        let (attested, terms) = (cart.attested, policy.get());
        let buyer = Buyer { partner: &self.partner, customer: &customer, attested, terms };
        let lines: Vec<_> = cart.lines.iter().map(|line| &line.asked).collect();
        may_deal(tx, &self.sandbox, &buyer, &lines).await?;
        let offers = offers_of(tx, &self.sandbox, lines.iter().copied()).await?;
        let holdings = Holdings::count(tx, &self.sandbox, customer.id, &offers).await?;
        has_room(&self.partner, holdings.all, lines.len()).map_err(Refusal::from)?;

        let mut ids = self.ids.ids();
        let (mut decided, mut refused) = (Vec::new(), Vec::new());
        for group in cart.groups() {
            match sales(&cart, group, &buyer, (&offers, &holdings))? {
                Ok(sales) => {
                    let how = (&mut ids, at, self.bundled_publisher.as_deref());
                    let who = (self.partner.as_ref(), &customer, &self.purchaser);
                    let order = sell::decide(tx, &self.sandbox, who, sales, how).await?;
                    decided.extend(order);
                }
                Err(obstacle) => refused.push((group.to_owned(), obstacle)),
            }
        }
        if let (true, Some((_, obstacle))) = (decided.is_empty(), refused.first()) {
            return Err(Refusal::from(obstacle.refusal()).into());
        }
        let mut orders = Vec::with_capacity(decided.len());
        for order in decided {
            orders.push(sell::place(tx, &self.sandbox, order, (&mut ids, at)).await?);
        }
        let checked_out = CheckedOut { orders, refused };
        let ordered = Some(checked_out.outcomes());
        save_cart(tx, &self.sandbox, &Cart { ordered, modified_at: at, ..cart }).await?;
        Ok(checked_out)
    }
}

/// The lines of a group as they can be bought now, or what is in the way of it.
fn sales<'a>(
    cart: &'a Cart,
    group: &str,
    buyer: &Buyer<'_>,
    (offers, holdings): (&'a HashMap<i64, Offer>, &Holdings),
) -> Result<Result<Vec<Judged<'a>>, Obstacle>, Refusal> {
    let mut sales = Vec::new();
    for line in cart.lines.iter().filter(|line| line.group() == Some(group)) {
        let line = &line.asked;
        let judged = match judge(line, buyer, offers) {
            Ok(judged) => judged,
            Err(refusal) => {
                return obstacle_of(&line.item_id()?, &refusal).map(Err).ok_or(refusal);
            }
        };
        let more = (holdings.of(judged.offer), wanted(cart, line, offers));
        if let Err(obstacle) = is_eligible(judged.offer, buyer.partner, more) {
            return Ok(Err(obstacle));
        }
        sales.push(judged);
    }
    Ok(Ok(sales))
}

/// How many lines of the cart are of the same product as `line`.
fn wanted(cart: &Cart, line: &Line, offers: &HashMap<i64, Offer>) -> i64 {
    let place = |line: &Line| line.item_id().ok().map(|item| item.product.position());
    let own = place(line).filter(|place| offers.contains_key(place));
    let same = cart.lines.iter().filter(|other| place(&other.asked) == own);
    i64::try_from(same.count()).unwrap_or(i64::MAX)
}

impl CheckOut {
    /// What the cart became before.
    async fn recall(&self, tx: &mut Tx, outcomes: &[Outcome]) -> Result<CheckedOut, Failure> {
        let mut checked_out = CheckedOut::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Ordered(id) => {
                    let order = find_order(tx.read(), &self.sandbox, self.customer, id).await?;
                    let order = order
                        .ok_or_else(|| Refusal::from(PartnerRefusal::NoOrder(id.to_string())))?;
                    let subscriptions =
                        subscriptions_of_order(tx.read(), &self.sandbox, id).await?;
                    checked_out.orders.push(Placed { order, subscriptions });
                }
                Outcome::Refused { group, obstacle } => {
                    checked_out.refused.push((group.clone(), obstacle.clone()));
                }
            }
        }
        Ok(checked_out)
    }
}

impl CheckedOut {
    fn outcomes(&self) -> Vec<Outcome> {
        let orders = self.orders.iter().map(|placed| Outcome::Ordered(placed.order.id.clone()));
        let refused = self.refused.iter().map(|(group, obstacle)| Outcome::Refused {
            group: group.clone(),
            obstacle: obstacle.clone(),
        });
        orders.chain(refused).collect()
    }
}
