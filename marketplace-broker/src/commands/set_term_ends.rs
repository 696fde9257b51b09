//! Subscriptions that were billing before terms could end get their renewal timers. Called at start-up, before the
//! broker serves; finds nothing on every start but the first after that migration.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};

use super::{IdSeed, operate};
use crate::{
    domain::{subscription::Status, timer::TimerKind},
    store::{Command, Failure, Tx, lock_subscription, save_subscription},
};

/// Sets the timers of a page of subscriptions.
pub struct SetTermEnds {
    /// Which.
    pub subscriptions: Vec<(SandboxId, SubscriptionId)>,
    /// What timers are named from.
    pub ids: IdSeed,
}

impl Command for SetTermEnds {
    type Output = ();
    const NAME: &'static str = "setTermEnds";

    fn sandbox(&self) -> Option<&SandboxId> {
        None
    }

    async fn run(&self, tx: &mut Tx, _at: Timestamp) -> Result<(), Failure> {
        let mut ids = self.ids.ids();
        for (sandbox, id) in &self.subscriptions {
            let Some(found) = lock_subscription(tx, sandbox, *id).await? else { continue };
            save_subscription(tx, sandbox, &found).await?; // writes the term's end
            if let (Some(at), false) =
                (found.term_end(), matches!(found.status, Status::Unsubscribed { .. }))
            {
                tx.void_timers(sandbox, *id, TimerKind::TermEnd);
                operate::set_timer(tx, sandbox, &found, (TimerKind::TermEnd, at), &mut ids);
            }
        }
        Ok(())
    }
}
