//! The report of tokens: an object for programs, and the same in words. Pure.

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
    tokens: u32,
    concurrency: u32,
    errors: usize,
    tokens_per_second: f64,
    signatures_per_second: f64,
    checked_gets_per_second: f64,
    unchecked_gets_per_second: f64,
    ratios: Ratios,
    machine: Machine,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ratios {
    tokens_to_signatures: Option<f64>,
    checked_to_unchecked: Option<f64>,
}

/// What the rounds gave, a value a round, each a second.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Answers of the token endpoint.
    pub tokens: Vec<f64>,
    /// Bare signatures of one core.
    pub signatures: Vec<f64>,
    /// Reads of a subscription.
    pub checked: Vec<f64>,
    /// The same without the look at the bearer.
    pub unchecked: Vec<f64>,
}

impl Report {
    /// Puts the rounds together.
    #[must_use]
    pub fn new(asked: (u32, u32), rounds: &Rounds, errors: &Errors) -> Self {
        Self {
            tokens: asked.0,
            concurrency: asked.1,
            errors: errors.count(),
            tokens_per_second: median_rate(&rounds.tokens),
            signatures_per_second: median_rate(&rounds.signatures),
            checked_gets_per_second: median_rate(&rounds.checked),
            unchecked_gets_per_second: median_rate(&rounds.unchecked),
            ratios: Ratios {
                tokens_to_signatures: stats::median_ratio(&rounds.tokens, &rounds.signatures),
                checked_to_unchecked: stats::median_ratio(&rounds.checked, &rounds.unchecked),
            },
            machine: Machine::this(),
        }
    }

    /// The report in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let size = [
            ("tokens", &*self.tokens.to_string()),
            ("concurrency", &*self.concurrency.to_string()),
            ("cores", &*self.machine.cores.to_string()),
        ];
        let rates = [
            ("tokens", &*number(self.tokens_per_second)),
            ("signatures", &*number(self.signatures_per_second)),
        ];
        let gets = [
            ("checked", &*number(self.checked_gets_per_second)),
            ("unchecked", &*number(self.unchecked_gets_per_second)),
        ];
        let ratio =
            |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.3}")).unwrap_or_default();
        let signed = ratio(self.ratios.tokens_to_signatures);
        let checked = ratio(self.ratios.checked_to_unchecked);
        vec![
            words::tell("load-tokens-title", &size),
            words::tell("load-tokens-rates", &rates),
            words::tell("load-tokens-gets", &gets),
            errors_line(self.errors),
            String::new(),
            words::tell("load-tokens-to-signatures", &[("ratio", &signed)]),
            words::tell("load-tokens-checked", &[("ratio", &checked)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let rounds = Rounds {
            tokens: vec![1_000.0, 2_000.0],
            signatures: vec![500.0, 1_000.0],
            checked: vec![4_500.0, 4_500.0],
            unchecked: vec![5_000.0, 5_000.0],
        };
        Report::new((5_000, 64), &rounds, &Errors::default())
    }

    #[test]
    fn the_object_has_the_documented_members_in_order() {
        let json = serde_json::to_string(&report()).unwrap();
        let cores = Machine::this().cores;
        let expected = format!(
            "{}{}",
            r#"{"tokens":5000,"concurrency":64,"errors":0,"tokensPerSecond":1500.0,"signaturesPerSecond":750.0,"checkedGetsPerSecond":4500.0,"uncheckedGetsPerSecond":5000.0,"ratios":{"tokensToSignatures":2.0,"checkedToUnchecked":0.9},"#,
            format_args!(r#""machine":{{"cores":{cores}}}}}"#)
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn people_read_the_same_figures() {
        let text = report().lines().join("\n");
        for part in ["5000", "1500.0", "750.0", "4500.0", "0.900", "2.000"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
