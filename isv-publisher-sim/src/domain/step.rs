//! What the publisher does that ends in a call to the marketplace: which it is, how far it got, when to try again.
//! Called by `Account`, the outbox and the console.

use jiff::SignedDuration;
use shared::ids::OperationId;

use super::Verdict;

/// A call about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The first key.
    LicenseAssignments,
    /// The second key.
    Activate,
    /// Who submitted the information, and where the customer signs in.
    Setup,
    /// What is to be done before a partner's changes.
    PublisherSteps,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::LicenseAssignments, Self::Activate, Self::Setup, Self::PublisherSteps];

    /// The name of the call, as journal and metrics know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LicenseAssignments => "licenseAssignments",
            Self::Activate => "activate",
            Self::Setup => "setup",
            Self::PublisherSteps => "publisherSteps",
        }
    }
}

/// A call about an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationCall {
    /// The publisher's own answer.
    Answer(Verdict),
    /// A look at it, until it is decided.
    Look,
}

impl OperationCall {
    /// All of them.
    pub const ALL: [Self; 3] =
        [Self::Answer(Verdict::Success), Self::Answer(Verdict::Failure), Self::Look];

    /// The name of the call, as outbox and metrics know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answer(Verdict::Success) => "acceptOperation",
            Self::Answer(Verdict::Failure) => "refuseOperation",
            Self::Look => "followOperation",
        }
    }
}

/// A call that the marketplace is still to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Is about an account.
    Account(Kind),
    /// Is about an operation.
    Operation(OperationId, OperationCall),
}

impl Call {
    /// Its name, as outbox and metrics know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account(kind) => kind.name(),
            Self::Operation(_, call) => call.name(),
        }
    }

    /// The operation it is about, if it is about one.
    #[must_use]
    pub const fn operation(self) -> Option<OperationId> {
        match self {
            Self::Account(_) => None,
            Self::Operation(id, _) => Some(id),
        }
    }
}

/// How far the newest call of a kind got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Step {
    /// Nobody took it yet.
    #[default]
    Open,
    /// The call waits for its delivery.
    Underway {
        /// Attempts made.
        attempts: i64,
        /// Why the last one failed, if one did.
        failure: Option<String>,
    },
    /// The marketplace accepted it.
    Delivered,
    /// The marketplace refused it for good.
    Refused {
        /// In its own words.
        failure: String,
    },
}

impl Step {
    /// Why the last attempt failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::Open | Self::Delivered => None,
            Self::Underway { failure, .. } => failure.as_deref(),
            Self::Refused { failure } => Some(failure),
        }
    }
}

/// How far the newest call of each kind got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// `licenseAssignments`.
    pub assigning: Step,
    /// `activate`.
    pub confirming: Step,
    /// `setup`.
    pub reporting: Step,
    /// `publisherSteps`.
    pub declaring: Step,
}

impl Progress {
    /// How far the newest call of this kind got.
    pub const fn of(&mut self, kind: Kind) -> &mut Step {
        match kind {
            Kind::LicenseAssignments => &mut self.assigning,
            Kind::Activate => &mut self.confirming,
            Kind::Setup => &mut self.reporting,
            Kind::PublisherSteps => &mut self.declaring,
        }
    }
}

/// The pause after failed attempt number `attempt` (from 1): it doubles from 250 ms and stops at 30 s.
#[must_use]
pub fn backoff(attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 7)).unwrap_or(7);
    SignedDuration::from_millis((250_i64 << doublings).min(30_000))
}

/// The pause after look number `look` (from 1) at an operation that is still open: as [`backoff`], but five seconds
/// at most for the first five minutes, because a window of the marketplace lasts ten.
#[must_use]
pub fn look_again(look: i64) -> SignedDuration {
    let longest = if look <= 64 { 5 } else { 30 };
    backoff(look).min(SignedDuration::from_secs(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_operation_is_looked_at_every_five_seconds_and_later_every_thirty() {
        let pauses: Vec<_> = [1, 5, 6, 64, 65, 1000].map(|n| look_again(n).as_millis()).into();
        assert_eq!(pauses, [250, 4000, 5000, 5000, 30_000, 30_000]);
    }

    #[test]
    fn the_pause_doubles_and_stops_at_half_a_minute() {
        let pauses: Vec<_> = [1, 2, 3, 7, 8, 1000].map(|n| backoff(n).as_millis()).into();
        assert_eq!(pauses, [250, 500, 1000, 16_000, 30_000, 30_000]);
        assert_eq!(backoff(0), backoff(1));
    }
}
