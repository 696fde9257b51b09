//! What was bought, and where the marketplace says it stands. Called by `Account`, the landing page and whoever reads
//! a subscription again.

use jiff::Timestamp;
use shared::ids::PublisherId;

use super::UserId;

/// What was bought, by whom and for whom, as the marketplace told it at the last visit or webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Whose offer it is.
    pub publisher: PublisherId,
    /// That publisher's name.
    pub publisher_name: String,
    /// The offer's name.
    pub offer: String,
    /// The plan's name.
    pub plan: String,
    /// The name the buyer gave the subscription.
    pub name: String,
    /// Licenses bought; `None` for a plan without seats.
    pub quantity: Option<i64>,
    /// `P1M`, `P1Y`, …
    pub term_unit: String,
    /// Whether the plan meters anything.
    pub metered: bool,
    /// The present term; `None` before activation.
    pub term: Option<Term>,
    /// Who uses it.
    pub beneficiary: String,
    /// How to reach them.
    pub beneficiary_email: String,
    /// Which user that is.
    pub beneficiary_user: UserId,
    /// Who bought it; the same as the beneficiary when no partner did.
    pub purchaser: String,
    /// How to reach them.
    pub purchaser_email: String,
    /// Which user that is.
    pub purchaser_user: UserId,
}

impl Purchase {
    /// How many people must hold a license for the first key: 1 for a plan without seats.
    #[must_use]
    pub fn required(&self) -> i64 {
        self.quantity.unwrap_or(1)
    }
}

/// A term: midnight UTC of its first and of its last day, sandbox time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// First day.
    pub start: Timestamp,
    /// Last day, inclusive.
    pub end: Timestamp,
}

/// A subscription as the marketplace's API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was bought, as it is now.
    pub purchase: Purchase,
    /// Where it stands.
    pub standing: Standing,
    /// When it was looked at, sandbox time.
    pub at: Timestamp,
}

/// Where the marketplace says the subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Bought, not activated.
    PendingFulfillmentStart,
    /// Activated.
    Subscribed,
    /// Payment failed.
    Suspended,
    /// Ended for good.
    Unsubscribed,
}
