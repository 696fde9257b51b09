//! What a partner sold to a customer, with what is needed to show it. Called by `http/partner_center`.

use std::collections::BTreeMap;

use shared::ids::{CustomerId, OfferId, PublisherId, SandboxId, SubscriptionId};

use crate::{
    domain::{
        catalog::Offer, operation::Operation, partner_refusal::PartnerRefusal, party::Publisher,
        refusal::Refusal, subscription::Subscription,
    },
    store::{
        Failure, OfCustomer, Store, find_subscription, offer, open_operation, publisher,
        subscriptions_of_customer,
    },
};

/// Subscriptions of a customer, with what they are subscriptions to: each offer and publisher once, however many
/// subscriptions there are.
#[derive(Debug, Default)]
pub struct SoldSubscriptions {
    /// In the order of their ids.
    pub subscriptions: Vec<Subscription>,
    /// Their offers that are in the catalogue still.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Their publishers.
    pub publishers: BTreeMap<PublisherId, Publisher>,
}

/// Those that are asked for (P5, P52).
pub async fn subscriptions_of(
    store: &Store,
    sandbox: &SandboxId,
    customer: CustomerId,
    asked: OfCustomer<'_>,
) -> Result<SoldSubscriptions, Failure> {
    let mut conn = store.read().await?;
    let subscriptions = subscriptions_of_customer(&mut conn, sandbox, customer, asked).await?;
    let mut sold = SoldSubscriptions::default();
    for of in &subscriptions {
        if !sold.offers.contains_key(&of.offer_id)
            && let Some(found) = offer(&mut conn, sandbox, &of.offer_id).await?
        {
            sold.offers.insert(of.offer_id.clone(), found);
        }
        if !sold.publishers.contains_key(&of.publisher_id)
            && let Some(found) = publisher(&mut conn, sandbox, &of.publisher_id).await?
        {
            sold.publishers.insert(of.publisher_id.clone(), found);
        }
    }
    sold.subscriptions = subscriptions;
    Ok(sold)
}

/// One of them; another customer's is none (P7).
pub async fn subscription_of(
    store: &Store,
    sandbox: &SandboxId,
    (customer, id): (CustomerId, SubscriptionId),
) -> Result<SoldSubscriptions, Failure> {
    let mut conn = store.read().await?;
    let found = find_subscription(&mut conn, sandbox, id).await?;
    let found = found.filter(|found| found.customer_id == customer);
    let found =
        found.ok_or_else(|| Refusal::from(PartnerRefusal::NoSubscription(id.to_string())))?;
    let offer = offer(&mut conn, sandbox, &found.offer_id).await?;
    let publisher = publisher(&mut conn, sandbox, &found.publisher_id).await?;
    Ok(SoldSubscriptions {
        offers: offer.into_iter().map(|offer| (offer.id.clone(), offer)).collect(),
        publishers: publisher.into_iter().map(|found| (found.id.clone(), found)).collect(),
        subscriptions: vec![found],
    })
}

/// The same, and its operation that is open.
pub async fn subscription_and_operation(
    store: &Store,
    sandbox: &SandboxId,
    (customer, id): (CustomerId, SubscriptionId),
) -> Result<(SoldSubscriptions, Option<Operation>), Failure> {
    let sold = subscription_of(store, sandbox, (customer, id)).await?;
    let open = open_operation(&mut *store.read().await?, sandbox, id).await?;
    Ok((sold, open))
}
