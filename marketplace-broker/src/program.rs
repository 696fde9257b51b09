//! The program around the library: flags, start, signal, stop; and `health`, for container health checks. Called by
//! `main.rs` and by the tests' own binary.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use tokio::signal;
use url::Url;

use crate::{
    config::Config,
    server::{self, Outside},
    telemetry::{self, LogFormat},
};

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
    },
}

/// Runs the program: 0 after a clean stop, 1 if it could not start, 2 for wrong usage.
pub fn run() -> ExitCode {
    let flags = Flags::parse();
    if let Some(Command::Health { url }) = flags.command {
        return if healthy(&url) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    telemetry::init(flags.log_format, "info");
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say(&format!("cannot start: {error}")),
    };
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

/// Asks `/health/ready`, in plain HTTP and with a time limit: a health check needs no client library.
fn healthy(url: &Url) -> bool {
    let limit = Duration::from_secs(3);
    let ask = || -> Option<bool> {
        let host = url.host_str()?;
        let port = url.port_or_known_default()?;
        let address = (host.trim_matches(['[', ']']), port).to_socket_addrs().ok()?.next()?;
        let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
        stream.set_read_timeout(Some(limit)).ok()?;
        write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .ok()?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).ok()?;
        Some(&head == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
