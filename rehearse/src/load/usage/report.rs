//! The report of usage: an object for programs, and the same in words. Pure.

use serde::Serialize;

use super::super::{
    crowd::Errors,
    report::Machine,
    stats::{self, rounded},
};
use crate::words;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    events: u32,
    concurrency: u32,
    errors: usize,
    single_events_per_second: f64,
    batched_events_per_second: f64,
    ratios: Ratios,
    machine: Machine,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    batched_to_single: Option<f64>,
}

/// What the rounds gave, a value a round, each in events a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// By `usageEvent`.
    pub singles: Vec<f64>,
    /// By `batchUsageEvent`.
    pub batched: Vec<f64>,
}

impl Report {
    /// Puts the rounds together.
    #[must_use]
    pub fn new(asked: (u32, u32), rounds: &Rounds, errors: &Errors) -> Self {
        let median = |rates: &[f64]| rounded(stats::median(rates).unwrap_or_default());
        Self {
            events: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            single_events_per_second: median(&rounds.singles),
            batched_events_per_second: median(&rounds.batched),
            ratios: Ratios {
                batched_to_single: stats::median_ratio(&rounds.batched, &rounds.singles),
            },
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let number = |value: f64| format!("{value:.1}");
        let size = [
            ("events", &*self.events.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let rates = [
            ("single", &*number(self.single_events_per_second)),
            ("batched", &*number(self.batched_events_per_second)),
        ];
        let times = self.ratios.batched_to_single.map(number).unwrap_or_default();
        vec![
            words::tell("load-usage-title", &size),
            words::tell("load-usage-rates", &rates),
            words::tell("load-errors", &[("errors", &self.errors.to_string())]),
            String::new(),
            words::tell("load-usage-to-single", &[("times", &times)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let rounds = Rounds { singles: vec![1_000.0, 2_000.0], batched: vec![12_000.0, 20_000.0] };
        Report::new((5_000, 64), &rounds, &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = format!(
            "{}{}",
            r#"{"events":5000,"concurrency":64,"errors":0,"singleEventsPerSecond":1500.0,"batchedEventsPerSecond":16000.0,"ratios":{"batchedToSingle":11.0},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in ["5000", "1500.0", "16000.0", "11.0 times"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
