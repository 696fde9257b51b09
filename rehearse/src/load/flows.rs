//! Complete flows, then each step alone, in rounds with `GET /health/live` and, with `--baseline`, with a broker that
//! commits each command alone. `steps` calls, `report` tells. Called by `load`.

use reqwest::Client;

use super::{
    Measured,
    own::Own,
    report::{Report, Rounds},
    size, stats,
    steps::{Deal, Stage, Step},
};
use crate::cli;

/// Rounds of the second phase. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// Fewer health requests than this are over before a rate can be read from them.
const HEALTH_AT_LEAST: usize = 2_000;

/// Measures.
pub async fn measure(http: Client, asked: &cli::Load, own: &Own) -> anyhow::Result<Measured> {
    let main = own.control(http.clone(), asked).await?;
    let stage = Stage::set(http.clone(), main, Deal::default()).await?;
    let baseline = match own.baseline(http.clone())? {
        Some(control) => Some(Stage::set(http, control, Deal::default()).await?),
        None => None,
    };
    let (flows, workers) = (size(asked.flows), size(asked.concurrency));
    let done = stage.flows(flows, workers).await?;
    let mut errors = done.errors.clone();
    let mut rounds = Rounds::default();
    let share = flows.div_ceil(ROUNDS);
    for _ in 0..ROUNDS {
        let health = stage.health(share.max(HEALTH_AT_LEAST), workers).await?;
        rounds.health.push(stats::rate(health.results.len(), health.took));
        errors.merge(health.errors);
        rounds.steps.push(stage.steps_alone(share, workers, &mut errors).await?);
        if let Some(baseline) = &baseline {
            let rates = baseline.steps_alone(share, workers, &mut errors).await?;
            rounds.single_transaction.push(rates[Step::Activate as usize]);
        }
    }
    let report = Report::new((asked.flows, asked.concurrency), &done, &rounds, &errors);
    Measured::new(&report, report.lines(), errors)
}
