//! A fresh activation link for a subscription; older ones go on resolving until they expire (fulfillment.md 1.2).
//! Called by `http/rehearsal/activation_links`.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};

use super::{
    purchase::{Linked, link},
    record, require_subscription,
};
use crate::{
    domain::{event::Event, refusal::Refusal, subscription::Status},
    store::{Command, Failure, Tx},
};

/// Makes a fresh link.
pub struct IssueActivationLink {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// For which subscription.
    pub subscription: SubscriptionId,
    /// What the token's nonce is drawn from.
    pub seed: [u8; 32],
    /// Base of the bundled publisher.
    pub bundled_publisher: Option<String>,
}

impl Command for IssueActivationLink {
    type Output = Linked;
    const NAME: &'static str = "issueActivationLink";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Linked, Failure> {
        let found = require_subscription(tx, &self.sandbox, self.subscription).await?;
        if let Status::Unsubscribed { .. } = found.status {
            let state = found.status.name();
            return Err(Refusal::WrongState {
                action: "activationLink",
                state,
                allowed: Vec::new(),
            }
            .into());
        }
        let drawn = (&self.seed, self.bundled_publisher.as_deref());
        let linked = link(tx, &self.sandbox, found, at, drawn).await?;
        let event = Event::ActivationLinkIssued { token: linked.token.fingerprint() };
        record(tx, &self.sandbox, at, Some(self.subscription), &event);
        Ok(linked)
    }
}
