//! The webhooks of a sandbox are held back, or let go. Called by `http/rehearsal/deliveries`.

use jiff::Timestamp;
use shared::ids::SandboxId;

use super::record;
use crate::{
    domain::event::Event,
    store::{Command, Failure, Lane, Tx, hold_deliveries, lock_clock, publishers},
};

/// Holds back, or lets go. What is on its way already arrives.
pub struct HoldDeliveries {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whether they are held from now on.
    pub hold: bool,
}

impl Command for HoldDeliveries {
    type Output = ();
    const NAME: &'static str = "holdDeliveries";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        lock_clock(tx, &self.sandbox).await?;
        hold_deliveries(tx, &self.sandbox, self.hold.then_some(at)).await?;
        record(tx, &self.sandbox, at, None, &Event::DeliveriesHeld { held: self.hold });
        if !self.hold {
            for publisher in publishers(tx.read(), &self.sandbox).await? {
                tx.wake(Lane { sandbox: self.sandbox.clone(), publisher: publisher.id });
            }
        }
        Ok(())
    }
}
