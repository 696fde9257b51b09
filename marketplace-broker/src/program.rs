//! The program around the library: flags, start, signal, stop; and `health`, for container health checks. Called by
//! `main.rs` and by the tests' own binary.

use std::{
    error::Error,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use reqwest::{Certificate, redirect::Policy};
use shared::development_ca::read_roots;
use tokio::signal;
use url::Url;

use crate::{
    config::Config,
    server::{self, Outside},
    telemetry::{self, LogFormat},
};

/// How long a broker may take to answer a health check.
const HEALTH_LIMIT: Duration = Duration::from_secs(3);

/// Plays Microsoft's commercial marketplace for rehearsals.
#[derive(Debug, Parser)]
#[command(name = "marketplace-broker", version)]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
    /// How log lines look: text or json
    #[arg(long, env = "BROKER_LOG_FORMAT", default_value = "text", value_name = "text|json")]
    log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Exit 0 if a broker answers at --url and its database answers it, else 1
    Health {
        /// Where it is
        #[arg(long, default_value = "http://127.0.0.1:8700")]
        url: Url,
        /// PEM file with a root certificate to trust besides the usual ones, for https
        #[arg(long, env = "BROKER_HEALTH_CA_FILE", value_name = "FILE")]
        ca_file: Option<PathBuf>,
    },
}

/// Runs the program: 0 after a clean stop, 1 if it could not start, 2 for wrong usage.
pub fn run() -> ExitCode {
    let flags = Flags::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say(&format!("cannot start: {error}")),
    };
    if let Some(Command::Health { url, ca_file }) = flags.command {
        return match runtime.block_on(healthy(&url, ca_file.as_deref())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => say(&format!("not healthy: {reason}")),
        };
    }
    telemetry::init(flags.log_format, "info");
    runtime.block_on(serve(flags.config))
}

async fn serve(config: Config) -> ExitCode {
    let listener = match server::bind(&config) {
        Ok(listener) => listener,
        Err(error) => return say(&error.to_string()),
    };
    match server::start(config, listener, Outside::system()).await {
        Ok(running) => {
            tracing::info!(url = running.url(), database = running.database(), "the broker is up");
            if running.access_code().is_some() {
                tracing::info!(
                    "the account picker and the publisher's console ask for the code in the data dir's file access-code"
                );
            }
            stop_signal().await;
            tracing::info!("the broker stops");
            running.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => say(&error.to_string()),
    }
}

/// One clear line, exit 1.
fn say(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "marketplace-broker: {line}");
    ExitCode::FAILURE
}

/// Waits for SIGINT or SIGTERM.
pub async fn stop_signal() {
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            let _ = signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = signal::ctrl_c().await;
}

/// Asks `/health/ready`.
async fn healthy(url: &Url, ca_file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut builder =
        reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(HEALTH_LIMIT);
    if let Some(path) = ca_file {
        builder = builder.tls_certs_merge(Certificate::from_pem_bundle(&read_roots(path)?)?);
    }
    builder.build()?.get(url.join("/health/ready")?).send().await?.error_for_status()?;
    Ok(())
}
