//! Pages of a long list: how long the first ones took, those in the middle, and the last. Pure; called by the reports of
//! lists.

use std::time::Duration;

use serde::Serialize;

use super::stats::{self, Latencies, rounded};

/// Pages of a group.
const GROUP: usize = 10;

/// Walks over a list: how long each page took, in order.
#[derive(Debug, Default)]
pub struct Walks(pub Vec<Vec<Duration>>);

/// Medians of the first ten pages, the middle ten and the last ten.
#[derive(Debug, Serialize)]
pub struct PageMs {
    first: f64,
    middle: f64,
    last: f64,
}

impl Walks {
    /// Pages of the list.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// The medians, over all walks.
    #[must_use]
    pub fn page_ms(&self) -> PageMs {
        PageMs {
            first: self.median_ms(|_| 0),
            middle: self.median_ms(|pages| pages.saturating_sub(GROUP) / 2),
            last: self.median_ms(|pages| pages.saturating_sub(GROUP)),
        }
    }

    /// The median of a group of pages; `from` tells where it begins among so many pages.
    fn median_ms(&self, from: impl Fn(usize) -> usize) -> f64 {
        let group = |walk: &Vec<Duration>| {
            walk.iter().skip(from(walk.len())).take(GROUP).copied().collect()
        };
        let pages: Vec<Vec<Duration>> = self.0.iter().map(group).collect();
        Latencies::of(pages.concat()).percentile_ms(50)
    }
}

impl PageMs {
    /// How much longer the middle pages took than the first ones.
    #[must_use]
    pub fn middle_to_first(&self) -> Option<f64> {
        stats::ratio(self.middle, self.first).map(rounded)
    }

    /// How much longer the last pages took than the first ones.
    #[must_use]
    pub fn last_to_first(&self) -> Option<f64> {
        stats::ratio(self.last, self.first).map(rounded)
    }

    /// The figures, for a sentence.
    #[must_use]
    pub fn told(&self) -> [(&'static str, String); 5] {
        let part =
            |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        [
            ("first", format!("{:.3}", self.first)),
            ("middle", format!("{:.3}", self.middle)),
            ("last", format!("{:.3}", self.last)),
            ("middleRatio", part(self.middle_to_first())),
            ("lastRatio", part(self.last_to_first())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_its_own_first_middle_and_last() {
        let pages = Walks(vec![vec![Duration::from_millis(7); 3]]).page_ms();
        assert_eq!([pages.first, pages.middle, pages.last], [7.0; 3]);
        assert_eq!(Walks::default().page_ms().first, 0.0);
        assert_eq!(Walks::default().pages(), 0);
    }
}
