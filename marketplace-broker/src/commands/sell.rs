//! What carts, check-out and direct orders have in common: whom they sell to, what offers they name, and how lines become
//! an order with its subscriptions (partner-center.md 3.4, 3.5). Called by those commands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use shared::ids::{CustomerId, OrderId, SandboxId, SubscriptionId};

use super::{
    Ids,
    purchase::{Bought, begin},
};
use crate::{
    domain::{
        activation_link::{landing_page, shown_token},
        agreement::CUSTOMER_AGREEMENT,
        cart::{Buyer, Judged, Line},
        catalog::Offer,
        listing::CatalogItemId,
        order::{self, Holding, Order, Placed},
        partner_refusal::PartnerRefusal,
        party::{AccountKind, Customer, Partner, User},
        purchase::{buy, token_life},
        refusal::Refusal,
        reseller::check_reseller,
    },
    store::{
        Failure, Tx, agreements_of, insert_order, lock_customer, newest_token_key, offer_at, owned,
        partner_of_mpn, publisher,
    },
};

/// Locks the customer, so that what counts its purchases counts right.
pub(super) async fn require_customer(
    tx: &mut Tx,
    sandbox: &SandboxId,
    id: CustomerId,
) -> Result<Customer, Failure> {
    let found = lock_customer(tx, sandbox, id).await?;
    Ok(found.ok_or_else(|| Refusal::from(PartnerRefusal::ForeignCustomer(id.to_string())))?)
}

/// The offers that lines name, by their place in the catalogue.
pub(super) async fn offers_of(
    tx: &mut Tx,
    sandbox: &SandboxId,
    lines: impl IntoIterator<Item = &Line>,
) -> Result<HashMap<i64, Offer>, Failure> {
    let items = lines.into_iter().filter_map(|line| line.item_id().ok());
    let places: BTreeSet<_> = items.map(|item| item.product.position()).collect();
    let mut offers = HashMap::new();
    for place in places {
        if let Some(offer) = offer_at(tx.read(), sandbox, place).await? {
            offers.insert(place, offer);
        }
    }
    Ok(offers)
}

/// Judges a line by what the catalogue has now.
pub(super) fn judge<'a>(
    line: &Line,
    buyer: &Buyer<'_>,
    offers: &'a HashMap<i64, Offer>,
) -> Result<Judged<'a>, Refusal> {
    let place = line.item_id()?.product.position();
    line.judge(buyer, offers.get(&place))
}

/// Whether partner and customer may deal at all, and every reseller that is named is the partner's (P4, P15, P49).
pub(super) async fn may_deal(
    tx: &mut Tx,
    sandbox: &SandboxId,
    buyer: &Buyer<'_>,
    lines: &[&Line],
) -> Result<(), Failure> {
    let agreements = agreements_of(tx.read(), sandbox, buyer.customer.id).await?;
    let agreed = agreements.iter().any(|agreement| agreement.kind == CUSTOMER_AGREEMENT);
    order::may_order(buyer.partner, agreed).map_err(Refusal::from)?;
    let named = lines.iter().flat_map(|line| &line.participants);
    let named: BTreeSet<_> = named.map(|participant| participant.value.as_str()).collect();
    for mpn in named {
        let found = match mpn.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
            true => partner_of_mpn(tx.read(), sandbox, mpn).await?,
            false => None,
        };
        check_reseller(buyer.partner, found.as_ref(), mpn).map_err(Refusal::from)?;
    }
    Ok(())
}

/// How many subscriptions the customer has, of all offers and of each that is bought.
pub(super) struct Holdings {
    /// Of all offers.
    pub(super) all: i64,
    /// By the place of the offer.
    by_offer: BTreeMap<i64, Holding>,
}

impl Holdings {
    /// Counts what a customer has of these offers.
    pub(super) async fn count(
        tx: &mut Tx,
        sandbox: &SandboxId,
        customer: CustomerId,
        offers: &HashMap<i64, Offer>,
    ) -> Result<Self, Failure> {
        let mut holdings = Self { all: 0, by_offer: BTreeMap::new() };
        for (place, offer) in offers {
            let has = owned(tx.read(), sandbox, customer, &offer.id).await?;
            holdings.all = has.all;
            holdings.by_offer.insert(*place, has.of_offer);
        }
        Ok(holdings)
    }

    /// Those of an offer.
    pub(super) fn of(&self, offer: &Offer) -> Holding {
        self.by_offer.get(&offer.position).copied().unwrap_or_default()
    }
}

/// An order that is decided, and nothing of it stored yet.
pub(super) struct Decided {
    order: Order,
    bought: Vec<Bought>,
}

/// Makes one order of some lines. Reads only.
pub(super) async fn decide(
    tx: &mut Tx,
    sandbox: &SandboxId,
    (partner, customer, purchaser): (&Partner, &Customer, &User),
    sales: Vec<Judged<'_>>,
    (ids, at, bundled): (&mut Ids, Timestamp, Option<&str>),
) -> Result<Option<Decided>, Failure> {
    let order_id = order_id(ids)?;
    let key = newest_token_key(tx.read(), sandbox).await?;
    let life = token_life(tx.policy(sandbox).await?.get());
    let (mut bought, mut items) = (Vec::new(), Vec::new());
    for (number, judged) in (0..).zip(sales) {
        let Judged { offer, plan, mut wish, .. } = judged;
        wish.order_line = number;
        let names = (SubscriptionId(ids.draw()), order_id.clone());
        let subscription = buy(names, (offer, plan), (customer, purchaser), &wish, at)?;
        // In an integration sandbox nobody follows the link: the partner activates by itself.
        if partner.account_kind == AccountKind::Production {
            let id = &offer.publisher_id;
            let publisher = publisher(tx.read(), sandbox, id).await?;
            let publisher = publisher.ok_or_else(|| Refusal::unknown("Publisher", id))?;
            landing_page(&publisher, sandbox, bundled)?;
        }
        let (token, _) = shown_token(&key, sandbox, &subscription, life, at);
        let item = CatalogItemId::of(offer, plan, &customer.country);
        items.push(item.map(|item| item.to_string()));
        bought.push(Bought {
            subscription,
            token: token.fingerprint(),
            auto_activated: plan.is_auto_activated,
        });
    }
    let lines = bought.iter().map(|one| &one.subscription).zip(items);
    Ok(Order::of(&partner.id, lines).map(|order| Decided { order, bought }))
}

/// Stores a decided order and its subscriptions.
pub(super) async fn place(
    tx: &mut Tx,
    sandbox: &SandboxId,
    Decided { order, bought }: Decided,
    (ids, at): (&mut Ids, Timestamp),
) -> Result<Placed, Failure> {
    insert_order(tx, sandbox, &order).await?;
    let mut subscriptions = Vec::with_capacity(bought.len());
    for one in bought {
        subscriptions.push(begin(tx, sandbox, one, (ids, at)).await?);
    }
    Ok(Placed { order, subscriptions })
}

/// Thirty-three characters, opaque (3.5).
fn order_id(ids: &mut Ids) -> Result<OrderId, Refusal> {
    let text = format!("O{}", ids.draw().simple());
    text.parse().map_err(|_| Refusal::field("orderId", "no order id could be made"))
}
