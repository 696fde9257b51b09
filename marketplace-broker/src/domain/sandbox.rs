//! The sandbox's clock: `real + offset`, or frozen (architecture.md, Time). Called by the store for every command,
//! by the clock commands and by the answers' `x-rehearse-now`.

use jiff::{SignedDuration, Timestamp};

use super::refusal::Refusal;

/// How far one advance may go.
pub const ADVANCE_SPAN_YEARS: i64 = 20;

/// The clock of a rehearsal sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxClock {
    /// It runs with the real time, shifted.
    Running {
        /// Sandbox time minus real time.
        offset: SignedDuration,
    },
    /// It stands.
    Frozen {
        /// Where.
        at: Timestamp,
    },
}

/// How a clock was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMove {
    /// It stands now.
    Freeze,
    /// It runs on from where it stood.
    Resume,
    /// It went forward.
    Advance,
}

impl ClockMove {
    /// Its name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Resume => "resume",
            Self::Advance => "advance",
        }
    }
}

impl SandboxClock {
    /// A clock that shows `at` when the real time is `real`.
    #[must_use]
    pub fn showing(at: Timestamp, real: Timestamp, frozen: bool) -> Self {
        if frozen { Self::Frozen { at } } else { Self::Running { offset: at.duration_since(real) } }
    }

    /// The sandbox's time when the real time is `real`; whole microseconds, as everything stored.
    #[must_use]
    pub fn at(&self, real: Timestamp) -> Timestamp {
        let at = match *self {
            Self::Running { offset } => real.saturating_add(offset).unwrap_or(Timestamp::MAX),
            Self::Frozen { at } => at,
        };
        Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
    }

    /// The clock, standing.
    #[must_use]
    pub fn frozen(self, real: Timestamp) -> Self {
        Self::Frozen { at: self.at(real) }
    }

    /// The clock, running on from where it stands.
    #[must_use]
    pub fn resumed(self, real: Timestamp) -> Self {
        Self::showing(self.at(real), real, false)
    }

    /// The clock at `target`, or where it is when it is past that already. It keeps standing or running.
    #[must_use]
    pub fn advanced(self, target: Timestamp, real: Timestamp) -> Self {
        let to = target.max(self.at(real));
        Self::showing(to, real, matches!(self, Self::Frozen { .. }))
    }

    /// Whether it stands.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(self, Self::Frozen { .. })
    }
}

/// Checks the target of an advance against where the clock stands.
pub fn check_advance(now: Timestamp, target: Timestamp) -> Result<(), Refusal> {
    if target < now {
        return Err(Refusal::field(
            "to",
            format!("a clock cannot run backwards: it shows {now} already"),
        ));
    }
    if target.duration_since(now) > SignedDuration::from_hours(ADVANCE_SPAN_YEARS * 366 * 24) {
        return Err(Refusal::field(
            "to",
            format!("one advance goes {ADVANCE_SPAN_YEARS} years at most"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_frozen_clock_stands_and_resumes_from_there() {
        let real = at("2027-01-01T00:00:00Z");
        let clock = SandboxClock::showing(at("2030-06-01T00:00:00Z"), real, false);
        let later = at("2027-01-01T01:00:00Z");
        assert_eq!(clock.at(later), at("2030-06-01T01:00:00Z"));
        let frozen = clock.frozen(later);
        let much_later = at("2028-01-01T00:00:00Z");
        assert_eq!(frozen.at(much_later), at("2030-06-01T01:00:00Z"));
        assert_eq!(
            frozen.resumed(much_later).at(at("2028-01-01T00:00:01Z")),
            at("2030-06-01T01:00:01Z")
        );
    }

    #[test]
    fn an_advance_never_goes_back_and_keeps_the_way_it_runs() {
        let real = at("2027-01-01T00:00:00Z");
        for frozen in [false, true] {
            let clock = SandboxClock::showing(real, real, frozen);
            let moved = clock.advanced(at("2027-02-01T00:00:00Z"), real);
            assert_eq!(moved.at(real), at("2027-02-01T00:00:00Z"));
            assert_eq!(moved.is_frozen(), frozen);
            assert_eq!(moved.advanced(at("2026-01-01T00:00:00Z"), real), moved);
        }
        assert!(check_advance(real, at("2026-12-31T00:00:00Z")).is_err());
        assert!(check_advance(real, at("2060-12-31T00:00:00Z")).is_err());
        assert!(check_advance(real, at("2037-01-01T00:00:00Z")).is_ok());
    }
}
