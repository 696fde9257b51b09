//! Starts the broker and stops it: database, keys, workers, listener. Called by `main.rs`, by `rehearse` and by tests.

mod before_serving;
mod data_dir;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum_server::tls_rustls::RustlsConfig;
use shared::{
    clock::{Clock, SystemClock},
    development_ca::{self, CaError, DevelopmentCa},
    entropy::{Entropy, SystemEntropy},
    secret::Secret,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Parts},
    clients::{
        addresses::Addresses,
        publisher::{ClientError, HttpPublisher},
        webhook::Tokens,
    },
    config::{Config, Outgoing},
    http::{self, hosts::Hosts},
    key_ring::KeyRing,
    store::{self, ConnectError, Failure, Opened, Settings, Store},
    workers::{
        self,
        deliver_webhook::{self, Post},
    },
};

/// How long open requests may take to end when the broker stops.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Time and randomness, handed in.
#[derive(Clone)]
pub struct Outside {
    /// Real time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// An RS256 key (PKCS#8 PEM) for a fresh installation, instead of making one.
    pub signing_key: Option<Secret<String>>,
}

impl Outside {
    /// The machine's clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), signing_key: None }
    }
}

/// Why the broker cannot start. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the address is not ours.
    #[error("cannot listen on {at}: {error}; choose another --port, or stop what listens there")]
    Listen {
        /// Where.
        at: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The data dir cannot be used.
    #[error("cannot use the data dir {}: {error}", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The first commands failed.
    #[error("cannot prepare the database: {0}")]
    Prepare(#[from] Failure),
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] CaError),
    /// Webhooks cannot be sent.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The bundled catalogue cannot be read.
    #[error("the bundled catalogue cannot be read: {0}")]
    Catalogue(#[from] serde_json::Error),
}

/// Takes the port, so that its number is known before anything starts.
pub fn bind(config: &Config) -> Result<TcpListener, StartError> {
    let at = SocketAddr::new(config.listen, config.port);
    hosting::bind(at).map_err(|error| StartError::Listen { at, error })
}

/// A broker that runs.
pub struct Running {
    url: String,
    control_token: Secret<String>,
    access_code: Option<Secret<String>>,
    database: String,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Running {
    /// Where it is reached, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The operator's bearer.
    #[must_use]
    pub fn control_token(&self) -> &Secret<String> {
        &self.control_token
    }

    /// What the account picker asks for before it shows anybody, and the publisher's console; `None` on loopback.
    #[must_use]
    pub fn access_code(&self) -> Option<&Secret<String>> {
        self.access_code.as_ref()
    }

    /// Its database, without a password.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Ends open requests, workers and writers, in that order. Everything acknowledged is stored already.
    pub async fn stop(self) {
        self.stop.cancel();
        if self.serving.await.is_err() {
            tracing::error!("the broker broke while it stopped");
        }
    }
}

/// Starts the broker on a listener from [`bind`]. It answers as soon as this returns; the signing key follows.
pub async fn start(
    config: Config,
    listener: TcpListener,
    outside: Outside,
) -> Result<Running, StartError> {
    crate::telemetry::metrics();
    data_dir::prepare(&config.data_dir)?;
    let control_token = data_dir::control_token(&config.data_dir, outside.entropy.as_ref())?;
    let access_code = data_dir::access_code(&config, outside.entropy.as_ref())?;
    let address = listener.local_addr().map_err(|error| StartError::Listen {
        at: SocketAddr::new(config.listen, config.port),
        error,
    })?;
    let tls = tls(&config, address, &outside)?;
    let public_url = config.public_url.as_ref();
    let public_url = public_url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    let database = config.database();
    let settings =
        Settings { database: database.clone(), single_transactions: config.single_transactions };
    let opened = store::connect(&settings, outside.clock.clone()).await?;
    before_serving::take_over(&opened.store, &database, outside.entropy.as_ref()).await?;
    before_serving::first_sandbox(&opened.store, &config, outside.entropy.as_ref()).await?;

    let (exchanges, exchanges_in) = workers::journal::channel();
    let keys = Arc::new(KeyRing::new());
    let publisher_url = config.publisher_url.as_ref().map(ToString::to_string);
    let post = post(&config, &outside, &opened.store, &keys)?;
    let app = App::new(Parts {
        store: opened.store.clone(),
        clock: outside.clock,
        entropy: outside.entropy.clone(),
        keys: keys.clone(),
        fresh_tokens: http::FreshTokens::default(),
        partner_rates: http::Rates::default(),
        publisher_rates: http::Rates::default(),
        exchanges,
        control_token: control_token.clone(),
        hosts: Hosts::new(own_names(&config, address)),
        publisher_url,
        access_code: access_code.clone(),
        unverified_bearers: config.unverified_bearers,
        public_url,
        own_url: url.clone(),
    });
    let stop = CancellationToken::new();
    let background = Background {
        journal: spawn(workers::journal::run(opened.store.clone(), exchanges_in)),
        timers: spawn(workers::timers::run(opened.store.clone(), outside.entropy, stop.clone())),
        webhooks: spawn(deliver_webhook::run(post, stop.clone())),
        key: spawn(fill(keys, opened.store.clone(), outside.signing_key)),
    };
    let answering = hosting::answer(listener, http::router(app), tls, stop.clone());
    let serving = spawn(serve(answering, opened, background, stop.clone()));
    Ok(Running { url, control_token, access_code, database: database.to_string(), stop, serving })
}

/// Who sends webhooks, and where they may go.
fn post(
    config: &Config,
    outside: &Outside,
    store: &Store,
    keys: &Arc<KeyRing>,
) -> Result<Post, StartError> {
    let addresses = Addresses::new(config.outgoing(), &config.allow_host);
    let time_limit = config.webhook_time_limit;
    let ca_files = ca_files(config);
    let receiver = HttpPublisher::new(addresses, time_limit, &ca_files)?;
    let bundled = Addresses::new(Outgoing::Local, &[]);
    let bundled_receiver = HttpPublisher::new(bundled, time_limit, &ca_files)?;
    let bundled_publisher =
        config.publisher_internal_url.as_ref().or(config.publisher_url.as_ref());
    Ok(Post::new(deliver_webhook::Parts {
        store: store.clone(),
        clock: outside.clock.clone(),
        entropy: outside.entropy.clone(),
        tokens: Tokens::new(keys.clone(), store.clone()),
        receiver: Arc::new(receiver),
        bundled_receiver: Arc::new(bundled_receiver),
        time_limit,
        bundled_publisher: bundled_publisher.map(ToString::to_string),
    }))
}

#[expect(clippy::disallowed_methods, reason = "every task started here is awaited by `stop`")]
fn spawn<F: Future<Output = ()> + Send + 'static>(task: F) -> JoinHandle<()> {
    tokio::spawn(task)
}

