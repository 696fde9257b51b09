//! Terms, billing cycles and their dates. Called by billing, purchase and subscription.
//!
//! A term's end is inclusive: start + term - 1 day (C24). A charge cycle is computed from its anchor, never from
//! the cycle before it (partner-center.md 2.4 and P-3).

use std::{fmt, str::FromStr};

use jiff::{Span, Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{policy::TermUnits, refusal::Refusal};

/// How long a subscription runs before it renews (fulfillment.md 1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermUnit {
    /// One month.
    P1M,
    /// One year.
    P1Y,
    /// A year and a half: one of those that private offers of 2026 have.
    P18M,
    /// Two years.
    P2Y,
    /// Three years.
    P3Y,
    /// Four years.
    P4Y,
    /// Five years.
    P5Y,
}

impl TermUnit {
    const ALL: [Self; 7] =
        [Self::P1M, Self::P1Y, Self::P18M, Self::P2Y, Self::P3Y, Self::P4Y, Self::P5Y];

    /// Its length in months.
    #[must_use]
    pub fn months(self) -> i32 {
        match self {
            Self::P1M => 1,
            Self::P1Y => 12,
            Self::P18M => 18,
            Self::P2Y => 24,
            Self::P3Y => 36,
            Self::P4Y => 48,
            Self::P5Y => 60,
        }
    }

    /// The last day of a term that starts on `start`.
    #[must_use]
    pub fn last_day(self, start: Date) -> Date {
        self.last_day_to(start, None)
    }

    /// The same where the next term begins on the day `anchor` of its month, or on the last one of a shorter month, if
    /// that is later than the day on which this one began (fulfillment.md 1.6).
    #[must_use]
    pub fn last_day_to(self, start: Date, anchor: Option<i8>) -> Date {
        let next = start.saturating_add(self.months().months());
        let day = anchor.map_or(next.day(), |anchor| anchor.min(next.days_in_month()));
        let later = i64::from((day - next.day()).max(0));
        next.saturating_add(later.days()).saturating_sub(1.day())
    }
}

impl TermUnit {
    /// Where some sources end a term that starts on `start`: a month's 30 days later (fulfillment.md 9, endDate), others as
    /// [`Self::last_day_to`].
    #[must_use]
    pub fn thirty_days(self, start: Date, anchor: Option<i8>) -> Date {
        match self {
            Self::P1M => start.saturating_add(30.days()),
            _ => self.last_day_to(start, anchor),
        }
    }
}

impl fmt::Display for TermUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for TermUnit {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|unit| unit.to_string() == text).ok_or_else(|| {
            Refusal::field(
                "term",
                format!("{text:?} is no term; use one of P1M, P1Y, P18M, P2Y, P3Y, P4Y, P5Y"),
            )
        })
    }
}

/// Whether a sandbox sells a term (fulfillment.md 1.6).
#[must_use]
pub fn sells(rule: TermUnits, unit: TermUnit) -> bool {
    match unit {
        TermUnit::P1M | TermUnit::P1Y | TermUnit::P2Y | TermUnit::P3Y => true,
        TermUnit::P4Y | TermUnit::P5Y => rule != TermUnits::Four,
        TermUnit::P18M => rule == TermUnits::Custom,
    }
}

/// Refuses a term that a sandbox does not sell.
pub fn require_sold(rule: TermUnits, unit: TermUnit) -> Result<(), Refusal> {
    if sells(rule, unit) {
        return Ok(());
    }
    let sold = TermUnit::ALL.into_iter().filter(|unit| sells(rule, *unit));
    let sold: Vec<_> = sold.map(|unit| unit.to_string()).collect();
    let reason = format!(
        "this sandbox does not sell {unit}, but {}; its quirk term_units says so",
        sold.join(", ")
    );
    Err(Refusal::field("term", reason))
}

/// How often a term is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BillingCycle {
    /// Every month.
    Monthly,
    /// Every year.
    Annual,
}

impl BillingCycle {
    /// Its length in months.
    #[must_use]
    pub fn months(self) -> i32 {
        match self {
            Self::Monthly => 1,
            Self::Annual => 12,
        }
    }
}

impl fmt::Display for BillingCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Monthly => "monthly",
            Self::Annual => "annual",
        })
    }
}

impl FromStr for BillingCycle {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text {
            "monthly" => Ok(Self::Monthly),
            "annual" => Ok(Self::Annual),
            _ => Err(Refusal::field(
                "billingCycle",
                format!("{text:?} is no billing cycle; use monthly or annual"),
            )),
        }
    }
}

