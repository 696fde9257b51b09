//! The report of webhooks: an object for programs, and the same in words. Pure.

use serde::Serialize;

use super::{
    super::{
        crowd::Errors,
        report::{Machine, errors_line, number, percent},
        stats::{self, median_rate},
    },
    NEIGHBORS, SLOW,
};
use crate::words;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    webhooks: u32,
    concurrency: u32,
    errors: usize,
    posts_per_second: f64,
    dispatch_per_second: f64,
    ratios: Ratios,
    machine: Machine,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    dispatch_to_posts: Option<f64>,
    slow_neighbor_to_alone: Option<f64>,
}

/// What the rounds gave, a value a round, each a rate a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// The bare loop.
    pub posts: Vec<f64>,
    /// Webhooks of a publisher that is alone.
    pub alone: Vec<f64>,
    /// Webhooks of a publisher beside a slow one.
    pub beside: Vec<f64>,
}

impl Report {
    /// Puts the rounds together.
    #[must_use]
    pub fn new(asked: (u32, u32), rounds: &Rounds, errors: &Errors) -> Self {
        Self {
            webhooks: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            posts_per_second: median_rate(&rounds.posts),
            dispatch_per_second: median_rate(&rounds.alone),
            ratios: Ratios {
                dispatch_to_posts: stats::median_ratio(&rounds.alone, &rounds.posts),
                slow_neighbor_to_alone: stats::median_ratio(&rounds.beside, &rounds.alone),
            },
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let size = [
            ("webhooks", &*self.webhooks.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let rates = [
            ("dispatch", &*number(self.dispatch_per_second)),
            ("posts", &*number(self.posts_per_second)),
        ];
        let neighbor = [
            ("percent", &*percent(self.ratios.slow_neighbor_to_alone)),
            ("seconds", &*SLOW.as_secs().to_string()),
            ("neighbors", &*NEIGHBORS.to_string()),
        ];
        let to_posts = percent(self.ratios.dispatch_to_posts);
        vec![
            words::tell("load-webhooks-title", &size),
            words::tell("load-webhooks-rates", &rates),
            errors_line(self.errors),
            String::new(),
            words::tell("load-webhooks-to-posts", &[("percent", &to_posts)]),
            words::tell("load-webhooks-neighbor", &neighbor),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let rounds = Rounds {
            posts: vec![4_000.0, 5_000.0, 8_000.0],
            alone: vec![2_000.0, 2_500.0, 4_000.0],
            beside: vec![1_900.0, 2_500.0, 4_400.0],
        };
        Report::new((2_000, 64), &rounds, &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = format!(
            "{}{}",
            r#"{"webhooks":2000,"concurrency":64,"errors":0,"postsPerSecond":5000.0,"dispatchPerSecond":2500.0,"ratios":{"dispatchToPosts":0.5,"slowNeighborToAlone":1.0},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in ["2000", "5000.0", "2500.0", "50.0 %", "100.0 %", "5 s", "64"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
