//! Somebody buys. The subscription waits for both keys from now on, for 30 days at most. Called by
//! `http/rehearsal/purchases`.

use jiff::Timestamp;
use shared::{
    ids::{CustomerId, OfferId, OrderId, PartnerId, PlanId, SandboxId, SubscriptionId},
    purchase_token::{self, PurchaseToken},
};

use super::{IdSeed, Ids, operate, record};
use crate::{
    domain::{
        activation_link::landing_page,
        catalog::{Offer, Plan},
        event::Event,
        operation::{OperationAction, OperationSource},
        order::Order,
        policy::SubscribeWebhook,
        purchase::{self, Wish, buy},
        refusal::Refusal,
        subscription::Subscription,
        term::require_sold,
        timer::TimerKind,
    },
    store::{
        Command, Failure, Tx, customer, insert_order, insert_subscription, newest_token_key, offer,
        partner, publisher,
    },
};

/// Buys a plan for a customer.
pub struct Purchase {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The offer.
    pub offer: OfferId,
    /// The plan.
    pub plan: PlanId,
    /// Who it is for; the first customer if absent.
    pub customer: Option<CustomerId>,
    /// What else is wished.
    pub wish: Wish,
    /// The new subscription.
    pub subscription: SubscriptionId,
    /// The new order.
    pub order: OrderId,
    /// What timers and operations are named from.
    pub ids: IdSeed,
    /// What the token's nonce is drawn from.
    pub seed: [u8; 32],
    /// Base of the bundled publisher, for publishers without a page of their own.
    pub bundled_publisher: Option<String>,
}

/// A subscription with a fresh activation link: where to go, and the token to take there.
#[derive(Debug)]
pub struct Linked {
    /// The subscription.
    pub subscription: Subscription,
    /// The publisher's landing page.
    pub landing_page: String,
    /// The token.
    pub token: PurchaseToken,
    /// Until when it resolves.
    pub expires_at: Timestamp,
}

impl Command for Purchase {
    type Output = Linked;
    const NAME: &'static str = "purchase";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Linked, Failure> {
        let (subscription, partner, auto_activated) = self.decide(tx, at).await?;
        let order = Order::of(&partner, [(&subscription, None)]);
        let how = (&self.seed, self.bundled_publisher.as_deref());
        let linked = link(tx, &self.sandbox, subscription, at, how).await?;
        if let Some(order) = order {
            insert_order(tx, &self.sandbox, &order).await?;
        }
        let bought = Bought {
            subscription: linked.subscription,
            token: linked.token.fingerprint(),
            auto_activated,
        };
        let subscription = begin(tx, &self.sandbox, bought, (&mut self.ids.ids(), at)).await?;
        Ok(Linked { subscription, ..linked })
    }
}

impl Purchase {
    /// What is bought, by which partner, and whether it activates by itself.
    async fn decide(
        &self,
        tx: &mut Tx,
        at: Timestamp,
    ) -> Result<(Subscription, PartnerId, bool), Failure> {
        let offer = offer(tx.read(), &self.sandbox, &self.offer).await?;
        let offer = offer.ok_or_else(|| {
            Refusal::field("offerId", format!("there is no offer {}", self.offer))
        })?;
        let plan = find_plan(&offer, &self.plan)?;
        let customer = customer(tx.read(), &self.sandbox, self.customer).await?;
        let customer = customer
            .filter(|customer| customer.removed_at.is_none())
            .ok_or_else(|| Refusal::field("customerId", "there is no such customer here"))?;
        let partner = partner(tx.read(), &self.sandbox, &customer.partner_id).await?;
        let partner = partner.ok_or_else(|| Refusal::unknown("Partner", &customer.partner_id))?;
        let ids = (self.subscription, self.order.clone());
        let who = (&customer, &partner.buyer);
        let rule = tx.policy(&self.sandbox).await?.get();
        let sold = self.wish.term.is_none().then(|| plan.in_terms_of(rule));
        let bought = buy(ids, (&offer, sold.as_ref().unwrap_or(plan)), who, &self.wish, at)?;
        require_sold(rule, bought.term)?;
        Ok((bought, partner.id, plan.is_auto_activated))
    }
}

fn find_plan<'a>(offer: &'a Offer, id: &PlanId) -> Result<&'a Plan, Refusal> {
    offer.plans.iter().find(|plan| plan.id == *id).ok_or_else(|| {
        let plans: Vec<_> = offer.plans.iter().map(|plan| plan.id.as_str()).collect();
        let reason = format!("offer {} has no plan {id}; it has {}", offer.id, plans.join(", "));
        Refusal::field("planId", reason)
    })
}

/// A subscription that was just bought.
pub(super) struct Bought {
    pub(super) subscription: Subscription,
    /// The token of its first activation link, as `tok_…`.
    pub(super) token: String,
    /// Whether its plan activates by itself.
    pub(super) auto_activated: bool,
}

/// Stores a subscription that was just bought. From now on it waits for both keys, for 30 days at most; on a plan that
/// activates by itself it is active at once.
pub(super) async fn begin(
    tx: &mut Tx,
    sandbox: &SandboxId,
    Bought { subscription, token, auto_activated }: Bought,
    (ids, at): (&mut Ids, Timestamp),
) -> Result<Subscription, Failure> {
    insert_subscription(tx, sandbox, &subscription).await?;
    record(tx, sandbox, at, Some(subscription.id), &Event::Purchased { token });
    if !auto_activated {
        let limit = (TimerKind::PendingLimit, subscription.must_finish_by());
        operate::set_timer(tx, sandbox, &subscription, limit, ids);
        return Ok(subscription);
    }
    // Active and billed from here on; the publisher hears of it by a webhook (S2, C57).
    let change = subscription.activate_by_itself(at)?;
    match tx.policy(sandbox).await?.get() {
        SubscribeWebhook::On => {
            let what = (OperationAction::Subscribe, OperationSource::Azure);
            operate::change_and_tell(tx, sandbox, &change, what, (ids, at)).await?;
        }
        SubscribeWebhook::Off => operate::change_silently(tx, sandbox, &change, (ids, at)).await?,
    }
    Ok(change.subscription)
}

/// Makes a fresh activation link for a subscription. Reads only.
pub(super) async fn link(
    tx: &mut Tx,
    sandbox: &SandboxId,
    subscription: Subscription,
    at: Timestamp,
    (seed, bundled): (&[u8; 32], Option<&str>),
) -> Result<Linked, Failure> {
    let id = &subscription.publisher_id;
    let publisher = publisher(tx.read(), sandbox, id).await?;
    let publisher = publisher.ok_or_else(|| Refusal::unknown("Publisher", id))?;
    let landing_page = landing_page(&publisher, sandbox, bundled)?;
    let key = newest_token_key(tx.read(), sandbox).await?;
    let token = purchase_token::mint(&key, sandbox, subscription.id, at, seed);
    let life = purchase::token_life(tx.policy(sandbox).await?.get());
    let expires_at = at + life;
    Ok(Linked { subscription, landing_page, token, expires_at })
}