/// Workers of a running broker.
struct Background {
    journal: JoinHandle<()>,
    timers: JoinHandle<()>,
    webhooks: JoinHandle<()>,
    key: JoinHandle<()>,
}

async fn fill(keys: Arc<KeyRing>, store: Store, given: Option<Secret<String>>) {
    if let Err(error) = keys.fill(&store, given).await {
        tracing::error!(%error, "no bearer tokens: the signing key cannot be had");
    }
}

/// How the broker speaks TLS, if it does.
fn tls(
    config: &Config,
    address: SocketAddr,
    outside: &Outside,
) -> Result<Option<RustlsConfig>, StartError> {
    if !config.tls {
        return Ok(None);
    }
    let ca = DevelopmentCa::of(&config.data_dir, outside.clock.now(), outside.entropy.as_ref())?;
    let names = development_ca::names(address.ip(), own_names(config, address));
    let server = ca.server_config(names, outside.clock.clone())?;
    Ok(Some(RustlsConfig::from_config(server)))
}

/// Certificates that webhooks trust besides the usual ones.
fn ca_files(config: &Config) -> Vec<PathBuf> {
    let own = config.tls.then(|| development_ca::certificate_file(&config.data_dir));
    config.ca_file.iter().cloned().chain(own).collect()
}

/// Serves until stopped; then ends everything in the order in which it depends on each other.
async fn serve(
    serving: impl Future<Output = io::Result<()>>,
    opened: Opened,
    background: Background,
    stop: CancellationToken,
) {
    let Opened { store, writers, pools, lock } = opened;
    let limit = async {
        stop.cancelled().await;
        let _ = tokio::time::timeout(STOP_LIMIT, std::future::pending::<()>()).await;
    };
    tokio::select! {
        ended = serving => {
            if let Err(error) = ended {
                tracing::error!(%error, "the listener failed");
            }
        }
        () = limit => tracing::warn!("requests were still open when the broker stopped"),
    }
    background.key.abort();
    let _ = background.timers.await;
    let _ = background.webhooks.await; // stores what was under way
    let _ = background.journal.await; // drains what has gathered
    drop(store);
    for writer in writers {
        let _ = writer.await;
    }
    for pool in pools {
        pool.close().await;
    }
    drop(lock);
}

/// Names the control API may be called by: where it listens, its public URL, and what was allowed.
fn own_names(config: &Config, address: SocketAddr) -> Vec<String> {
    let mut names = config.allowed_hosts.clone();
    names.extend(config.public_url.as_ref().and_then(|url| url.host_str().map(str::to_owned)));
    if !address.ip().is_unspecified() {
        names.push(match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        });
    }
    names
}
