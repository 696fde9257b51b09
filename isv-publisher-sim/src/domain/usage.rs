//! What customers use and what of it is reported: an hour of a dimension at a time, and only what goes beyond the
//! included units of the term. Called by the command that counts; the worker sends what it finds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use shared::ids::SubscriptionId;

/// How long the marketplace takes usage.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The included units of a term last for about ten hours, so that overage is seen on the first day.
const LASTS_FOR: i64 = 5;
/// What an hour of a dimension without included units comes to at most.
const UNITS_MIN: i64 = 20;

/// Whether a publisher reports usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reporting {
    /// Every hour, what goes beyond the included units.
    #[default]
    Report,
    /// Nothing is counted or sent until it is told to report again; the hours until then are reported afterwards, as
    /// far as the marketplace still takes them.
    Silent,
}

impl Reporting {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Report, Self::Silent];

    /// Its name, in the database, in forms and in the control call.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Silent => "silent",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reporting| reporting.name() == name)
    }
}

/// A dimension of the present plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredDimension {
    /// Its id.
    pub id: String,
    /// Units of a term that cost nothing.
    pub included: i64,
}

/// A subscription of a metered plan as the marketplace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredPlan {
    /// The plan.
    pub plan: String,
    /// Whether it is Subscribed.
    pub active: bool,
    /// First day of the term.
    pub term_start: Timestamp,
    /// What is metered.
    pub dimensions: Vec<MeteredDimension>,
    /// When it was looked at, sandbox time.
    pub at: Timestamp,
}

/// How far an account is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The term that is counted.
    pub term_start: Timestamp,
    /// The hour up to which everything is counted.
    pub counted_until: Timestamp,
    /// Units used in the term.
    pub used: BTreeMap<String, i64>,
}

/// Overage to be reported, or that is too old for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overage {
    /// The dimension.
    pub dimension: String,
    /// The hour, or the first of them.
    pub hour: Timestamp,
    /// How many hours.
    pub hours: i64,
    /// Units beyond the included ones.
    pub quantity: i64,
    /// Too old to be reported.
    pub skipped: bool,
}

/// The hour an instant falls into.
#[must_use]
pub fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3600)).unwrap_or(at)
}

/// Units a customer uses of a dimension in an hour: the same whoever asks, and different from hour to hour.
#[must_use]
pub fn consumption(
    subscription: SubscriptionId,
    dimension: &MeteredDimension,
    hour: Timestamp,
) -> i64 {
    let hash = Sha256::new()
        .chain_update(subscription.0.as_bytes())
        .chain_update(hour.as_second().to_be_bytes())
        .chain_update(&dimension.id)
        .finalize();
    let draw = i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    1 + draw % (dimension.included / LASTS_FOR).max(UNITS_MIN)
}

impl Meter {
    /// The meter of an account that was activated at `at`: it counts from that hour on.
    #[must_use]
    pub fn begin(at: Timestamp, term_start: Timestamp) -> Self {
        Self { term_start, counted_until: hour_of(at), used: BTreeMap::new() }
    }

    /// Whether an hour has passed since it was read.
    #[must_use]
    pub fn is_behind(&self, now: Timestamp) -> bool {
        self.counted_until < hour_of(now)
    }

    /// Counts every whole hour up to now. Nothing is used while the subscription is not active. Hours of terms that
    /// are over are not counted: their included units are not known any more. What lies further back than the
    /// marketplace takes usage is counted, and put together in one row a dimension.
    #[must_use]
    pub fn count(
        mut self,
        subscription: SubscriptionId,
        plan: &MeteredPlan,
    ) -> (Self, Vec<Overage>) {
        let until = hour_of(plan.at);
        if plan.term_start != self.term_start {
            self.used.clear();
            self.term_start = plan.term_start;
        }
        let mut hour = self.counted_until.max(hour_of(plan.term_start));
        self.counted_until = self.counted_until.max(until);
        if !plan.active {
            return (self, Vec::new());
        }
        let mut found: Vec<Overage> = Vec::new();
        let mut skipped: BTreeMap<&str, Overage> = BTreeMap::new();
        while hour < until {
            for dimension in &plan.dimensions {
                let quantity = self.use_up(subscription, dimension, hour);
                let is_old = plan.at.duration_since(hour) > WINDOW;
                if quantity == 0 {
                    continue;
                }
                let one = Overage {
                    dimension: dimension.id.clone(),
                    hour,
                    hours: 1,
                    quantity,
                    skipped: is_old,
                };
                if !is_old {
                    found.push(one);
                } else if let Some(known) = skipped.get_mut(dimension.id.as_str()) {
                    known.hours += 1;
                    known.quantity = known.quantity.saturating_add(quantity);
                } else {
                    skipped.insert(&dimension.id, one);
                }
            }
            hour += HOUR;
        }
        (self, skipped.into_values().chain(found).collect())
    }

