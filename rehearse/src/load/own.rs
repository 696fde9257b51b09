//! The broker that is measured: one of this run's own, with its directory, or one that runs already. Called by `load`.

use std::path::{Path, PathBuf};

use reqwest::Client;
use shared::rehearsal::CreateSandbox;
use tempfile::TempDir;

use crate::{
    cli,
    control::Control,
    locate,
    services::{self, BrokerConfig, Services},
    term, words,
};

/// The brokers that this run started itself.
pub struct Own {
    main: Option<Broker>,
    baseline: Option<Broker>,
}

/// What a broker of this run is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// To be measured.
    Usual,
    /// To show what group commit gives: it commits each command alone.
    SingleTransactions,
    /// To show what the look at a bearer costs: it takes none.
    UnverifiedBearers,
}

/// A broker of this run, and its directory.
struct Broker {
    running: Services,
    _dir: TempDir,
}

impl Own {
    /// Starts what is needed: nothing where a running broker is named.
    pub async fn start(asked: &cli::Load) -> anyhow::Result<Self> {
        if asked.url.is_some() {
            return Ok(Self { main: None, baseline: None });
        }
        let main = Broker::start(asked.database.as_deref(), Kind::Usual).await?;
        let kind = match (asked.baseline, asked.tokens) {
            (true, _) => Some(Kind::SingleTransactions),
            (false, Some(_)) => Some(Kind::UnverifiedBearers),
            (false, None) => None,
        };
        let baseline = match kind {
            None => None,
            Some(kind) => match Broker::start(asked.database.as_deref(), kind).await {
                Ok(broker) => Some(broker),
                Err(error) => {
                    main.running.stop().await;
                    return Err(error);
                }
            },
        };
        Ok(Self { main: Some(main), baseline })
    }

    /// The broker to be measured.
    pub async fn control(&self, http: Client, asked: &cli::Load) -> anyhow::Result<Control> {
        match &self.main {
            Some(broker) => broker.control(http, asked.sandbox.as_deref()),
            None => running(asked).await,
        }
    }

    /// The one to compare with, if there is one.
    pub fn baseline(&self, http: Client) -> anyhow::Result<Option<Control>> {
        self.baseline.as_ref().map(|broker| broker.control(http, None)).transpose()
    }

    /// Stops them.
    pub async fn stop(self) {
        for broker in [self.main, self.baseline].into_iter().flatten() {
            broker.running.stop().await;
        }
    }
}

impl Broker {
    async fn start(database: Option<&str>, kind: Kind) -> anyhow::Result<Self> {
        let file = database.filter(|database| !is_server(database));
        let file = file.map(|file| file.strip_prefix("sqlite:").unwrap_or(file));
        // The baseline's file lies beside the other one: on the same disk, or the two could not be compared.
        let beside = file.map(|file| folder_of(Path::new(file)));
        let dir = services::throwaway_dir(beside.as_deref())?;
        let own_file = kind != Kind::Usual && file.is_some();
        let config = BrokerConfig {
            database: database.filter(|_| !own_file).map(ToOwned::to_owned),
            single_transactions: kind == Kind::SingleTransactions,
            unverified_bearers: kind == Kind::UnverifiedBearers,
            ..services::throwaway_broker(dir.path())
        };
        Ok(Self { running: Services::start(config, None).await?, _dir: dir })
    }

    fn control(&self, http: Client, sandbox: Option<&str>) -> anyhow::Result<Control> {
        let sandbox = sandbox.unwrap_or("default");
        Control::new(http, &self.running.broker_url(), sandbox, self.running.control_token())
    }
}

/// A running broker, in a sandbox of its own: thousands of subscriptions are nothing to leave in somebody's world.
async fn running(asked: &cli::Load) -> anyhow::Result<Control> {
    let sandbox = asked.sandbox.as_deref();
    let control = locate::at(asked.url.as_ref(), &asked.data_dir, sandbox.unwrap_or("default"))?;
    if sandbox.is_some() {
        return Ok(control);
    }
    let made = control.create_sandbox(&CreateSandbox::default()).await?;
    term::remark(&words::tell("load-sandbox", &[("sandbox", &made.id)]));
    Ok(control.in_sandbox(&made.id))
}

/// Whether a database is a server's, not a file.
fn is_server(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
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
