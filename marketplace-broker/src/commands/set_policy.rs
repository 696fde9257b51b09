//! A sandbox gets another profile, or another value of one quirk. Called by `http/rehearsal/quirks`.

use jiff::Timestamp;
use shared::ids::SandboxId;

use super::record;
use crate::{
    domain::{
        event::Event,
        policy::{self, Policy, Profile},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, lock_policy, save_policy},
};

/// Sets a quirk beside the profile, or gives it back to the profile.
pub struct SetQuirk {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The quirk's id, as it was sent.
    pub id: String,
    /// The value's name, or why it could not be read; `None`: the profile's. Refused after the id.
    pub value: Result<Option<String>, Refusal>,
}

impl Command for SetQuirk {
    /// The row, and the policy after it.
    type Output = (&'static policy::Row, Policy);
    const NAME: &'static str = "setQuirk";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Self::Output, Failure> {
        let row = policy::find(&self.id).ok_or_else(|| Refusal::unknown("Quirk", &self.id))?;
        let value = self.value.clone()?;
        let before = lock_policy(tx, &self.sandbox).await?;
        let changed = before.with(row, value.as_deref())?;
        if changed == before {
            return Ok((row, before)); // repeating it changes nothing
        }
        save_policy(tx, &self.sandbox, changed).await?;
        let (choice, set) = changed.choice(row);
        let event = Event::QuirkSet { id: row.id, value: choice.name, set };
        record(tx, &self.sandbox, at, None, &event);
        Ok((row, changed))
    }
}

/// Gives a sandbox another profile; quirks that were set stay set.
pub struct SetProfile {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The profile.
    pub profile: Profile,
}

impl Command for SetProfile {
    /// The policy after it.
    type Output = Policy;
    const NAME: &'static str = "setProfile";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Policy, Failure> {
        let before = lock_policy(tx, &self.sandbox).await?;
        let changed = before.with_profile(self.profile);
        if changed != before {
            save_policy(tx, &self.sandbox, changed).await?;
            let event = Event::ProfileSet { profile: self.profile };
            record(tx, &self.sandbox, at, None, &event);
        }
        Ok(changed)
    }
}
