//! Where a subscription stands, and the table of what may happen to it (fulfillment.md 2.1). Called by
//! [`super::Subscription`] only.

use jiff::Timestamp;

use super::super::refusal::Refusal;

/// The fulfillment status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Bought, not activated.
    PendingFulfillmentStart,
    /// Activated.
    Subscribed,
    /// Payment failed.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// Ended for good.
    Unsubscribed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

/// Why a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The customer, or the partner for it, canceled.
    Canceled,
    /// The publisher canceled.
    CanceledByPublisher,
    /// Nobody finished the purchase in time.
    PendingLimit,
    /// Suspended for 30 days.
    SuspendedLimit,
    /// The term was over and it does not renew.
    TermEnd,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Canceled,
        Self::CanceledByPublisher,
        Self::PendingLimit,
        Self::SuspendedLimit,
        Self::TermEnd,
    ];

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::CanceledByPublisher => "canceledByPublisher",
            Self::PendingLimit => "pendingLimit",
            Self::SuspendedLimit => "suspendedLimit",
            Self::TermEnd => "termEnd",
        }
    }
}

/// What may happen to a subscription. The numbers are the rows of fulfillment.md 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The publisher confirms fulfillment (S3).
    Activate,
    /// Thirty days are over with a key missing (S4).
    PendingLimit,
    /// The customer cancels (S5, S12, S16).
    Cancel,
    /// The publisher cancels (S6).
    Delete,
    /// Another plan or quantity is asked for (S7, S8).
    AskChange,
    /// The marketplace suspends (S9).
    Suspend,
    /// The payment that is due fails (S9).
    FailPayment,
    /// The payment of the next renewal will fail (S15).
    FailNextPayment,
    /// The reason of the suspension is gone (S10).
    AskReinstate,
    /// The reinstatement is decided (S10).
    Reinstate,
    /// Thirty days in suspension are over (S11).
    SuspendedLimit,
    /// The term is over and a new one is paid (S13).
    Renew,
    /// The term is over and it does not renew (S14).
    Expire,
    /// The term is over and the payment fails (S15).
    FailRenewal,
}

impl Happening {
    /// All of them.
    #[cfg(test)]
    const ALL: [Self; 14] = [
        Self::Activate,
        Self::PendingLimit,
        Self::Cancel,
        Self::Delete,
        Self::AskChange,
        Self::Suspend,
        Self::FailPayment,
        Self::FailNextPayment,
        Self::AskReinstate,
        Self::Reinstate,
        Self::SuspendedLimit,
        Self::Renew,
        Self::Expire,
        Self::FailRenewal,
    ];

    /// What the person who asked for it calls it.
    fn asked(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Cancel | Self::Delete => "unsubscribe",
            Self::AskChange => "a change of plan or quantity",
            Self::Suspend => "suspend",
            Self::FailPayment | Self::FailNextPayment => "failPayment",
            Self::AskReinstate | Self::Reinstate => "reinstate",
            Self::Renew => "renew",
            Self::PendingLimit | Self::SuspendedLimit | Self::Expire | Self::FailRenewal => {
                "a time limit"
            }
        }
    }
}

