//! Carts for a customer and its orders, as its partner asks for them. Called by `http/partner_center`.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::ids::{OfferId, OrderId, PartnerId, SandboxId};

use crate::{
    domain::{
        cart::Cart, catalog::Offer, listing::CatalogItemId, order::Placed,
        partner_refusal::PartnerRefusal, party::Customer, policy::OrderListDelay, refusal::Refusal,
        subscription::Subscription,
    },
    store::{
        Failure, OfCustomer, Store, find_cart, find_order, offer, orders_of,
        subscriptions_of_customer, subscriptions_of_order,
    },
};

/// A partner's cart for a customer.
pub async fn cart(
    store: &Store,
    sandbox: &SandboxId,
    (partner, customer): (&PartnerId, &Customer),
    sent: &str,
) -> Result<Cart, Failure> {
    let gone = || Refusal::from(PartnerRefusal::NoCart(sent.chars().take(60).collect()));
    let id = sent.parse().map_err(|_| gone())?;
    let mut conn = store.read().await?;
    Ok(find_cart(&mut conn, sandbox, (partner, customer.id), id).await?.ok_or_else(gone)?)
}

/// An order of a customer.
pub async fn order(
    store: &Store,
    sandbox: &SandboxId,
    customer: &Customer,
    sent: &str,
) -> Result<Placed, Failure> {
    let unknown = || Refusal::from(PartnerRefusal::NoOrder(sent.chars().take(60).collect()));
    let id: OrderId = sent.parse().map_err(|_| unknown())?;
    let mut conn = store.read().await?;
    let order = find_order(&mut conn, sandbox, customer.id, &id).await?.ok_or_else(unknown)?;
    let subscriptions = subscriptions_of_order(&mut conn, sandbox, &id).await?;
    drop(conn);
    let mut found = [Placed { order, subscriptions }];
    name_items(store, sandbox, customer, &mut found).await?;
    let [placed] = found;
    Ok(placed)
}

/// The orders of a customer that lists show, oldest first.
pub async fn orders(
    store: &Store,
    sandbox: &SandboxId,
    customer: &Customer,
    (delay, at): (OrderListDelay, Timestamp),
) -> Result<Vec<Placed>, Failure> {
    let mut conn = store.read().await?;
    let mut orders = orders_of(&mut conn, sandbox, customer.id).await?;
    orders.retain(|order| order.is_listed(delay, at));
    let mut bought: HashMap<OrderId, Vec<Subscription>> = HashMap::new();
    for one in
        subscriptions_of_customer(&mut conn, sandbox, customer.id, OfCustomer::default()).await?
    {
        bought.entry(one.order_id.clone()).or_default().push(one);
    }
    drop(conn);
    let placed = orders.into_iter().map(|order| {
        let subscriptions = bought.remove(&order.id).unwrap_or_default();
        Placed { order, subscriptions }
    });
    let mut placed: Vec<_> = placed.collect();
    name_items(store, sandbox, customer, &mut placed).await?;
    Ok(placed)
}

/// What the control API sold was not taken from the partner's catalogue: its lines are named as the catalogue names them
/// now.
async fn name_items(
    store: &Store,
    sandbox: &SandboxId,
    customer: &Customer,
    placed: &mut [Placed],
) -> Result<(), Failure> {
    let lines = placed.iter_mut().flat_map(|placed| &mut placed.order.lines);
    let nameless: Vec<_> = lines.filter(|line| line.item.is_none()).collect();
    if nameless.is_empty() {
        return Ok(());
    }
    let mut conn = store.read().await?;
    let mut known: HashMap<OfferId, Option<Offer>> = HashMap::new();
    for line in nameless {
        if !known.contains_key(&line.offer_id) {
            let found = offer(&mut conn, sandbox, &line.offer_id).await?;
            known.insert(line.offer_id.clone(), found);
        }
        let item = known.get(&line.offer_id).and_then(Option::as_ref).and_then(|offer| {
            let plan = offer.plans.iter().find(|plan| plan.id == line.plan_id)?;
            CatalogItemId::of(offer, plan, &customer.country)
        });
        line.item = item.map(|item| item.to_string());
    }
    Ok(())
}
