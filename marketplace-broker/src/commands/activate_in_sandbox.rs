//! A partner of an integration sandbox activates what it has bought: the marketplace turns both keys, and no publisher is
//! asked (partner-center.md 3.7, P26). Called by `http/partner_center/activate`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId, SubscriptionId};

use super::{IdSeed, save};
use crate::{
    domain::{
        partner_refusal::PartnerRefusal,
        party::{AccountKind, Partner},
        refusal::Refusal,
        subscription::Status,
    },
    store::{Command, Failure, Tx, lock_subscription},
};

/// Activates a subscription.
pub struct ActivateInSandbox {
    /// The sandbox (of the rehearsal).
    pub sandbox: SandboxId,
    /// Who bought.
    pub partner: Arc<Partner>,
    /// For whom.
    pub customer: CustomerId,
    /// What.
    pub subscription: SubscriptionId,
    /// What timers are named from.
    pub ids: IdSeed,
}

impl Command for ActivateInSandbox {
    type Output = ();
    const NAME: &'static str = "activateInSandbox";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let found = lock_subscription(tx, &self.sandbox, self.subscription).await?;
        let found = found.filter(|found| found.customer_id == self.customer);
        let unknown =
            || Refusal::from(PartnerRefusal::NoSubscription(self.subscription.to_string()));
        let found = found.ok_or_else(unknown)?;
        if self.partner.account_kind != AccountKind::IntegrationSandbox {
            return Err(Refusal::from(PartnerRefusal::NotInProduction).into());
        }
        match found.status {
            Status::PendingFulfillmentStart => {}
            Status::Subscribed => return Err(Refusal::from(PartnerRefusal::ActivatedBefore).into()),
            Status::Suspended { .. } => return Err(Refusal::Suspended.into()),
            Status::Unsubscribed { .. } => {
                return Err(Refusal::from(PartnerRefusal::Deleted).into());
            }
        }
        let change = found.activate_by_itself(at)?;
        save(tx, &self.sandbox, &change, &mut self.ids.ids(), at).await
    }
}
