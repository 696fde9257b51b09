//! The report of usage: an object for programs, and the same in words. Pure.

use serde::Serialize;

use super::super::{
    crowd::Errors,
    report::{Machine, errors_line, number},
    stats::{self, median_rate},
};
use crate::words;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    events: u32,
    concurrency: u32,
    errors: usize,
    one_client: Pace,
    all_clients: Pace,
    machine: Machine,
}

/// How fast clients report usage.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pace {
    single_events_per_second: f64,
    batched_events_per_second: f64,
    batched_to_single: Option<f64>,
}

/// What the rounds gave, a value a round, each in events a second.
#[derive(Debug, Default)]
pub struct Rates {
    /// By `usageEvent`.
    pub singles: Vec<f64>,
    /// By `batchUsageEvent`.
    pub batched: Vec<f64>,
}

impl Pace {
    fn of(rates: &Rates) -> Self {
        Self {
            single_events_per_second: median_rate(&rates.singles),
            batched_events_per_second: median_rate(&rates.batched),
            batched_to_single: stats::median_ratio(&rates.batched, &rates.singles),
        }
    }

    /// The words under `key`, of so many clients.
    fn line(&self, key: &str, clients: u32) -> String {
        let times = self.batched_to_single.map(number).unwrap_or_default();
        let values = [
            ("clients", &*clients.to_string()),
            ("single", &*number(self.single_events_per_second)),
            ("batched", &*number(self.batched_events_per_second)),
            ("times", &*times),
        ];
        words::tell(key, &values)
    }
}

impl Report {
    /// Puts the rounds of one client and of all of them together.
    #[must_use]
    pub fn new(asked: (u32, u32), (one, all): (&Rates, &Rates), errors: &Errors) -> Self {
        Self {
            events: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            one_client: Pace::of(one),
            all_clients: Pace::of(all),
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let [events, cores] = [self.events.to_string(), self.machine.cores.to_string()];
        vec![
            words::tell("load-usage-title", &[("events", &events), ("cores", &cores)]),
            errors_line(self.errors),
            String::new(),
            self.one_client.line("load-usage-one-client", 1),
            self.all_clients.line("load-usage-all-clients", self.concurrency),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let one = Rates { singles: vec![1_000.0, 2_000.0], batched: vec![12_000.0, 20_000.0] };
        let all = Rates { singles: vec![5_000.0], batched: vec![30_000.0] };
        Report::new((5_000, 64), (&one, &all), &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = [
            r#"{"events":5000,"concurrency":64,"errors":0,"#,
            r#""oneClient":{"singleEventsPerSecond":1500.0,"batchedEventsPerSecond":16000.0,"batchedToSingle":11.0},"#,
            r#""allClients":{"singleEventsPerSecond":5000.0,"batchedEventsPerSecond":30000.0,"batchedToSingle":6.0},"#,
            &format!(r#""machine":{{"cores":{cores}}}}}"#),
        ];
        assert_eq!(json, expected.concat());
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in
            ["5000", "1 client:", "1500.0", "16000.0", "11.0 times", "64 clients:", "6.0 times"]
        {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
