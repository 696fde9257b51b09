//! `rehearse load`: complete flows at a concurrency, then each step alone, in rounds with `GET /health/live` and, with
//! `--baseline`, with a broker that commits each command alone. `steps` calls, `crowd` runs, `report` tells.

mod crowd;
mod report;
mod stats;
mod steps;

use std::path::{Path, PathBuf};

use anyhow::bail;
use reqwest::Client;
use tempfile::TempDir;

use crate::{
    cli,
    control::Control,
    locate,
    services::{self, BrokerConfig, Services},
    term::{self, Terminal},
    web, words,
};
use report::{Report, Rounds};
use steps::{Stage, Step};

/// Rounds of the second phase. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// Fewer health requests than this are over before a rate can be read from them.
const HEALTH_AT_LEAST: usize = 2_000;
/// Different errors shown.
const ERRORS_SHOWN: usize = 5;

/// Measures.
pub async fn load(asked: cli::Load) -> anyhow::Result<()> {
    services::log(cli::LogFormat::Text, "warn");
    let stop = services::asked_to_stop()?;
    let own = Own::start(&asked).await?;
    let measured = tokio::select! {
        measured = measure(&asked, &own) => measured,
        () = stop => Err(anyhow::anyhow!(words::say("interrupted"))),
    };
    own.stop().await;
    measured
}

async fn measure(asked: &cli::Load, own: &Own) -> anyhow::Result<()> {
    let http = web::client()?;
    let main = match &own.main {
        Some(broker) => broker.control(http.clone(), asked.sandbox.as_deref())?,
        None => running(asked).await?,
    };
    let stage = Stage::set(http.clone(), main).await?;
    let baseline = match &own.baseline {
        Some(broker) => Some(Stage::set(http.clone(), broker.control(http, None)?).await?),
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
    let terminal = Terminal::new();
    if asked.json {
        terminal.line(&serde_json::to_string(&report)?)?;
    } else {
        for line in report.lines() {
            terminal.line(&line)?;
        }
    }
    for (message, times) in errors.first(ERRORS_SHOWN) {
        term::remark(&format!("{times} x {message}"));
    }
    if errors.count() > 0 {
        bail!(words::tell("load-failed", &[("errors", &errors.count().to_string())]));
    }
    Ok(())
}

/// A running broker, in a sandbox of its own: thousands of subscriptions are nothing to leave in somebody's world.
async fn running(asked: &cli::Load) -> anyhow::Result<Control> {
    let sandbox = asked.sandbox.as_deref();
    let control = locate::at(asked.url.as_ref(), &asked.data_dir, sandbox.unwrap_or("default"))?;
    if sandbox.is_some() {
        return Ok(control);
    }
    let made = control.create_sandbox().await?;
    term::remark(&words::tell("load-sandbox", &[("sandbox", &made.id)]));
    Ok(control.in_sandbox(&made.id))
}

/// The brokers that this run started itself.
struct Own {
    main: Option<Broker>,
    baseline: Option<Broker>,
}

/// A broker of this run, and its directory.
struct Broker {
    running: Services,
    _dir: TempDir,
}

impl Own {
    async fn start(asked: &cli::Load) -> anyhow::Result<Self> {
        if asked.url.is_some() {
            return Ok(Self { main: None, baseline: None });
        }
        let main = Broker::start(asked.database.as_deref(), false).await?;
        let baseline = match asked.baseline {
            false => None,
            true => match Broker::start(asked.database.as_deref(), true).await {
                Ok(broker) => Some(broker),
                Err(error) => {
                    main.running.stop().await;
                    return Err(error);
                }
            },
        };
        Ok(Self { main: Some(main), baseline })
    }

    async fn stop(self) {
        for broker in [self.main, self.baseline].into_iter().flatten() {
            broker.running.stop().await;
        }
    }
}

impl Broker {
    async fn start(database: Option<&str>, single_transactions: bool) -> anyhow::Result<Self> {
        let file = database.filter(|database| !is_server(database));
        let file = file.map(|file| file.strip_prefix("sqlite:").unwrap_or(file));
        // The baseline's file lies beside the other one: on the same disk, or the two could not be compared.
        let beside = file.map(|file| folder_of(Path::new(file)));
        let dir = services::throwaway_dir(beside.as_deref())?;
        let own_file = single_transactions && file.is_some();
        let config = BrokerConfig {
            database: database.filter(|_| !own_file).map(ToOwned::to_owned),
            single_transactions,
            ..services::throwaway_broker(dir.path())
        };
        Ok(Self { running: Services::start(config, None).await?, _dir: dir })
    }

    fn control(&self, http: Client, sandbox: Option<&str>) -> anyhow::Result<Control> {
        let sandbox = sandbox.unwrap_or("default");
        Control::new(http, &self.running.broker_url(), sandbox, self.running.control_token())
    }
}

/// Whether a database is a server's, not a file.
fn is_server(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_from_a_file() {
        for (database, is) in [
            ("postgres://u@127.0.0.1/db", true),
            ("postgresql:///db", true),
            ("load.db", false),
            ("/tmp/x/load.db", false),
        ] {
            assert_eq!(is_server(database), is, "{database}");
        }
    }

    #[test]
    fn the_folder_of_a_bare_file_name_is_here() {
        assert_eq!(folder_of(Path::new("load.db")), Path::new("."));
        assert_eq!(folder_of(Path::new("/data/load.db")), Path::new("/data"));
    }
}
