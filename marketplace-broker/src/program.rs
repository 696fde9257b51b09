//! The program around the library: flags, start, signal, stop; and `health`, for container health checks. Called by
//! `main.rs` and by the tests' own binary.

use std::{io::Write, path::PathBuf, pin::pin, process::ExitCode};

use clap::{Parser, Subcommand};
use hosting::LogFormat;
use url::Url;

use crate::{
    config::Config,
    server::{self, Outside},
};

/// Plays Microsoft's commercial marketplace for rehearsals.
#[derive(Debug, Parser)]
#[command(name = "marketplace-broker", version)]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
    /// How log lines look
    #[arg(long, env = "BROKER_LOG_FORMAT", value_enum, default_value_t)]
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
        return match runtime.block_on(hosting::healthy(&url, ca_file.as_deref())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => say(&format!("not healthy: {reason}")),
        };
    }
    hosting::log(flags.log_format, "info");
    runtime.block_on(serve(flags.config))
}

async fn serve(config: Config) -> ExitCode {
    let stop = match hosting::asked_to_stop() {
        Ok(stop) => stop,
        Err(error) => return say(&format!("cannot start: {error}")),
    };
    let listener = match server::bind(&config) {
        Ok(listener) => listener,
        Err(error) => return say(&error.to_string()),
    };
    let mut stop = pin!(stop);
    let started = tokio::select! {
        started = server::start(config, listener, Outside::system()) => started,
        // Nothing was acknowledged yet, and what starting writes is whole or not there.
        () = &mut stop => return ExitCode::SUCCESS,
    };
    match started {
        Ok(running) => {
            tracing::info!(url = running.url(), database = running.database(), "the broker is up");
            if running.access_code().is_some() {
                tracing::info!(
                    "the account picker and the publisher's console ask for the code in the data dir's file access-code"
                );
            }
            stop.await;
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
