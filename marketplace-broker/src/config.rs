//! The broker's settings: every flag is also an environment variable. Read by `main.rs` and by `rehearse`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use shared::{rehearsal::LicenseConfirmation, secret::Secret};
use url::Url;

/// Port the broker listens on unless told otherwise.
pub const PORT: u16 = 8700;
/// Where the bundled publisher is unless told otherwise.
pub const PUBLISHER_URL: &str = "http://127.0.0.1:8701";

/// How long one attempt of a webhook may take (fulfillment.md 3.6).
pub const WEBHOOK_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Where webhooks may go (architecture.md, Security rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Outgoing {
    /// Loopback and private networks, too.
    Local,
    /// Public addresses only, and hosts that are named.
    Shared,
}

/// The broker's settings. `Debug` shows the database without its password.
#[derive(Clone, clap::Args)]
pub struct Config {
    /// Address to listen on
    #[arg(long, env = "BROKER_LISTEN", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDR")]
    pub listen: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "BROKER_PORT", default_value_t = PORT, value_name = "N")]
    pub port: u16,
    /// URL others reach the broker by, if it is not where it listens
    #[arg(long, env = "BROKER_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// URL of the bundled publisher, for publishers without a landing page of their own
    #[arg(long, env = "BROKER_PUBLISHER_URL", default_value = PUBLISHER_URL, value_name = "URL")]
    pub publisher_url: Option<Url>,
    /// URL that the broker itself reaches the bundled publisher by, if it is not the one browsers use
    #[arg(long, env = "BROKER_PUBLISHER_INTERNAL_URL", value_name = "URL")]
    pub publisher_internal_url: Option<Url>,
    /// Folder for the database, the control token and what else is kept
    #[arg(long, env = "BROKER_DATA_DIR", default_value = ".rehearsal", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// postgres:// URL, or the path of a SQLite file [default: broker.db in the data dir]
    #[arg(long, env = "BROKER_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// Landing page of the first publisher of sandbox `default`
    #[arg(long, env = "BROKER_LANDING_PAGE_URL", value_name = "URL")]
    pub landing_page_url: Option<Url>,
    /// Webhook of the first publisher of sandbox `default`
    #[arg(long, env = "BROKER_WEBHOOK_URL", value_name = "URL")]
    pub webhook_url: Option<Url>,
    /// How the first publisher of sandbox `default` confirms licenses
    #[arg(long, env = "BROKER_LICENSE_CONFIRMATION", value_parser = license_confirmation, value_name = "explicit|withActivation")]
    pub license_confirmation: Option<LicenseConfirmation>,
    /// Host name, besides the addresses above, that the control API may be called by; may be repeated
    #[arg(
        long = "allowed-host",
        env = "BROKER_ALLOWED_HOSTS",
        value_delimiter = ',',
        value_name = "NAME"
    )]
    pub allowed_hosts: Vec<String>,
    /// Where webhooks may go: `local` allows loopback and private networks, `shared` does not [default: local on
    /// loopback, else shared]
    #[arg(long, env = "BROKER_OUTGOING", value_name = "local|shared")]
    pub outgoing: Option<Outgoing>,
    /// Host that webhooks may go to although it is on a private network; may be repeated
    #[arg(
        long = "allow-host",
        env = "BROKER_ALLOW_HOST",
        value_delimiter = ',',
        value_name = "HOST"
    )]
    pub allow_host: Vec<String>,
    /// PEM file with root certificates that webhooks trust besides the usual ones
    #[arg(long, env = "BROKER_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Speak TLS, with a certificate by the development CA of the data dir, made on first use
    #[arg(long, env = "BROKER_TLS")]
    pub tls: bool,
    /// Seconds one attempt of a webhook may take
    #[arg(long, env = "BROKER_WEBHOOK_TIME_LIMIT", hide = true, default_value = "10", value_parser = seconds)]
    pub webhook_time_limit: Duration,
    /// Believe bearers without looking at signature and time: the baseline of `rehearse load --tokens`. No flag and no
    /// variable sets it.
    #[arg(skip)]
    pub unverified_bearers: bool,
    /// Commit each change alone instead of together with its neighbours: the baseline of `rehearse load`
    #[arg(long, env = "BROKER_SINGLE_TRANSACTIONS", hide = true)]
    pub single_transactions: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("port", &self.port)
            .field("data_dir", &self.data_dir)
            .field("database", &self.database())
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: PORT,
            public_url: None,
            publisher_url: PUBLISHER_URL.parse().ok(),
            publisher_internal_url: None,
            data_dir: PathBuf::from(".rehearsal"),
            database: None,
            landing_page_url: None,
            webhook_url: None,
            license_confirmation: None,
            allowed_hosts: Vec::new(),
            outgoing: None,
            allow_host: Vec::new(),
            ca_file: None,
            tls: false,
            webhook_time_limit: WEBHOOK_TIME_LIMIT,
            unverified_bearers: false,
            single_transactions: false,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let read = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    read.filter(|limit| !limit.is_zero()).ok_or_else(|| "use a number of seconds".to_owned())
}

fn license_confirmation(text: &str) -> Result<LicenseConfirmation, String> {
    match text {
        "explicit" => Ok(LicenseConfirmation::Explicit),
        "withActivation" => Ok(LicenseConfirmation::WithActivation),
        _ => Err("use explicit or withActivation".to_owned()),
    }
}

/// Where the data is. `Display` shows no password.
#[derive(Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(Secret<String>),
}

impl Config {
    /// Where webhooks may go: what is set, else `local` on loopback.
    #[must_use]
    pub fn outgoing(&self) -> Outgoing {
        let by_listen = if self.listen.is_loopback() { Outgoing::Local } else { Outgoing::Shared };
        self.outgoing.unwrap_or(by_listen)
    }

    /// The database the settings name.
    #[must_use]
    pub fn database(&self) -> Database {
        match &self.database {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Database::Postgres(Secret::new(url.clone()))
            }
            Some(path) => Database::Sqlite(path.strip_prefix("sqlite:").unwrap_or(path).into()),
            None => Database::Sqlite(self.data_dir.join("broker.db")),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match Url::parse(url.expose()) {
                Ok(url) => {
                    let host = url.host_str().unwrap_or_default();
                    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
                    write!(f, "postgres://{host}{port}{}", url.path())
                }
                Err(_) => f.write_str("postgres://(not a URL)"),
            },
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(database: &str) -> String {
        Config { database: Some(database.to_owned()), ..Config::default() }.database().to_string()
    }

    #[test]
    fn a_database_is_shown_without_its_password() {
        let url = "postgres://app:hunter2@db:5433/world?user=x&password=y";
        assert_eq!(shown(url), "postgres://db:5433/world");
        let config = Config { database: Some(url.to_owned()), ..Config::default() };
        assert!(!format!("{config:?}").contains("hunter2"));
        assert_eq!(shown("postgres:///world?host=/run/pg&password=y"), "postgres:///world");
        assert_eq!(shown("sqlite:/tmp/a b.db"), "sqlite:/tmp/a b.db");
        assert_eq!(shown("data/한글.db"), "sqlite:data/한글.db");
    }
}
