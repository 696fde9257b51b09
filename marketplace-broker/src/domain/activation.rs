//! The gate: billing starts only when both confirmations are in, licenses assigned (S27) and fulfillment confirmed
//! (S28), in whichever order, never one alone, never twice (architecture.md, 'The gate, exactly').
//! Called by [`super::subscription`] only.

use jiff::Timestamp;

/// The two keys of a purchase. The four rows of the truth table are the four variants, so a gate that bills
/// without both keys cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Neither key is in.
    Shut,
    /// The assigned set is complete; fulfillment is not confirmed.
    LicensesAssigned {
        /// When the set was first complete.
        at: Timestamp,
    },
    /// `activate` was accepted; the assigned set is not complete.
    FulfillmentConfirmed {
        /// When `activate` was accepted.
        at: Timestamp,
    },
    /// Both are in: billing has started, at the later of the two.
    Billing {
        /// The first key.
        licenses_assigned_at: Timestamp,
        /// The second key.
        fulfillment_confirmed_at: Timestamp,
    },
}

/// A confirmation that billing waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Licenses assigned, by `licenseAssignments`.
    LicensesAssigned,
    /// Fulfillment confirmed, by `activate`.
    FulfillmentConfirmed,
}

impl Gate {
    /// The assigned set was replaced; `complete` tells whether it holds as many people as licenses were bought.
    /// Before billing starts an incomplete set withdraws the key; afterwards nothing moves.
    #[must_use]
    pub fn licenses(self, complete: bool, at: Timestamp) -> Self {
        match (self, complete) {
            (Self::Shut, true) => Self::LicensesAssigned { at },
            (Self::LicensesAssigned { .. }, false) => Self::Shut,
            (Self::FulfillmentConfirmed { at: confirmed_at }, true) => {
                Self::Billing { licenses_assigned_at: at, fulfillment_confirmed_at: confirmed_at }
            }
            (Self::Shut | Self::FulfillmentConfirmed { .. }, false)
            | (Self::LicensesAssigned { .. }, true)
            | (Self::Billing { .. }, _) => self,
        }
    }

    /// `activate` was accepted.
    #[must_use]
    pub fn fulfillment(self, at: Timestamp) -> Self {
        match self {
            Self::Shut => Self::FulfillmentConfirmed { at },
            Self::LicensesAssigned { at: assigned_at } => {
                Self::Billing { licenses_assigned_at: assigned_at, fulfillment_confirmed_at: at }
            }
            Self::FulfillmentConfirmed { .. } | Self::Billing { .. } => self,
        }
    }

    /// The gate from its two stored instants.
    #[must_use]
    pub fn from_keys(licenses: Option<Timestamp>, fulfillment: Option<Timestamp>) -> Self {
        match (licenses, fulfillment) {
            (None, None) => Self::Shut,
            (Some(at), None) => Self::LicensesAssigned { at },
            (None, Some(at)) => Self::FulfillmentConfirmed { at },
            (Some(licenses_assigned_at), Some(fulfillment_confirmed_at)) => {
                Self::Billing { licenses_assigned_at, fulfillment_confirmed_at }
            }
        }
    }

    /// When licenses were assigned: the first key.
    #[must_use]
    pub fn licenses_assigned_at(&self) -> Option<Timestamp> {
        match *self {
            Self::LicensesAssigned { at } | Self::Billing { licenses_assigned_at: at, .. } => {
                Some(at)
            }
            Self::Shut | Self::FulfillmentConfirmed { .. } => None,
        }
    }

    /// When fulfillment was confirmed: the second key.
    #[must_use]
    pub fn fulfillment_confirmed_at(&self) -> Option<Timestamp> {
        match *self {
            Self::FulfillmentConfirmed { at }
            | Self::Billing { fulfillment_confirmed_at: at, .. } => Some(at),
            Self::Shut | Self::LicensesAssigned { .. } => None,
        }
    }

    /// When billing started: the later of the two keys, once both are in.
    #[must_use]
    pub fn billing_started_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Billing { licenses_assigned_at, fulfillment_confirmed_at } => {
                Some(licenses_assigned_at.max(fulfillment_confirmed_at))
            }
            Self::Shut | Self::LicensesAssigned { .. } | Self::FulfillmentConfirmed { .. } => None,
        }
    }

    /// What billing waits for. `waitingFor`, `attentionNeeded` and the portal's *Action Needed* all come from here.
    #[must_use]
    pub fn waiting_for(&self) -> &'static [Confirmation] {
        use Confirmation::{FulfillmentConfirmed, LicensesAssigned};
        match self {
            Self::Shut => &[LicensesAssigned, FulfillmentConfirmed],
            Self::LicensesAssigned { .. } => &[FulfillmentConfirmed],
            Self::FulfillmentConfirmed { .. } => &[LicensesAssigned],
            Self::Billing { .. } => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Every (state, event) pair: set complete, set incomplete, fulfillment confirmed, all at second 9.
    #[test]
    fn every_pair_of_gate_and_event() {
        let shut = Gate::Shut;
        let licenses = Gate::LicensesAssigned { at: at(1) };
        let fulfillment = Gate::FulfillmentConfirmed { at: at(2) };
        let billing =
            Gate::Billing { licenses_assigned_at: at(1), fulfillment_confirmed_at: at(2) };
        let both =
            |l, f| Gate::Billing { licenses_assigned_at: at(l), fulfillment_confirmed_at: at(f) };
        let table = [
            (
                shut,
                Gate::LicensesAssigned { at: at(9) },
                shut,
                Gate::FulfillmentConfirmed { at: at(9) },
            ),
            (licenses, licenses, shut, both(1, 9)),
            (fulfillment, both(9, 2), fulfillment, fulfillment),
            (billing, billing, billing, billing),
        ];
        for (gate, complete, incomplete, confirmed) in table {
            assert_eq!(gate.licenses(true, at(9)), complete, "{gate:?} + complete set");
            assert_eq!(gate.licenses(false, at(9)), incomplete, "{gate:?} + incomplete set");
            assert_eq!(gate.fulfillment(at(9)), confirmed, "{gate:?} + activate");
        }
    }

    #[test]
    fn the_four_rows_of_the_truth_table() {
        for (licenses, fulfillment, started, waiting) in [
            (None, None, None, 2),
            (Some(at(1)), None, None, 1),
            (None, Some(at(2)), None, 1),
            (Some(at(1)), Some(at(2)), Some(at(2)), 0),
            (Some(at(3)), Some(at(2)), Some(at(3)), 0),
        ] {
            let gate = Gate::from_keys(licenses, fulfillment);
            assert_eq!(gate.billing_started_at(), started);
            assert_eq!(gate.waiting_for().len(), waiting);
            assert_eq!(gate.licenses_assigned_at(), licenses);
            assert_eq!(gate.fulfillment_confirmed_at(), fulfillment);
        }
    }
}
