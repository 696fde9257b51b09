//! Why the marketplace refuses. A refusal knows its reason and nothing of HTTP; each face turns it into its own wire
//! error (`http/*/problem.rs`).

use std::borrow::Cow;

use shared::ids::OperationId;

use super::partner_refusal::PartnerRefusal;

/// A change or a question that the rules do not allow. `Display` says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such thing here; `what` names the kind, `id` what was asked for.
    #[error("{what} {id} not found")]
    Unknown {
        /// The kind: `Subscription`, `Sandbox`, …
        what: &'static str,
        /// As it was sent, shortened.
        id: String,
    },
    /// The thing belongs to another publisher.
    #[error("the subscription belongs to an offer of another publisher")]
    NotYours,
    /// A field of the request breaks a rule.
    #[error("{field}: {reason}")]
    Field {
        /// Its wire name; dots lead inside.
        field: Cow<'static, str>,
        /// What is wrong and what to enter.
        reason: String,
    },
    /// A field has a value that is none of those there are.
    #[error("{reason}")]
    BadValue {
        /// Its wire name.
        field: &'static str,
        /// What to send.
        reason: &'static str,
    },
    /// The body is longer than the limit, or did not arrive whole.
    #[error("the body is longer than 1 MiB or did not arrive whole")]
    TooLong,
    /// `activate` on a subscription that is active already (C21).
    #[error("the subscription is already Subscribed: it was activated before")]
    AlreadyActivated,
    /// The operation was started by the publisher itself, whose PATCH breaks the real service (fulfillment.md Q12).
    #[error("the operation was started by the publisher itself: a PATCH of it breaks the service")]
    OwnOperation,
    /// The subscription is suspended (C19).
    #[error("the subscription is Suspended; it must be reinstated first")]
    Suspended,
    /// The subscription has ended for good (C20, S17 of fulfillment.md 2.1).
    #[error("the subscription is Unsubscribed; that is final")]
    Ended,
    /// The state does not allow it; `allowed` are the actions it does allow.
    #[error(
        "{action} is not possible while the subscription is {state}; allowed: {}",
        list(allowed)
    )]
    WrongState {
        /// What was asked for.
        action: &'static str,
        /// The state.
        state: &'static str,
        /// What is possible instead.
        allowed: Vec<&'static str>,
    },
    /// An operation is open: one at a time (fulfillment.md 2.1, F8).
    #[error(
        "the subscription is locked by its open operation {action} {id}; wait until it ends; allowed: {}",
        list(allowed)
    )]
    OperationOpen {
        /// What it does.
        action: &'static str,
        /// Which.
        id: OperationId,
        /// What is possible nevertheless.
        allowed: Vec<&'static str>,
    },
    /// A PATCH of an operation that has ended (C46).
    #[error("the operation has ended already; its status is final")]
    OperationEnded,
    /// A change of plan or quantity on a subscription that is not Subscribed (C38).
    #[error("Subscription is not active: plan and quantity change only while it is Subscribed")]
    NotActive,
    /// What the beneficiary may not do, the publisher may not do for it (C39).
    #[error(
        "{operation} is not in allowedCustomerOperations of this subscription: it was sold by a partner, who makes \
         such changes"
    )]
    NotAllowed {
        /// `Update` or `Delete`.
        operation: &'static str,
    },
    /// The plan is not in the offer, or not for this buyer (C37).
    #[error("Request Plan is NOT in Catalog. The plans of this offer for this buyer are: {0}")]
    NotInCatalog(String),
    /// Nothing is asked for.
    #[error("The request content is null: send planId or quantity")]
    NothingAsked,
    /// What is asked for cannot be.
    #[error("{reason}")]
    Impossible {
        /// The wire name of what is asked for.
        field: &'static str,
        /// What is wrong and what to ask for.
        reason: String,
    },
    /// The state allows it in general, but not here and now.
    #[error("{reason}; allowed: {}", list(allowed))]
    NotNow {
        /// Why.
        reason: &'static str,
        /// What is possible instead.
        allowed: Vec<&'static str>,
    },
    /// The thing exists already.
    #[error("{what} {id} exists already")]
    Exists {
        /// The kind.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Something must be set up first.
    #[error("{0}")]
    NotReady(String),
    /// A limit of the installation is reached.
    #[error("{0}")]
    Limit(String),
    /// On the partner face.
    #[error(transparent)]
    Partner(#[from] PartnerRefusal),
}

impl Refusal {
    /// A field that breaks a rule.
    pub fn field(field: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self::Field { field: field.into(), reason: reason.into() }
    }

    /// The same refusal, telling what is possible instead.
    #[must_use]
    pub fn allowing(mut self, possible: Vec<&'static str>) -> Self {
        if let Self::WrongState { allowed, .. }
        | Self::OperationOpen { allowed, .. }
        | Self::NotNow { allowed, .. } = &mut self
        {
            *allowed = possible;
        }
        self
    }

    /// What is asked for in `field` cannot be.
    pub fn impossible(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Impossible { field, reason: reason.into() }
    }

    /// Nothing of that kind has this id.
    pub fn unknown(what: &'static str, id: impl ToString) -> Self {
        Self::Unknown { what, id: id.to_string().chars().take(60).collect() }
    }
}

fn list(allowed: &[&str]) -> String {
    if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") }
}
