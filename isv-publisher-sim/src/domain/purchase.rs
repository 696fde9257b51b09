//! What was bought, and where the marketplace says it stands. Called by `Account` and the landing page.

use shared::ids::PublisherId;

/// What was bought, by whom and for whom, as the marketplace told it at the last visit.
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
    /// Who uses it.
    pub beneficiary: String,
    /// How to reach them.
    pub beneficiary_email: String,
    /// Who bought it; the same as the beneficiary when no partner did.
    pub purchaser: String,
    /// How to reach them.
    pub purchaser_email: String,
}

impl Purchase {
    /// How many people must hold a license for the first key: 1 for a plan without seats.
    #[must_use]
    pub fn required(&self) -> i64 {
        self.quantity.unwrap_or(1)
    }
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
