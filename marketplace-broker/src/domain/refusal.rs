//! Why the marketplace refuses. A refusal knows its reason and nothing of HTTP; each face turns it into its own wire
//! error (`http/*/problem.rs`).

use std::borrow::Cow;

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
    /// The body is longer than the limit, or did not arrive whole.
    #[error("the body is longer than 1 MiB or did not arrive whole")]
    TooLong,
    /// `activate` on a subscription that is active already (C21).
    #[error("the subscription is already Subscribed: it was activated before")]
    AlreadyActivated,
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
        allowed: &'static [&'static str],
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
}

impl Refusal {
    /// A field that breaks a rule.
    pub fn field(field: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self::Field { field: field.into(), reason: reason.into() }
    }

    /// Nothing of that kind has this id.
    pub fn unknown(what: &'static str, id: impl ToString) -> Self {
        Self::Unknown { what, id: id.to_string().chars().take(60).collect() }
    }
}

fn list(allowed: &[&str]) -> String {
    if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") }
}
