//! The command line of the binary. Called by `main`.

use std::{
    io::{self, Write},
    path::PathBuf,
    pin::pin,
    process::ExitCode,
};

use clap::Parser;
use hosting::LogFormat;
use shared::secret::Secret;
use url::Url;

use crate::{
    config::Config,
    server::{self, Keys, Outside},
};

/// Plays the publisher of a SaaS offer.
#[derive(Debug, Parser)]
#[command(name = "isv-publisher-sim", version)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    config: Config,
    /// File with the control token; the default is `control-token` in the data folder. REHEARSE_TOKEN goes before it.
    #[arg(long, env = "SIM_CONTROL_TOKEN_FILE")]
    control_token_file: Option<PathBuf>,
    /// File with the installation's access code, which the console asks for off loopback; the default is `access-code`
    /// beside the control token's file. Without one, the console asks for the control token there, too.
    #[arg(long, env = "SIM_ACCESS_CODE_FILE")]
    access_code_file: Option<PathBuf>,
    /// How the log is written.
    #[arg(long, env = "SIM_LOG_FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Asks a running publisher whether it is ready: exit 0 if it is, else 1.
    Health {
        /// Where it answers.
        #[arg(long, env = "SIM_URL", default_value = "http://127.0.0.1:8701")]
        url: Url,
        /// PEM file with a root certificate to trust besides the usual ones, for https.
        #[arg(long, env = "SIM_HEALTH_CA_FILE")]
        ca_file: Option<PathBuf>,
    },
}

/// Runs the binary.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    hosting::log(cli.log_format, "info");
    let done =
        tokio::runtime::Runtime::new().map_err(|error| error.to_string()).and_then(|runtime| {
            runtime.block_on(async {
                match cli.verb {
                    Some(Verb::Health { ref url, ref ca_file }) => {
                        let healthy = hosting::healthy(url, ca_file.as_deref()).await;
                        healthy.map_err(|reason| format!("not healthy: {reason}"))
                    }
                    None => serve(cli).await,
                }
            })
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            let _ = writeln!(io::stderr(), "isv-publisher-sim: {line}"); // nowhere else to say it
            ExitCode::FAILURE
        }
    }
}

async fn serve(cli: Cli) -> Result<(), String> {
    let keys = Keys { control_token: control_token(&cli)?, access_code: access_code(&cli)? };
    let mut stop = pin!(hosting::asked_to_stop().map_err(|error| error.to_string())?);
    let listener = server::bind(&cli.config).map_err(|error| error.to_string())?;
    let started = tokio::select! {
        started = server::start(cli.config, keys, listener, Outside::system()) => started,
        () = &mut stop => return Ok(()), // nothing was acknowledged yet
    };
    let running = started.map_err(|error| error.to_string())?;
    writeln!(io::stdout(), "isv-publisher-sim answers on {}", running.url())
        .map_err(|error| error.to_string())?;
    stop.await;
    running.stop().await;
    Ok(())
}

fn control_token(cli: &Cli) -> Result<Secret<String>, String> {
    let token = match std::env::var("REHEARSE_TOKEN") {
        Ok(token) => token,
        Err(_) => {
            let path = control_token_file(cli);
            std::fs::read_to_string(&path).map_err(|error| {
                format!(
                    "no control token: set REHEARSE_TOKEN, or let {} be readable ({error})",
                    path.display()
                )
            })?
        }
    };
    match token.trim() {
        "" => Err("the control token is empty".to_owned()),
        token => Ok(Secret::new(token.to_owned())),
    }
}

fn control_token_file(cli: &Cli) -> PathBuf {
    let default = || cli.config.data_dir.join("control-token");
    cli.control_token_file.clone().unwrap_or_else(default)
}

/// The access code; none on loopback, where nobody is asked for it, and where the broker has made none.
fn access_code(cli: &Cli) -> Result<Option<Secret<String>>, String> {
    if cli.config.listen.is_loopback() {
        return Ok(None);
    }
    let path = match &cli.access_code_file {
        Some(path) => path.clone(),
        None => control_token_file(cli).with_file_name("access-code"),
    };
    match std::fs::read_to_string(&path) {
        Ok(code) if !code.trim().is_empty() => Ok(Some(Secret::new(code.trim().to_owned()))),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound && cli.access_code_file.is_none() => {
            Ok(None)
        }
        Err(error) => Err(format!("no access code: {} is not readable ({error})", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The access code of a publisher that listens at an address, with this as its `access-code`.
    fn code_at(listen: &str, file: &str, named: bool) -> Result<Option<Secret<String>>, String> {
        let mut args = vec!["isv-publisher-sim", "--listen", listen];
        let folder = tempfile::TempDir::new().unwrap();
        let token = folder.path().join("control-token");
        let code = folder.path().join("access-code");
        args.extend(["--control-token-file", token.to_str().unwrap()]);
        if named {
            args.extend(["--access-code-file", code.to_str().unwrap()]);
        }
        match file {
            "none" => {}
            "unreadable" => std::fs::create_dir(&code).unwrap(), // to root, too
            text => std::fs::write(&code, text).unwrap(),
        }
        access_code(&Cli::parse_from(args))
    }

    #[test]
    fn on_loopback_the_access_code_is_not_looked_for() {
        for file in ["none", "unreadable", "7F3K-2Q9D"] {
            for named in [false, true] {
                let code = code_at("127.0.0.1", file, named);
                assert!(matches!(code, Ok(None)), "{file}, named: {named}");
            }
        }
    }

    #[test]
    fn off_loopback_it_is_read_and_told_where_it_cannot_be() {
        let code = code_at("0.0.0.0", "7F3K-2Q9D\n", false).unwrap();
        assert_eq!(code.as_ref().map(|code| code.expose().as_str()), Some("7F3K-2Q9D"));
        assert!(matches!(code_at("0.0.0.0", "none", false), Ok(None)));
        for (file, named) in [("none", true), ("unreadable", false), ("unreadable", true)] {
            let refused = code_at("0.0.0.0", file, named);
            assert!(refused.is_err_and(|line| line.contains("access code")), "{file}");
        }
    }
}
