//! The report of flows: the object of interface.md, and the same as a table for people. Pure.

use serde::Serialize;

use super::{
    crowd::{Done, Errors},
    stats::{self, Latencies, rounded},
    steps::{Step, Took},
};
use crate::words;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    flows: u32,
    concurrency: u32,
    errors: usize,
    flows_per_second: f64,
    requests_per_second: f64,
    health_per_second: f64,
    steps: Steps,
    ratios: Ratios,
    machine: Machine,
}

#[derive(Debug, Serialize)]
struct Steps {
    buy: StepReport,
    resolve: StepReport,
    licenses: StepReport,
    activate: StepReport,
    get: StepReport,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StepReport {
    per_second: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    activate_to_health: Option<f64>,
    activate_to_single_transaction: Option<f64>,
}

/// Where it was measured.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// How many threads run at once.
    pub cores: usize,
}

impl Machine {
    /// The one this runs on.
    #[must_use]
    pub fn this() -> Self {
        Self { cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get) }
    }
}

/// A figure for people.
#[must_use]
pub fn number(value: f64) -> String {
    format!("{value:.1}")
}

/// A ratio for people, in percent; nothing when it was not measured.
#[must_use]
pub fn percent(ratio: Option<f64>) -> String {
    ratio.map(|ratio| number(ratio * 100.0)).unwrap_or_default()
}

/// The line that tells how many requests were not answered as they should.
#[must_use]
pub fn errors_line(errors: usize) -> String {
    words::tell("load-errors", &[("errors", &errors.to_string())])
}

/// What the rounds of single steps gave, a value a round.
#[derive(Debug, Default)]
pub struct Rounds {
    /// `GET /health/live` a second.
    pub health: Vec<f64>,
    /// Each step alone, a second.
    pub steps: Vec<[f64; 5]>,
    /// activate a second, where each command is committed alone; empty without `--baseline`.
    pub single_transaction: Vec<f64>,
}

impl Rounds {
    fn of(&self, step: Step) -> Vec<f64> {
        self.steps.iter().map(|rates| rates[step as usize]).collect()
    }

    fn activate_to(&self, others: &[f64]) -> Option<f64> {
        stats::median_ratio(&self.of(Step::Activate), others)
    }
}

impl Report {
    /// Puts both phases together.
    #[must_use]
    pub fn new(asked: (u32, u32), flows: &Done<Took>, rounds: &Rounds, errors: &Errors) -> Self {
        let whole = flows.results.len();
        let step = |step: Step| {
            let took = flows.results.iter().map(|(_, took)| took[step as usize]).collect();
            let took = Latencies::of(took);
            StepReport {
                per_second: stats::median_rate(&rounds.of(step)),
                p50_ms: took.percentile_ms(50),
                p95_ms: took.percentile_ms(95),
                p99_ms: took.percentile_ms(99),
            }
        };
        Self {
            flows: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            flows_per_second: rounded(stats::rate(whole, flows.took)),
            requests_per_second: rounded(stats::rate(whole * Step::ALL.len(), flows.took)),
            health_per_second: stats::median_rate(&rounds.health),
            steps: Steps {
                buy: step(Step::Buy),
                resolve: step(Step::Resolve),
                licenses: step(Step::Licenses),
                activate: step(Step::Activate),
                get: step(Step::Get),
            },
            ratios: Ratios {
                activate_to_health: rounds.activate_to(&rounds.health),
                activate_to_single_transaction: rounds.activate_to(&rounds.single_transaction),
            },
            machine: Machine::this(),
        }
    }

    /// The report as a table.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![words::tell(
            "load-title",
            &[
                ("flows", &self.flows.to_string()),
                ("concurrency", &self.concurrency.to_string()),
                ("cores", &self.machine.cores.to_string()),
            ],
        )];
        lines.push(words::tell(
            "load-rates",
            &[
                ("flows", &number(self.flows_per_second)),
                ("requests", &number(self.requests_per_second)),
                ("health", &number(self.health_per_second)),
            ],
        ));
        lines.push(errors_line(self.errors));
        lines.push(String::new());
        lines.push(format!(
            "{:<10} {:>12} {:>10} {:>10} {:>10}",
            words::say("load-step"),
            words::say("load-alone"),
            "p50 ms",
            "p95 ms",
            "p99 ms"
        ));
        for (step, told) in Step::ALL.into_iter().zip(self.steps.all()) {
            lines.push(format!(
                "{:<10} {:>12.1} {:>10.3} {:>10.3} {:>10.3}",
                step.name(),
                told.per_second,
                told.p50_ms,
                told.p95_ms,
                told.p99_ms
            ));
        }
        lines.push(String::new());
        lines.extend(self.ratios.lines());
        lines
    }
}

impl Steps {
    fn all(&self) -> [&StepReport; 5] {
        [&self.buy, &self.resolve, &self.licenses, &self.activate, &self.get]
    }
}

impl Ratios {
    fn lines(&self) -> Vec<String> {
        let health = self
            .activate_to_health
            .map(|ratio| words::tell("load-to-health", &[("percent", &percent(Some(ratio)))]));
        let single = self
            .activate_to_single_transaction
            .map(|ratio| words::tell("load-to-single", &[("times", &number(ratio))]));
        [health, single].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(single_transaction: Vec<f64>) -> Report {
        let took = [1, 2, 3, 4, 5].map(Duration::from_millis);
        let flows = Done {
            results: vec![(0, took), (1, took)],
            took: Duration::from_millis(500),
            errors: Errors::default(),
        };
        let rounds = Rounds {
            health: vec![1_000.0, 2_000.0, 4_000.0],
            steps: vec![[10.0, 20.0, 30.0, 100.0, 50.0]; 3],
            single_transaction,
        };
        Report::new((2, 64), &flows, &rounds, &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report(vec![20.0, 25.0, 50.0])).unwrap();
        let cores = std::thread::available_parallelism().unwrap();
        let expected = format!(
            "{}{}{}",
            r#"{"flows":2,"concurrency":64,"errors":0,"flowsPerSecond":4.0,"requestsPerSecond":20.0,"healthPerSecond":2000.0,"steps":{"buy":{"perSecond":10.0,"p50Ms":1.0,"p95Ms":1.0,"p99Ms":1.0},"resolve":{"perSecond":20.0,"p50Ms":2.0,"p95Ms":2.0,"p99Ms":2.0},"licenses":{"perSecond":30.0,"p50Ms":3.0,"p95Ms":3.0,"p99Ms":3.0},"activate":{"perSecond":100.0,"p50Ms":4.0,"p95Ms":4.0,"p99Ms":4.0},"get":{"perSecond":50.0,"p50Ms":5.0,"p95Ms":5.0,"p99Ms":5.0}},"#,
            r#""ratios":{"activateToHealth":0.05,"activateToSingleTransaction":4.0},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn without_a_baseline_its_ratio_is_null() {
        let report = report(Vec::new());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["ratios"]["activateToSingleTransaction"], serde_json::Value::Null);
        assert!(!report.lines().join("\n").contains("times the rate"));
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report(vec![20.0, 25.0, 50.0]).lines().join("\n");
        for part in ["4.0", "2000.0", "activate", "100.0", "5.0 %"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
