//! The report of the partner's side: an object for programs, and the same in words. Pure.

use serde::Serialize;

pub use super::super::pages::Walks;
use super::super::{
    crowd::Errors,
    pages::PageMs,
    report::{Machine, errors_line, number, percent},
    stats::{self, median_rate},
};
use crate::words;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    subscriptions: u32,
    concurrency: u32,
    errors: usize,
    lists_per_second: f64,
    lists_from_memory_per_second: f64,
    gets_per_second: f64,
    health_per_second: f64,
    products: usize,
    pages: usize,
    page_ms: PageMs,
    ratios: Ratios,
    machine: Machine,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    list_to_memory: Option<f64>,
    get_to_health: Option<f64>,
    middle_to_first: Option<f64>,
    last_to_first: Option<f64>,
}

/// What the rounds gave, a value a round, each a rate a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// The customer's list of subscriptions.
    pub lists: Vec<f64>,
    /// The same values from memory.
    pub memory: Vec<f64>,
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
        rounds: &Rounds,
        (products, walks): (usize, &Walks),
        errors: &Errors,
    ) -> Self {
        let page_ms = walks.page_ms();
        Self {
            subscriptions: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            lists_per_second: median_rate(&rounds.lists),
            lists_from_memory_per_second: median_rate(&rounds.memory),
            gets_per_second: median_rate(&rounds.gets),
            health_per_second: median_rate(&rounds.health),
            products,
            pages: walks.pages(),
            ratios: Ratios {
                list_to_memory: stats::median_ratio(&rounds.lists, &rounds.memory),
                get_to_health: stats::median_ratio(&rounds.gets, &rounds.health),
                middle_to_first: page_ms.middle_to_first(),
                last_to_first: page_ms.last_to_first(),
            },
            page_ms,
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let size = [
            ("subscriptions", &*self.subscriptions.to_string()),
            ("products", &*self.products.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let rates = [
            ("lists", &*number(self.lists_per_second)),
            ("memory", &*number(self.lists_from_memory_per_second)),
            ("gets", &*number(self.gets_per_second)),
            ("health", &*number(self.health_per_second)),
        ];
        let count = self.pages.to_string();
        let told = self.page_ms.told();
        let told = told.iter().map(|(name, value)| (*name, value.as_str()));
        let pages: Vec<_> = [("pages", count.as_str())].into_iter().chain(told).collect();
        let ratios = [
            ("list", &*percent(self.ratios.list_to_memory)),
            ("get", &*percent(self.ratios.get_to_health)),
        ];
        vec![
            words::tell("load-partner-title", &size),
            words::tell("load-partner-rates", &rates),
            errors_line(self.errors),
            String::new(),
            words::tell("load-partner-pages", &pages),
            words::tell("load-partner-ratios", &ratios),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report() -> Report {
        let rounds = Rounds {
            lists: vec![30.0, 50.0],
            memory: vec![100.0, 100.0],
            gets: vec![2_000.0, 2_000.0],
            health: vec![10_000.0, 10_000.0],
        };
        let walk: Vec<Duration> = (0..100).map(|page| Duration::from_millis(100 + page)).collect();
        Report::new((1_000, 64), &rounds, (10_000, &Walks(vec![walk])), &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = format!(
            "{}{}{}",
            r#"{"subscriptions":1000,"concurrency":64,"errors":0,"listsPerSecond":40.0,"listsFromMemoryPerSecond":100.0,"getsPerSecond":2000.0,"healthPerSecond":10000.0,"products":10000,"pages":100,"pageMs":{"first":104.0,"middle":149.0,"last":194.0},"#,
            r#""ratios":{"listToMemory":0.4,"getToHealth":0.2,"middleToFirst":1.433,"lastToFirst":1.865},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in ["1000", "10000 products", "104.000", "40.0 %", "20.0 %", "1.86 times"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
