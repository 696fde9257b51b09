//! The publisher assigns licenses: the first key (S27). Called by `http/fulfillment/license_assignments`.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId, SubscriptionId};

use super::{IdSeed, require_own_subscription, save};
use crate::{
    domain::{
        license::{LicenseSet, Person},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, replace_licenses},
};

/// Replaces the whole assigned set.
pub struct AssignLicenses {
    /// The caller's sandbox.
    pub sandbox: SandboxId,
    /// The caller.
    pub publisher: PublisherId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// What timers are named from.
    pub ids: IdSeed,
    /// The people, or why the body could not be read; refused after id and state.
    pub people: Result<Vec<Person>, Refusal>,
}

/// Where the assignment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Licenses bought.
    pub required: i64,
    /// People in the set.
    pub assigned: i64,
    /// When the first key was turned, if it is in.
    pub confirmed_at: Option<Timestamp>,
}

impl Command for AssignLicenses {
    type Output = Assigned;
    const NAME: &'static str = "assignLicenses";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Assigned, Failure> {
        let found =
            require_own_subscription(tx, &self.sandbox, &self.publisher, self.subscription).await?;
        found.may_assign(at)?;
        let set = LicenseSet::new(self.people.clone()?)?;
        let change = found.assign_licenses(set.len(), at)?;
        let people = serde_json::to_string(set.people())
            .map_err(|error| Failure::Inconsistent(error.to_string()))?;
        replace_licenses(tx, &self.sandbox, self.subscription, &people, at).await?;
        save(tx, &self.sandbox, &change, &mut self.ids.ids(), at).await?;
        Ok(Assigned {
            required: change.subscription.licenses_required(),
            assigned: change.subscription.licenses_assigned,
            confirmed_at: change.subscription.gate.licenses_assigned_at(),
        })
    }
}
