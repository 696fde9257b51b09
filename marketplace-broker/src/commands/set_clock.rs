//! A sandbox's clock is frozen or resumed. Called by `http/rehearsal/clock`.

use jiff::Timestamp;
use shared::ids::SandboxId;

use super::record;
use crate::{
    domain::{event::Event, sandbox::ClockMove},
    store::{Command, Failure, Tx, lock_clock, save_clock},
};

/// Freezes a clock or lets it run on.
pub struct SetClock {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whether it stands from now on.
    pub frozen: bool,
}

impl Command for SetClock {
    type Output = ();
    const NAME: &'static str = "setClock";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let clock = lock_clock(tx, &self.sandbox).await?;
        if clock.is_frozen() == self.frozen {
            return Ok(()); // repeating it changes nothing
        }
        let real = tx.real_now();
        let (moved, how) = if self.frozen {
            (clock.frozen(real), ClockMove::Freeze)
        } else {
            (clock.resumed(real), ClockMove::Resume)
        };
        save_clock(tx, &self.sandbox, moved).await?;
        record(tx, &self.sandbox, at, None, &Event::ClockMoved { how, from: at });
        Ok(())
    }
}