/// The UTC day of an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Midnight UTC at which a day begins.
#[must_use]
pub fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The first day of charge cycle `number` (0 is the first) of a term that began on `anchor`.
///
/// If the anchor is the last day of its month, or the day before it, it keeps that distance from the month's end,
/// for cycles shorter than the term; otherwise anchor day + n cycles, clamped (P-3, both printed tables).
#[must_use]
pub fn cycle_start(anchor: Date, unit: TermUnit, cycle: BillingCycle, number: i32) -> Date {
    let start = anchor.saturating_add(Span::new().months(cycle.months().saturating_mul(number)));
    let from_end = anchor.days_in_month() - anchor.day();
    if number > 0 && from_end <= 1 && cycle.months() < unit.months() {
        start.last_of_month().saturating_sub(i64::from(from_end).days())
    } else {
        start
    }
}

/// The last day of charge cycle `number`: the day before the next one starts, or the term's last day.
#[must_use]
pub fn cycle_last_day(anchor: Date, unit: TermUnit, cycle: BillingCycle, number: i32) -> Date {
    let next = cycle_start(anchor, unit, cycle, number.saturating_add(1));
    next.saturating_sub(1.day()).min(unit.last_day(anchor))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_term_ends_the_day_before_it_would_start_again() {
        for (start, unit, last) in [
            (date(2021, 1, 5), TermUnit::P1M, date(2021, 2, 4)),
            (date(2021, 1, 31), TermUnit::P1M, date(2021, 2, 27)),
            (date(2021, 2, 28), TermUnit::P1M, date(2021, 3, 27)),
            (date(2024, 2, 29), TermUnit::P1Y, date(2025, 2, 27)),
            (date(2026, 1, 1), TermUnit::P1Y, date(2026, 12, 31)),
            (date(2026, 1, 1), TermUnit::P5Y, date(2030, 12, 31)),
        ] {
            assert_eq!(unit.last_day(start), last, "{start} {unit}");
        }
    }

    #[test]
    fn a_day_that_a_short_month_has_clamped_is_restored_where_the_first_one_counts() {
        for (start, anchor, last) in [
            (date(2027, 1, 31), 31, date(2027, 2, 27)),
            (date(2027, 2, 28), 31, date(2027, 3, 30)),
            (date(2027, 3, 31), 31, date(2027, 4, 29)),
            (date(2027, 4, 30), 31, date(2027, 5, 30)),
            (date(2027, 2, 28), 29, date(2027, 3, 28)),
            (date(2027, 3, 31), 5, date(2027, 4, 29)),
        ] {
            assert_eq!(TermUnit::P1M.last_day_to(start, Some(anchor)), last, "{start}, {anchor}");
        }
        assert_eq!(TermUnit::P1Y.last_day_to(date(2027, 2, 28), Some(29)), date(2028, 2, 28));
        // Where a month has thirty days, a year still ends before its day.
        assert_eq!(TermUnit::P1M.thirty_days(date(2027, 2, 28), Some(31)), date(2027, 3, 30));
        assert_eq!(TermUnit::P1Y.thirty_days(date(2027, 2, 28), Some(29)), date(2028, 2, 28));
    }

    /// The printed table of P-3: an annual term billed monthly from 31 January.
    #[test]
    fn cycles_from_the_last_day_of_a_month_keep_to_the_last_day() {
        let start = |n| cycle_start(date(2026, 1, 31), TermUnit::P1Y, BillingCycle::Monthly, n);
        assert_eq!(
            [start(0), start(1), start(2), start(3)],
            [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
        );
    }

    /// The other printed table of P-3: from 30 January.
    #[test]
    fn cycles_from_the_day_before_the_last_keep_that_distance() {
        let start = |n| cycle_start(date(2026, 1, 30), TermUnit::P1Y, BillingCycle::Monthly, n);
        assert_eq!(
            [1, 2, 3, 4, 5].map(start),
            [
                date(2026, 2, 27),
                date(2026, 3, 30),
                date(2026, 4, 29),
                date(2026, 5, 30),
                date(2026, 6, 29)
            ]
        );
    }

    #[test]
    fn other_cycles_keep_the_anchor_day_and_clamp() {
        let start = |n| cycle_start(date(2026, 1, 29), TermUnit::P1Y, BillingCycle::Monthly, n);
        assert_eq!([1, 2, 3].map(start), [date(2026, 2, 28), date(2026, 3, 29), date(2026, 4, 29)]);
    }

    #[test]
    fn a_cycle_as_long_as_its_term_ends_with_it() {
        for (anchor, unit, cycle) in [
            (date(2026, 1, 31), TermUnit::P1M, BillingCycle::Monthly),
            (date(2026, 2, 28), TermUnit::P1Y, BillingCycle::Annual),
        ] {
            assert_eq!(cycle_last_day(anchor, unit, cycle, 0), unit.last_day(anchor));
        }
        let annual_monthly =
            cycle_last_day(date(2026, 1, 31), TermUnit::P1Y, BillingCycle::Monthly, 0);
        assert_eq!(annual_monthly, date(2026, 2, 27));
        let last = cycle_last_day(date(2026, 1, 31), TermUnit::P1Y, BillingCycle::Monthly, 11);
        assert_eq!(last, date(2027, 1, 30));
    }
}
