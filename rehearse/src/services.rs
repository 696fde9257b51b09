//! Both services inside this process, each on its own port. Called by `up`, `demo` and `load`, which reach them over
//! HTTP only, like everybody else.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::anyhow;
use isv_publisher_sim as publisher_sim;
use marketplace_broker as broker;
use shared::secret::Secret;
use url::Url;

pub use hosting::{asked_to_stop, log};

use crate::{locate, wait, web, words};

/// The broker's settings.
pub type BrokerConfig = broker::config::Config;
/// The publisher's settings.
pub type PublisherConfig = publisher_sim::config::Config;

const READY_LIMIT: Duration = Duration::from_secs(30);

/// What runs.
pub struct Services {
    broker: broker::server::Running,
    broker_at: Address,
    data_dir: PathBuf,
    publisher: Option<(publisher_sim::server::Running, Address)>,
}

/// How a service is reached.
#[derive(Debug, Clone)]
struct Address {
    /// From this machine, also when it listens everywhere.
    near: Url,
    /// By whoever is told of it.
    public: Url,
}

impl Address {
    fn new(listener: &TcpListener, public: Option<&Url>, tls: bool) -> anyhow::Result<Self> {
        let near = near(listener, tls)?;
        let public = public.unwrap_or(&near).clone();
        Ok(Self { near, public })
    }
}

impl Services {
    /// Starts them. Both ports are taken first, so that each knows the other's URL before either starts.
    pub async fn start(
        mut broker: BrokerConfig,
        publisher: Option<PublisherConfig>,
    ) -> anyhow::Result<Self> {
        let listener = broker::server::bind(&broker).map_err(|error| anyhow!("{error}"))?;
        let broker_at = Address::new(&listener, broker.public_url.as_ref(), broker.tls)?;
        let publisher = match publisher {
            None => None,
            Some(mut config) => {
                let listener =
                    publisher_sim::server::bind(&config).map_err(|error| anyhow!("{error}"))?;
                let at = Address::new(&listener, config.public_url.as_ref(), config.tls)?;
                config.broker_url = broker_at.near.clone();
                broker.publisher_url = Some(at.public.clone());
                Some((config, listener, at))
            }
        };
        let data_dir = broker.data_dir.clone();
        let outside = broker::server::Outside::system();
        let broker = broker::server::start(broker, listener, outside)
            .await
            .map_err(|error| anyhow!("{error}"))?;
        let mut services = Self { broker, broker_at, data_dir, publisher: None };
        if let Some((config, listener, at)) = publisher {
            let keys = publisher_sim::server::Keys {
                control_token: services.control_token().clone(),
                access_code: services.access_code().cloned(),
            };
            let outside = publisher_sim::server::Outside::system();
            match publisher_sim::server::start(config, keys, listener, outside).await {
                Ok(running) => services.publisher = Some((running, at)),
                Err(error) => {
                    services.stop().await;
                    return Err(anyhow!("{error}"));
                }
            }
        }
        Ok(services)
    }

    /// The broker's base URL for calls from this machine.
    #[must_use]
    pub fn broker_url(&self) -> String {
        web::base(&self.broker_at.near)
    }

    /// The broker's base URL for others.
    #[must_use]
    pub fn broker_public_url(&self) -> String {
        web::base(&self.broker_at.public)
    }

    /// The publisher's base URL for calls from this machine.
    #[must_use]
    pub fn publisher_url(&self) -> Option<String> {
        self.publisher.as_ref().map(|(_, at)| web::base(&at.near))
    }

    /// The publisher's base URL for others.
    #[must_use]
    pub fn publisher_public_url(&self) -> Option<String> {
        self.publisher.as_ref().map(|(_, at)| web::base(&at.public))
    }

    /// The control token.
    #[must_use]
    pub fn control_token(&self) -> &Secret<String> {
        self.broker.control_token()
    }

    /// The database, without a password.
    #[must_use]
    pub fn database(&self) -> &str {
        self.broker.database()
    }

    /// What the account picker asks for once a browser, and the publisher's console; `None` on loopback.
    #[must_use]
    pub fn access_code(&self) -> Option<&Secret<String>> {
        self.broker.access_code()
    }

    /// Waits until both say over HTTP that they are ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let http = web::client_for(&self.data_dir)?;
        for url in [Some(self.broker_url()), self.publisher_url()].into_iter().flatten() {
            let what = words::tell("wait-ready", &[("url", &url)]);
            wait::until(&what, READY_LIMIT, async || {
                let answer = http.get(format!("{url}/health/ready")).send().await;
                Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Stops both, the publisher first, because it calls the broker.
    pub async fn stop(self) {
        if let Some((publisher, _)) = self.publisher {
            publisher.stop().await;
        }
        self.broker.stop().await;
    }
}

/// How this process reaches a listener of its own, also one that listens everywhere.
fn near(listener: &TcpListener, tls: bool) -> anyhow::Result<Url> {
    let at = listener.local_addr()?;
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let scheme = if tls { "https" } else { "http" };
    Ok(format!("{scheme}://{}", SocketAddr::new(ip, at.port())).parse()?)
}

/// A broker for one run: free port on loopback, everything in `data_dir`.
#[must_use]
pub fn throwaway_broker(data_dir: &Path) -> BrokerConfig {
    BrokerConfig { port: 0, data_dir: data_dir.to_owned(), ..BrokerConfig::default() }
}

/// A publisher for one run.
#[must_use]
pub fn throwaway_publisher(data_dir: &Path) -> PublisherConfig {
    PublisherConfig { port: 0, data_dir: data_dir.to_owned(), ..PublisherConfig::default() }
}

/// A directory that goes away with the value.
pub fn throwaway_dir(beside: Option<&Path>) -> anyhow::Result<tempfile::TempDir> {
    let folder = beside.map_or_else(std::env::temp_dir, Path::to_owned);
    tempfile::Builder::new().prefix("rehearsal-").tempdir_in(&folder).map_err(|error| {
        let words = words::tell("unwritable", &[("file", &locate::shown(&folder))]);
        anyhow::Error::new(error).context(words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_everywhere_is_near_on_loopback() {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(near(&listener, false).unwrap().as_str(), format!("http://127.0.0.1:{port}/"));
        assert_eq!(near(&listener, true).unwrap().as_str(), format!("https://127.0.0.1:{port}/"));
    }
}
