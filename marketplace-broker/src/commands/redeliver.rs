//! The operator sends a webhook again. Called by `http/rehearsal/deliveries`.

use jiff::Timestamp;
use shared::ids::{OperationId, SandboxId};

use super::require_subscription;
use crate::{
    domain::{
        delivery::{Delivery, DeliveryState},
        refusal::Refusal,
        timer::TimerKind,
    },
    store::{Command, Failure, Tx, find_delivery, resend_delivery},
};

/// Times a webhook may be sent again by one call.
pub const TIMES_MAX: i64 = 100;

/// Sends a webhook again: one that is over, or one that waits for its retry, which then is tried now.
pub struct Redeliver {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Which.
    pub delivery: OperationId,
    /// How often.
    pub times: i64,
}

impl Command for Redeliver {
    type Output = Delivery;
    const NAME: &'static str = "redeliver";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, _at: Timestamp) -> Result<Delivery, Failure> {
        if !(1..=TIMES_MAX).contains(&self.times) {
            return Err(Refusal::field("times", format!("send it 1 to {TIMES_MAX} times")).into());
        }
        let unknown = || Refusal::unknown("Delivery", self.delivery);
        let found = find_delivery(tx.read(), &self.sandbox, self.delivery).await?;
        let found = found.ok_or_else(unknown)?;
        // Locked before it is looked at again: what is sent right now may be over by then.
        require_subscription(tx, &self.sandbox, found.subscription_id).await?;
        let found = find_delivery(tx.read(), &self.sandbox, self.delivery).await?;
        let mut found = found.ok_or_else(unknown)?;
        let more = match found.state {
            DeliveryState::Behind => {
                let reason = "the webhook waits for an earlier one of its subscription; it leaves right after it";
                return Err(Refusal::NotReady(reason.to_owned()).into());
            }
            DeliveryState::Waiting { .. } => {
                tx.void_timers(&self.sandbox, found.subscription_id, TimerKind::Redelivery);
                self.times - 1 // its retry, now, is the first
            }
            DeliveryState::Ready | DeliveryState::Done(_) => self.times,
        };
        resend_delivery(tx, &self.sandbox, &found, more).await?;
        found.state = DeliveryState::Ready;
        found.resends += more;
        Ok(found)
    }
}
