//! A partner lets a customer of its integration sandbox go (partner-center.md 3.2). What was sold to it stays in the
//! books. Called by `http/partner_center/customers`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId};

use super::record;
use crate::{
    domain::{
        customer::may_remove, event::Event, partner_refusal::PartnerRefusal, party::Partner,
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, live_subscriptions, lock_customer, remove_customer},
};

/// Lets a customer go; whose it is was looked at.
pub struct RemoveCustomer {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who lets it go.
    pub partner: Arc<Partner>,
    /// Which.
    pub customer: CustomerId,
}

impl Command for RemoveCustomer {
    type Output = ();
    const NAME: &'static str = "removeCustomer";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        may_remove(&self.partner).map_err(Refusal::from)?;
        if lock_customer(tx, &self.sandbox, self.customer).await?.is_none() {
            let gone = PartnerRefusal::ForeignCustomer(self.customer.to_string());
            return Err(Refusal::from(gone).into());
        }
        let live = live_subscriptions(tx.read(), &self.sandbox, self.customer).await?;
        if live > 0 {
            return Err(Refusal::from(PartnerRefusal::CustomerHasSubscriptions(live)).into());
        }
        remove_customer(tx, &self.sandbox, self.customer, at).await?;
        record(tx, &self.sandbox, at, None, &Event::CustomerRemoved { id: self.customer });
        Ok(())
    }
}
