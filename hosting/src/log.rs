//! Where the log goes: standard error, as text or JSON. Called once by each program.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// `--log-format`: how a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Starts the log. `RUST_LOG` goes before `default_filter`. A second call changes nothing: the choice of the program that
/// runs both services, or of a test, stands.
pub fn log(format: LogFormat, default_filter: &str) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let _ = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}
