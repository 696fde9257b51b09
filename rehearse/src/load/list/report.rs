//! The report of a long list: an object for programs, and the same in words. Pure.

use serde::Serialize;

pub use super::super::pages::Walks;
use super::super::{
    crowd::Errors,
    pages::PageMs,
    report::{Machine, errors_line, number, percent},
    stats::{self, median_rate, rounded},
};
use crate::words;

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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    middle_to_first: Option<f64>,
    last_to_first: Option<f64>,
    get_to_health: Option<f64>,
}

/// What the rounds of single reads gave, a value a round, each a rate a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// GET of one subscription.
    pub gets: Vec<f64>,
    /// `GET /health/live`.
    pub health: Vec<f64>,
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
        Self {
            subscriptions: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            pages: walks.pages(),
            buys_per_second: rounded(buys_per_second),
            gets_per_second: median_rate(&rounds.gets),
            health_per_second: median_rate(&rounds.health),
            ratios: Ratios {
                middle_to_first: page_ms.middle_to_first(),
                last_to_first: page_ms.last_to_first(),
                get_to_health: stats::median_ratio(&rounds.gets, &rounds.health),
            },
            page_ms,
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let to_health = percent(self.ratios.get_to_health);
        let size = [
            ("subscriptions", &*self.subscriptions.to_string()),
            ("pages", &*self.pages.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let pages = self.page_ms.told();
        let pages = pages.each_ref().map(|(name, value)| (*name, value.as_str()));
        let rates = [
            ("buys", &*number(self.buys_per_second)),
            ("gets", &*number(self.gets_per_second)),
            ("health", &*number(self.health_per_second)),
        ];
        vec![
            words::tell("load-list-title", &size),
            words::tell("load-list-rates", &rates),
            errors_line(self.errors),
            String::new(),
            words::tell("load-list-pages", &pages),
            words::tell("load-list-to-health", &[("percent", &to_health)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
