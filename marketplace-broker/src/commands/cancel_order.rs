//! A partner cancels an order, which only an integration sandbox allows: what it bought ends (partner-center.md 3.5). In
//! production a purchase of SaaS is canceled through its subscription. Called by `http/partner_center/orders`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::{
    fulfillment::BlockedChange,
    ids::{CustomerId, OrderId, SandboxId},
};

use super::{IdSeed, operate, require_subscription};
use crate::{
    domain::{
        operation::{OperationAction, OperationSource},
        order::OrderStatus,
        partner_refusal::PartnerRefusal,
        party::{AccountKind, Partner},
        refusal::Refusal,
        subscription::Status,
    },
    store::{Command, Failure, Tx, find_order, steps_of, subscriptions_of_order},
};

/// Cancels an order.
pub struct CancelOrder {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who ordered.
    pub partner: Arc<Partner>,
    /// For whom.
    pub customer: CustomerId,
    /// The order.
    pub order: OrderId,
    /// What operations and timers are named from.
    pub ids: IdSeed,
}

impl Command for CancelOrder {
    type Output = ();
    const NAME: &'static str = "cancelOrder";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let order = find_order(tx.read(), &self.sandbox, self.customer, &self.order).await?;
        let unknown = || Refusal::from(PartnerRefusal::NoOrder(self.order.to_string()));
        let order = order.ok_or_else(unknown)?;
        if self.partner.account_kind != AccountKind::IntegrationSandbox {
            return Err(Refusal::from(PartnerRefusal::NotThroughOrder).into());
        }
        let bought = subscriptions_of_order(tx.read(), &self.sandbox, &order.id).await?;
        if OrderStatus::of(&bought) == OrderStatus::Cancelled {
            return Err(Refusal::from(PartnerRefusal::OrderEnded).into());
        }
        let mut changes = Vec::with_capacity(bought.len());
        for one in &bought {
            let found = require_subscription(tx, &self.sandbox, one.id).await?;
            if !matches!(found.status, Status::Unsubscribed { .. }) {
                steps_of(tx.read(), &self.sandbox, found.id).await?.may(BlockedChange::Cancel)?;
                changes.push(found.cancel(OperationSource::Azure, at)?);
            }
        }
        let mut ids = self.ids.ids();
        for change in changes {
            let what = (OperationAction::Unsubscribe, OperationSource::Azure);
            operate::change_and_tell(tx, &self.sandbox, &change, what, (&mut ids, at)).await?;
        }
        Ok(())
    }
}
