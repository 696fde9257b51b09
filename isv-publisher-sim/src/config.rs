//! What the publisher can be told: flags, and the same as environment variables. Read by `cli`, by the command line
//! of the workspace and by tests.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use url::Url;

/// How the publisher runs.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "SIM_LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "SIM_PORT", default_value_t = 8701)]
    pub port: u16,
    /// The address people use, if it is not the one listened on.
    #[arg(long, env = "SIM_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// Where the marketplace broker answers.
    #[arg(long, env = "SIM_BROKER_URL", default_value = "http://127.0.0.1:8700")]
    pub broker_url: Url,
    /// Folder of the database `publisher.db`.
    #[arg(long, env = "SIM_DATA_DIR", default_value = "./.rehearsal")]
    pub data_dir: PathBuf,
    /// Keep nothing: a folder for this run only, in place of --data-dir for the database.
    #[arg(long, env = "SIM_EPHEMERAL")]
    pub ephemeral: bool,
    /// Take the publisher's two steps without a person, once the information has arrived.
    #[arg(long, env = "SIM_AUTO")]
    pub auto: bool,
    /// Speak TLS, with a certificate by the development CA of the data folder, made on first use.
    #[arg(long, env = "SIM_TLS")]
    pub tls: bool,
    /// PEM file with root certificates that a broker over https may be vouched for by, besides the usual ones; the
    /// data folder's development CA is trusted anyway.
    #[arg(long, env = "SIM_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant")]
        let broker_url = Url::parse("http://127.0.0.1:8700").expect("a URL");
        Self {
            listen: Ipv4Addr::LOCALHOST.into(),
            port: 8701,
            public_url: None,
            broker_url,
            data_dir: PathBuf::from("./.rehearsal"),
            ephemeral: false,
            auto: false,
            tls: false,
            ca_file: None,
        }
    }
}