impl Status {
    /// Its name on the fulfillment face and in the database.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::PendingFulfillmentStart => "PendingFulfillmentStart",
            Self::Subscribed => "Subscribed",
            Self::Suspended { .. } => "Suspended",
            Self::Unsubscribed { .. } => "Unsubscribed",
        }
    }

    /// The table of fulfillment.md 2.1: the next status, or why not.
    pub fn on(self, happening: Happening, at: Timestamp) -> Result<Self, Refusal> {
        use Happening as H;
        use Status::{PendingFulfillmentStart as P, Subscribed as S, Suspended, Unsubscribed};
        let ended = |reason| Unsubscribed { at, reason };
        Ok(match (self, happening) {
            (P, H::Activate) => S,
            (S, H::Activate) => return Err(Refusal::AlreadyActivated),
            (Suspended { .. }, H::Activate) => return Err(Refusal::Suspended),
            (Unsubscribed { .. }, H::Activate | H::Delete) => return Err(Refusal::Ended),

            (P | S | Suspended { .. }, H::PendingLimit) => ended(EndReason::PendingLimit),
            (P | S | Suspended { .. }, H::Cancel) => ended(EndReason::Canceled),
            (P | S | Suspended { .. }, H::Delete) => ended(EndReason::CanceledByPublisher),

            (S, H::AskChange | H::FailNextPayment | H::Renew) => S,
            (P | Suspended { .. } | Unsubscribed { .. }, H::AskChange) => {
                return Err(Refusal::NotActive);
            }
            (S, H::Suspend | H::FailPayment | H::FailRenewal) => Suspended { since: at },
            (S, H::Expire) => ended(EndReason::TermEnd),

            (Suspended { since }, H::AskReinstate) => Suspended { since },
            (Suspended { .. }, H::Reinstate) => S,
            (Suspended { .. }, H::SuspendedLimit) => ended(EndReason::SuspendedLimit),

            (state, happening) => return Err(state.refuse(happening)),
        })
    }

    /// What a customer, a partner or the marketplace may do in this state, by the names of the control API.
    #[must_use]
    pub fn allowed_actions(&self) -> &'static [&'static str] {
        match self {
            Self::PendingFulfillmentStart => &["unsubscribe"],
            Self::Subscribed => {
                &["changePlan", "changeQuantity", "suspend", "renew", "unsubscribe", "failPayment"]
            }
            Self::Suspended { .. } => &["reinstate", "unsubscribe"],
            Self::Unsubscribed { .. } => &[],
        }
    }

    fn refuse(&self, happening: Happening) -> Refusal {
        Refusal::WrongState {
            action: happening.asked(),
            state: self.name(),
            allowed: self.allowed_actions().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Rows: [`Happening::ALL`]. Columns: Pending, Subscribed, Suspended, Unsubscribed. `-`: refused.
    #[test]
    fn every_pair_of_status_and_happening() {
        let table = [
            (Happening::Activate, "S---"),
            (Happening::PendingLimit, "UUU-"),
            (Happening::Cancel, "UUU-"),
            (Happening::Delete, "UUU-"),
            (Happening::AskChange, "-S--"),
            (Happening::Suspend, "-X--"),
            (Happening::FailPayment, "-X--"),
            (Happening::FailNextPayment, "-S--"),
            (Happening::AskReinstate, "--X-"),
            (Happening::Reinstate, "--S-"),
            (Happening::SuspendedLimit, "--U-"),
            (Happening::Renew, "-S--"),
            (Happening::Expire, "-U--"),
            (Happening::FailRenewal, "-X--"),
        ];
        assert_eq!(table.map(|(happening, _)| happening), Happening::ALL);
        let states = [
            Status::PendingFulfillmentStart,
            Status::Subscribed,
            Status::Suspended { since: at(1) },
            Status::Unsubscribed { at: at(1), reason: EndReason::Canceled },
        ];
        for (happening, row) in table {
            for (state, expected) in states.into_iter().zip(row.chars()) {
                let next = state.on(happening, at(9));
                let letter = match next {
                    Err(_) => '-',
                    Ok(Status::PendingFulfillmentStart) => 'P',
                    Ok(Status::Subscribed) => 'S',
                    Ok(Status::Suspended { .. }) => 'X',
                    Ok(Status::Unsubscribed { .. }) => 'U',
                };
                assert_eq!(letter, expected, "{state:?} + {happening:?}");
            }
        }
    }

    #[test]
    fn a_status_knows_since_when_and_why() {
        let suspended = Status::Subscribed.on(Happening::Suspend, at(5)).unwrap();
        assert_eq!(suspended, Status::Suspended { since: at(5) });
        assert_eq!(suspended.on(Happening::AskReinstate, at(6)), Ok(suspended));
        for (happening, reason) in [
            (Happening::Cancel, EndReason::Canceled),
            (Happening::Delete, EndReason::CanceledByPublisher),
            (Happening::SuspendedLimit, EndReason::SuspendedLimit),
        ] {
            let ended = suspended.on(happening, at(7)).unwrap();
            assert_eq!(ended, Status::Unsubscribed { at: at(7), reason });
        }
        let expired = Status::Subscribed.on(Happening::Expire, at(7)).unwrap();
        assert_eq!(expired, Status::Unsubscribed { at: at(7), reason: EndReason::TermEnd });
    }
}
