//! A partner changes what it sold (partner-center.md 3.8): name, licenses, end, suspension, auto-renew, reseller, all that
//! one request asks for or nothing. Called by `http/partner_center/amend`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId, SubscriptionId};

use super::{IdSeed, Ids, Replayable, operate, save};
use crate::{
    domain::{
        amendment::{Amendment, Circumstances, Sent, Then, Wanted, decide, may_amend},
        operation::{Operation, OperationAction, OperationSource, OperationState, Target},
        partner_refusal::PartnerRefusal,
        party::Partner,
        refusal::Refusal,
        subscription::Subscription,
    },
    store::{
        Command, Failure, Tx, lock_subscription, offer, open_operation, partner_of_mpn, steps_of,
    },
};

/// Changes a subscription.
pub struct AmendSubscription {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who asks.
    pub partner: Arc<Partner>,
    /// Whose subscription, and the market it was bought in.
    pub customer: (CustomerId, String),
    /// Which.
    pub subscription: SubscriptionId,
    /// Versions of it that the request is about; `None`: any.
    pub expected: Option<Vec<i64>>,
    /// What was sent, or why that could not be read; refused after id and end.
    pub sent: Result<Sent, Refusal>,
    /// What operations and timers are named from.
    pub ids: IdSeed,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amended {
    /// Everything is so.
    Done,
    /// Something waits for the publisher (P34).
    Waits,
}

impl Command for AmendSubscription {
    type Output = Amended;
    const NAME: &'static str = "amendSubscription";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Amended, Failure> {
        let found = lock_subscription(tx, &self.sandbox, self.subscription).await?;
        let found = found.filter(|found| found.customer_id == self.customer.0);
        let id = self.subscription;
        let found = found.ok_or_else(|| refused(PartnerRefusal::NoSubscription(id.to_string())))?;
        may_amend(&found, &self.partner, at).map_err(refused)?;
        if self.expected.as_ref().is_some_and(|versions| !versions.contains(&found.version)) {
            return Err(refused(PartnerRefusal::StaleEtag).into());
        }
        let sent = self.sent.clone()?;
        let offer = offer(tx.read(), &self.sandbox, &found.offer_id).await?;
        let offer = offer.ok_or_else(|| refused(PartnerRefusal::OfferGone))?;
        let policy = tx.policy(&self.sandbox).await?;
        let wanted = sent.changes(&found, (&offer, &policy))?;
        let open = operate::Open::of(tx, &self.sandbox, found.id).await?;
        let reseller = match wanted.last() {
            Some(Wanted::Reseller(mpn)) => partner_of_mpn(tx.read(), &self.sandbox, mpn).await?,
            _ => None,
        };
        let around = Circumstances {
            policy: &policy,
            offer: &offer,
            country: &self.customer.1,
            partner: &self.partner,
            reseller: reseller.as_ref(),
            open: open.lock(),
            steps: &steps_of(tx.read(), &self.sandbox, found.id).await?,
        };
        let amendment = decide(&found, &wanted, &around, at)?;
        self.carry_out(tx, (found, open), amendment, at).await
    }
}

impl Replayable for AmendSubscription {
    fn keep(made: &Amended) -> String {
        match made {
            Amended::Done => "done",
            Amended::Waits => "waits",
        }
        .to_owned()
    }

    async fn recall(&self, tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<Amended, Failure> {
        let open = open_operation(tx.read(), &self.sandbox, self.subscription).await?;
        Ok(if kept == "waits" && open.is_some() { Amended::Waits } else { Amended::Done })
    }
}

impl AmendSubscription {
    async fn carry_out(
        &self,
        tx: &mut Tx,
        (found, open): (Subscription, operate::Open),
        Amendment { change, then }: Amendment,
        at: Timestamp,
    ) -> Result<Amended, Failure> {
        let mut ids = self.ids.ids();
        let sandbox = &self.sandbox;
        match (change, then) {
            (Some(change), Then::Tell(action)) => {
                let what = (action, OperationSource::Azure);
                operate::change_and_tell(tx, sandbox, &change, what, (&mut ids, at)).await?;
                Ok(Amended::Done)
            }
            (change, Then::Done | Then::Tell(_)) => {
                if let Some(change) = change {
                    save(tx, sandbox, &change, &mut ids, at).await?;
                }
                Ok(Amended::Done)
            }
            (change, Then::Ask(action, target)) => {
                let mut now = found;
                if let Some(change) = change {
                    save(tx, sandbox, &change, &mut ids, at).await?;
                    now = change.subscription;
                }
                operate::make_way(tx, sandbox, (&now, open), (&mut ids, at)).await?;
                self.ask(tx, &now, (action, target), (&mut ids, at)).await?;
                Ok(Amended::Waits)
            }
        }
    }

    async fn ask(
        &self,
        tx: &mut Tx,
        now: &Subscription,
        (action, target): (OperationAction, Target),
        (ids, at): (&mut Ids, Timestamp),
    ) -> Result<(), Failure> {
        let operation = Operation {
            id: ids.operation(),
            subscription_id: now.id,
            action,
            source: OperationSource::Azure,
            target,
            created_at: at,
            state: OperationState::InProgress { acknowledged_at: None },
        };
        operate::start(tx, &self.sandbox, &operation, Some(now)).await
    }
}

fn refused(refusal: PartnerRefusal) -> Refusal {
    refusal.into()
}
