//! The report of a long list: an object for programs, and the same in words. Pure.

use std::time::Duration;

use serde::Serialize;

use super::super::{
    crowd::Errors,
    report::Machine,
    stats::{self, Latencies, rounded},
};
use crate::words;

/// Pages of a group.
const GROUP: usize = 10;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    subscriptions: u32,
    concurrency: u32,
    errors: usize,
    pages: usize,
    buys_per_second: f64,
    page_ms: PageMs,
    gets_per_second: f64,
    health_per_second: f64,
    ratios: Ratios,
    machine: Machine,
}

/// Medians of the first ten pages, the middle ten and the last ten.
#[derive(Debug, Serialize)]
struct PageMs {
    first: f64,
    middle: f64,
    last: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    middle_to_first: Option<f64>,
    last_to_first: Option<f64>,
    get_to_health: Option<f64>,
}

/// Walks over the list: how long each page took, in order.
#[derive(Debug, Default)]
pub struct Walks(pub Vec<Vec<Duration>>);

/// What the rounds of single reads gave, a value a round, each a rate a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// GET of one subscription.
    pub gets: Vec<f64>,
    /// `GET /health/live`.
    pub health: Vec<f64>,
}

impl Walks {
    /// The median of a group of pages, over all walks; `from` tells where it begins in a list of so many pages.
    fn median_ms(&self, from: impl Fn(usize) -> usize) -> f64 {
        let group = |walk: &Vec<Duration>| {
            walk.iter().skip(from(walk.len())).take(GROUP).copied().collect()
        };
        let pages: Vec<Vec<Duration>> = self.0.iter().map(group).collect();
        Latencies::of(pages.concat()).percentile_ms(50)
    }

    fn page_ms(&self) -> PageMs {
        PageMs {
            first: self.median_ms(|_| 0),
            middle: self.median_ms(|pages| pages.saturating_sub(GROUP) / 2),
            last: self.median_ms(|pages| pages.saturating_sub(GROUP)),
        }
    }
}

impl Report {
    /// Puts everything together.
    #[must_use]
    pub fn new(
        asked: (u32, u32),
        buys_per_second: f64,
        walks: &Walks,
        rounds: &Rounds,
        errors: &Errors,
    ) -> Self {
        let page_ms = walks.page_ms();
        let to_first = |ms| stats::ratio(ms, page_ms.first).map(rounded);
        let median = |rates: &[f64]| rounded(stats::median(rates).unwrap_or_default());
        Self {
            subscriptions: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            pages: walks.0.first().map_or(0, Vec::len),
            buys_per_second: rounded(buys_per_second),
            gets_per_second: median(&rounds.gets),
            health_per_second: median(&rounds.health),
            ratios: Ratios {
                middle_to_first: to_first(page_ms.middle),
                last_to_first: to_first(page_ms.last),
                get_to_health: stats::median_ratio(&rounds.gets, &rounds.health),
            },
            page_ms,
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let number = |value: f64| format!("{value:.1}");
        let part =
            |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let percent = self.ratios.get_to_health.map(|ratio| number(ratio * 100.0));
        let size = [
            ("subscriptions", &*self.subscriptions.to_string()),
            ("pages", &*self.pages.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let pages = [
            ("first", &*format!("{:.3}", self.page_ms.first)),
            ("middle", &*format!("{:.3}", self.page_ms.middle)),
            ("last", &*format!("{:.3}", self.page_ms.last)),
            ("middleRatio", &*part(self.ratios.middle_to_first)),
            ("lastRatio", &*part(self.ratios.last_to_first)),
        ];
        let rates = [
            ("buys", &*number(self.buys_per_second)),
            ("gets", &*number(self.gets_per_second)),
            ("health", &*number(self.health_per_second)),
        ];
        vec![
            words::tell("load-list-title", &size),
            words::tell("load-list-rates", &rates),
            words::tell("load-errors", &[("errors", &self.errors.to_string())]),
            String::new(),
            words::tell("load-list-pages", &pages),
            words::tell("load-list-to-health", &[("percent", &percent.unwrap_or_default())]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let walk: Vec<Duration> = (0..100).map(|page| Duration::from_millis(100 + page)).collect();
        let rounds = Rounds { gets: vec![100.0, 200.0], health: vec![1_000.0, 1_000.0] };
        let walks = Walks(vec![walk.clone(), walk]);
        Report::new((10_000, 64), 3_000.0, &walks, &rounds, &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = format!(
            "{}{}{}",
            r#"{"subscriptions":10000,"concurrency":64,"errors":0,"pages":100,"buysPerSecond":3000.0,"pageMs":{"first":104.0,"middle":149.0,"last":194.0},"getsPerSecond":150.0,"healthPerSecond":1000.0,"#,
            r#""ratios":{"middleToFirst":1.433,"lastToFirst":1.865,"getToHealth":0.15},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in ["10000", "100 pages", "104.000", "1.86 times", "15.0 %"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn a_short_list_is_its_own_first_middle_and_last() {
        let pages = Walks(vec![vec![Duration::from_millis(7); 3]]).page_ms();
        assert_eq!([pages.first, pages.middle, pages.last], [7.0; 3]);
        assert_eq!(Walks::default().page_ms().first, 0.0);
    }
}
