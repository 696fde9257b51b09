//! What happened, in words of the domain. Written to the journal in the transaction that made it happen.

use jiff::Timestamp;

use super::{
    billing::Charge, operation::OperationSource, sandbox::ClockMove, subscription::EndReason,
};

/// One thing that happened to a subscription or a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A subscription was bought.
    Purchased {
        /// The token of its first activation link, as `tok_…`.
        token: String,
    },
    /// A fresh activation link was made.
    ActivationLinkIssued {
        /// Its token, as `tok_…`.
        token: String,
    },
    /// The assigned set was replaced.
    LicensesReplaced {
        /// People in it.
        assigned: i64,
        /// Licenses bought.
        required: i64,
    },
    /// The first key is in.
    LicensesAssigned,
    /// The set became incomplete before billing: the first key is out again.
    LicensesWithdrawn,
    /// The second key is in.
    FulfillmentConfirmed,
    /// Both keys are in.
    BillingStarted,
    /// A charge line was made.
    Charged(Charge),
    /// The subscription ended.
    Unsubscribed {
        /// Why.
        reason: EndReason,
        /// Who asked.
        source: OperationSource,
    },
    /// The sandbox's clock was moved, frozen or resumed.
    ClockMoved {
        /// How.
        how: ClockMove,
        /// Where it stood before.
        from: Timestamp,
    },
    /// A sandbox was made.
    SandboxCreated,
    /// A publisher's settings were changed.
    PublisherConfigured,
    /// A new key signs purchase tokens.
    TokenKeyRotated {
        /// Its name.
        key_id: String,
    },
}

impl Event {
    /// Its name in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Purchased { .. } => "purchased",
            Self::ActivationLinkIssued { .. } => "activationLinkIssued",
            Self::LicensesReplaced { .. } => "licensesReplaced",
            Self::LicensesAssigned => "licensesAssigned",
            Self::LicensesWithdrawn => "licensesWithdrawn",
            Self::FulfillmentConfirmed => "fulfillmentConfirmed",
            Self::BillingStarted => "billingStarted",
            Self::Charged(_) => "charged",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::ClockMoved { .. } => "clockMoved",
            Self::SandboxCreated => "sandboxCreated",
            Self::PublisherConfigured => "publisherConfigured",
            Self::TokenKeyRotated { .. } => "tokenKeyRotated",
        }
    }
}
