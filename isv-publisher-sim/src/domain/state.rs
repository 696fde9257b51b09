//! How far an account has come, as an enum whose variants hold what only they can have. Called by `Account`.

use jiff::Timestamp;

use super::Information;

/// The form and when it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The form.
    pub information: Information,
    /// Sandbox time.
    pub at: Timestamp,
    /// Which form this is, from 1.
    pub revision: i64,
}

/// The two confirmations, as far as the marketplace has accepted them; sandbox time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keys {
    /// The first key.
    pub licenses_assigned_at: Option<Timestamp>,
    /// The second key.
    pub fulfillment_confirmed_at: Option<Timestamp>,
}

/// How far an account has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The page was opened; the form has not arrived.
    AwaitingInformation {
        /// A subscription activated elsewhere may have its second key.
        keys: Keys,
    },
    /// The form is here; the publisher's two steps are open, in either order.
    SettingUp {
        /// The form.
        submitted: Submitted,
        /// At most one of them.
        keys: Keys,
    },
    /// Both keys are in.
    Billing {
        /// The form, if it ever arrived.
        submitted: Option<Submitted>,
        /// The first key.
        licenses_assigned_at: Timestamp,
        /// The second key.
        fulfillment_confirmed_at: Timestamp,
    },
    /// The subscription has ended.
    Ended {
        /// The form, if it ever arrived.
        submitted: Option<Submitted>,
        /// What was in at the end.
        keys: Keys,
    },
}

impl State {
    /// The state of a subscription that has not ended, from what is known.
    #[must_use]
    pub fn of(submitted: Option<Submitted>, keys: Keys) -> Self {
        match (submitted, keys.licenses_assigned_at, keys.fulfillment_confirmed_at) {
            (submitted, Some(licenses_assigned_at), Some(fulfillment_confirmed_at)) => {
                Self::Billing { submitted, licenses_assigned_at, fulfillment_confirmed_at }
            }
            (Some(submitted), ..) => Self::SettingUp { submitted, keys },
            (None, ..) => Self::AwaitingInformation { keys },
        }
    }
}