    /// An hour's use; answers what of it goes beyond the included units.
    fn use_up(
        &mut self,
        subscription: SubscriptionId,
        dimension: &MeteredDimension,
        hour: Timestamp,
    ) -> i64 {
        let used = self.used.entry(dimension.id.clone()).or_default();
        let beyond = |used: i64| used.saturating_sub(dimension.included).max(0);
        let before = beyond(*used);
        *used = used.saturating_add(consumption(subscription, dimension, hour));
        beyond(*used) - before
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::SubscriptionId;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(now: &str, included: i64) -> MeteredPlan {
        MeteredPlan {
            plan: "metered".to_owned(),
            active: true,
            term_start: at("2027-01-31T00:00:00Z"),
            dimensions: vec![MeteredDimension { id: "gigabytes".to_owned(), included }],
            at: at(now),
        }
    }

    const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(7));

    fn meter() -> Meter {
        Meter::begin(at("2027-01-31T09:20:00Z"), at("2027-01-31T00:00:00Z"))
    }

    #[test]
    fn only_whole_hours_count_and_each_counts_once() {
        let (same, none) = meter().count(SUBSCRIPTION, &plan("2027-01-31T09:59:59Z", 0));
        assert_eq!((&same, none.len()), (&meter(), 0));
        let (later, one) = same.count(SUBSCRIPTION, &plan("2027-01-31T10:00:00Z", 0));
        assert_eq!(one.len(), 1);
        assert_eq!(
            (one[0].hour, one[0].hours, one[0].skipped),
            (at("2027-01-31T09:00:00Z"), 1, false)
        );
        let (_, again) = later.clone().count(SUBSCRIPTION, &plan("2027-01-31T10:30:00Z", 0));
        assert!(again.is_empty());
        // At once or hour by hour, the same comes out.
        let (_, all) = meter().count(SUBSCRIPTION, &plan("2027-01-31T20:00:00Z", 0));
        let (_, rest) = later.count(SUBSCRIPTION, &plan("2027-01-31T20:00:00Z", 0));
        assert_eq!(all, [one, rest].concat());
        let quantities: std::collections::BTreeSet<_> =
            all.iter().map(|one| one.quantity).collect();
        assert!(quantities.len() > 3 && all.iter().all(|one| (1..=20).contains(&one.quantity)));
    }

    #[test]
    fn only_what_goes_beyond_the_included_units_is_overage() {
        let (free, _) = meter().count(SUBSCRIPTION, &plan("2027-02-01T09:00:00Z", 1_000_000));
        let used = free.used["gigabytes"];
        let (metered, overage) = meter().count(SUBSCRIPTION, &plan("2027-02-01T09:00:00Z", 100));
        assert!(used > 0 && metered.used["gigabytes"] > 100);
        let sum: i64 = overage.iter().map(|one| one.quantity).sum();
        assert_eq!(sum, metered.used["gigabytes"] - 100);
        assert!(overage.len() < 24, "the first hours were free");
    }

    #[test]
    fn a_jump_of_a_month_reports_a_day_and_tells_what_is_lost() {
        let mut plan = plan("2027-02-27T23:10:00Z", 0);
        let (meter, overage) = meter().count(SUBSCRIPTION, &plan);
        let (skipped, fresh): (Vec<_>, Vec<_>) = overage.iter().partition(|one| one.skipped);
        assert_eq!((skipped.len(), fresh.len()), (1, 23));
        let until = skipped[0].hour + HOUR * i32::try_from(skipped[0].hours).unwrap();
        assert_eq!(
            (until, fresh[0].hour),
            (at("2027-02-27T00:00:00Z"), at("2027-02-27T00:00:00Z"))
        );
        // A new term begins with nothing used, and asks for no hour of the one before.
        plan.term_start = at("2027-03-28T00:00:00Z");
        plan.at = at("2027-03-28T02:00:00Z");
        let (meter, overage) = meter.count(SUBSCRIPTION, &plan);
        assert_eq!((overage.len(), overage[0].hour), (2, at("2027-03-28T00:00:00Z")));
        assert_eq!(meter.used["gigabytes"], overage[0].quantity + overage[1].quantity);
    }

    #[test]
    fn nothing_is_used_while_it_is_not_active() {
        let suspended = MeteredPlan { active: false, ..plan("2027-01-31T15:00:00Z", 0) };
        let (meter, overage) = meter().count(SUBSCRIPTION, &suspended);
        assert!(overage.is_empty() && meter.used.is_empty());
        let (_, overage) = meter.count(SUBSCRIPTION, &plan("2027-01-31T17:00:00Z", 0));
        let hours: Vec<_> = overage.iter().map(|one| one.hour).collect();
        assert_eq!(hours, [at("2027-01-31T15:00:00Z"), at("2027-01-31T16:00:00Z")]);
    }
}
