//! What this publisher reports of a setup, and the pages of an account that a visitor can want. Called by the landing
//! page, the pages behind the sign-in, the commands and the outbox.

use shared::ids::{PublisherId, SandboxId, StepId, SubscriptionId};

use super::UserId;

/// What is reported of a setup: written when the form arrives first, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Who sent the form.
    pub by: UserId,
    /// What that person signs in as; may be empty.
    pub username: String,
    /// Where the customer signs in from then on.
    pub sign_in_url: String,
}

/// A page that a visitor wanted when it was sent to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The landing page.
    Landing,
    /// The page of an account.
    Account(SubscriptionId),
    /// The page of a step.
    Step(SubscriptionId, StepId),
}

impl Place {
    /// Its path.
    #[must_use]
    pub fn path(&self, sandbox: &SandboxId, publisher: &PublisherId) -> String {
        let base = format!("/s/{sandbox}/{publisher}");
        match self {
            Self::Landing => format!("{base}/landing"),
            Self::Account(id) => format!("{base}/accounts/{id}"),
            Self::Step(id, step) => format!("{base}/accounts/{id}/steps/{step}"),
        }
    }
}
