//! Rates, percentiles, medians. Pure; called by `load` and its report.

use std::time::Duration;

/// How long a step took, over many runs.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sorts what was measured.
    #[must_use]
    pub fn of(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        Self(measured)
    }

    /// The nearest-rank percentile in milliseconds; zero when nothing was measured.
    #[must_use]
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).map_or(0.0, |took| rounded(took.as_secs_f64() * 1_000.0))
    }
}

/// How many a second.
#[must_use]
pub fn rate(count: usize, took: Duration) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if took.is_zero() { 0.0 } else { count / took.as_secs_f64() }
}

/// `part` of `whole`; none when there is no whole.
#[must_use]
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// The median; of an even number of values the mean of the middle two; none of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(middle.checked_sub(1)?)?, upper))
}

/// The median of the rounds' rates, as a report shows it; zero when nothing was measured.
#[must_use]
pub fn median_rate(rates: &[f64]) -> f64 {
    rounded(median(rates).unwrap_or_default())
}

/// The median of the rounds' own ratios: what disturbs the machine for a while disturbs both sides of a round.
#[must_use]
pub fn median_ratio(parts: &[f64], wholes: &[f64]) -> Option<f64> {
    let ratios: Option<Vec<f64>> =
        parts.iter().zip(wholes).map(|(part, whole)| ratio(*part, *whole)).collect();
    median(&ratios?).map(rounded)
}

/// Three digits behind the point: what a report shows.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let hundred = Latencies::of((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!([50, 95, 99, 100].map(|p| hundred.percentile_ms(p)), [50.0, 95.0, 99.0, 100.0]);
        let one = Latencies::of(vec![Duration::from_micros(1_500)]);
        assert_eq!([1, 50, 99].map(|p| one.percentile_ms(p)), [1.5, 1.5, 1.5]);
        assert_eq!(Latencies::default().percentile_ms(50), 0.0);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        assert_eq!(median_ratio(&[1.0, 10.0, 3.0], &[2.0, 20.0, 4.0]), Some(0.5));
        assert_eq!(median_ratio(&[1.0, 2.0, 3.0], &[]), None);
        assert_eq!(median_ratio(&[1.0], &[0.0]), None);
    }

    #[test]
    fn rates_and_ratios_know_zero() {
        assert_eq!(rate(300, Duration::from_millis(1_500)), 200.0);
        assert_eq!(rate(1, Duration::ZERO), 0.0);
        assert_eq!((ratio(1.0, 4.0), ratio(1.0, 0.0)), (Some(0.25), None));
    }
}
