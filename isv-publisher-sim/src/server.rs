//! Start and stop: the port, the data folder, the store, the workers, the router. Called by `cli`, by the command
//! line of the workspace and by tests.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    net::{SocketAddr, TcpListener},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum_server::tls_rustls::RustlsConfig;
use reqwest::Certificate;
use shared::{
    clock::{Clock, SystemClock},
    development_ca::{self, CaError, DevelopmentCa, read_roots},
    entropy::{self, Entropy, SystemEntropy},
    secret::Secret,
};
use tokio::time::timeout;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    app::{App, Metrics, Site},
    clients::Marketplace,
    config::Config,
    http,
    store::{self, Store},
    workers,
};

/// The longest a stop waits for requests and deliveries under way.
const STOP: Duration = Duration::from_secs(15);

/// What the publisher takes from outside and tests replace.
#[derive(Clone)]
pub struct Outside {
    /// Real time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Outside {
    /// The machine's own.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }
}

/// What opens the console.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Everything, everywhere.
    pub control_token: Secret<String>,
    /// What people type instead where others reach the publisher; `None`: the broker has none, or is on loopback.
    pub access_code: Option<Secret<String>>,
}

impl From<Secret<String>> for Keys {
    fn from(control_token: Secret<String>) -> Self {
        Self { control_token, access_code: None }
    }
}

/// Why the publisher did not start; one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The data folder cannot be used.
    #[error("cannot use the data folder {}: {source}", .path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another publisher runs on the same folder.
    #[error("another isv-publisher-sim is using {}", .path.display())]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// The database cannot be opened or brought up to date.
    #[error("cannot use the database {}: {}", .path.display(), chain(.source))]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: store::Error,
    },
    /// TLS cannot be spoken, or a file of root certificates cannot be read.
    #[error(transparent)]
    Tls(#[from] CaError),
    /// The HTTP client cannot be made.
    #[error("cannot make the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// The causes of an error in one line; some errors quote their cause themselves.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_line = cause.to_string().replace('\n', " ");
        if !line.contains(&cause_line) {
            line = format!("{line}: {cause_line}");
        }
        source = cause.source();
    }
    line
}

/// Takes the port.
pub fn bind(config: &Config) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(config.listen, config.port);
    hosting::bind(address).map_err(|source| StartError::Listen { address, source })
}

/// A publisher that answers.
pub struct Running {
    url: String,
    stop: CancellationToken,
    tasks: TaskTracker,
    store: Store,
    folder: Folder,
    /// A publisher that is dropped stops, too.
    _guard: DropGuard,
}

impl Running {
    /// Where it answers, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no more requests, finishes what is under way, closes the database.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if timeout(STOP, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests or deliveries were still under way after {STOP:?}");
        }
        self.store.close().await;
        if self.folder.ephemeral {
            let _ = fs::remove_dir_all(&self.folder.path); // it lies in the folder for temporary files
        }
    }
}

/// Starts the publisher on a port taken with [`bind`]. Answers once it accepts requests.
pub async fn start(
    config: Config,
    keys: impl Into<Keys>,
    listener: TcpListener,
    outside: Outside,
) -> Result<Running, StartError> {
    let Keys { control_token, access_code } = keys.into();
    let configured = SocketAddr::new(config.listen, config.port);
    let listening = |source| StartError::Listen { address: configured, source };
    let folder = Folder::take(&config, &*outside.entropy)?;
    let path = folder.path.join("publisher.db");
    let broken = |source| StartError::Database { path: path.clone(), source };
    let store = Store::connect(&path).await.map_err(broken)?;
    store.release_leases().await.map_err(broken)?;

    let address = listener.local_addr().map_err(listening)?;
    let public_url = config.public_url.clone();
    let tls = tls(&config, &folder, address, &outside)?;
    let app = Arc::new(App {
        store: store.clone(),
        marketplace: Marketplace::new(
            &config.broker_url,
            control_token.clone(),
            outside.clock.clone(),
            trusted(&config)?,
        )?,
        clock: outside.clock,
        entropy: outside.entropy,
        control_token,
        access_code: access_code.filter(|_| !config.listen.is_loopback()),
        site: Site { listen: config.listen, public_url, tls: config.tls },
        metrics: Metrics::default(),
    });

    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(workers::outbox::run(app.clone(), stop.clone()));
    tasks.spawn(workers::usage::run(app.clone(), stop.clone()));
    if config.auto {
        tasks.spawn(workers::auto::run(app.clone(), stop.clone()));
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let serve = hosting::answer(listener, http::router(app), tls, stop.clone());
    tasks.spawn(async move {
        if let Err(error) = serve.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the server broke off");
        }
    });
    let url = format!("{scheme}://{address}");
    tracing::info!("the publisher answers on {url}");
    Ok(Running { url, _guard: stop.clone().drop_guard(), stop, tasks, store, folder })
}

/// How the publisher speaks TLS, if it does.
fn tls(
    config: &Config,
    folder: &Folder,
    address: SocketAddr,
    outside: &Outside,
) -> Result<Option<RustlsConfig>, StartError> {
    if !config.tls {
        return Ok(None);
    }
    // A folder for one run has no CA that anybody trusts: the one beside it is taken.
    let dir = if config.ephemeral { &config.data_dir } else { &folder.path };
    let ca = DevelopmentCa::of(dir, outside.clock.now(), &*outside.entropy)?;
    let public = config.public_url.as_ref().and_then(|url| url.host_str().map(str::to_owned));
    let server =
        ca.server_config(development_ca::names(address.ip(), public), outside.clock.clone())?;
    Ok(Some(RustlsConfig::from_config(server)))
}

/// Root certificates that a broker may be vouched for by, besides the usual ones.
fn trusted(config: &Config) -> Result<Vec<Certificate>, StartError> {
    let mut roots = Vec::new();
    let own = development_ca::certificate_file(&config.data_dir);
    let own = own.exists().then_some(&own);
    for path in config.ca_file.iter().chain(own) {
        roots.extend(Certificate::from_pem_bundle(&read_roots(path)?)?);
    }
    Ok(roots)
}

/// The data folder, held for this process.
struct Folder {
    path: PathBuf,
    ephemeral: bool,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Folder {
    fn take(config: &Config, entropy: &dyn Entropy) -> Result<Self, StartError> {
        let path = if config.ephemeral {
            let name = format!("isv-publisher-sim-{}", entropy::random_uuid(entropy));
            std::env::temp_dir().join(name)
        } else {
            config.data_dir.clone()
        };
        let lock =
            prepare(&path).map_err(|source| StartError::DataDir { path: path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, ephemeral: config.ephemeral, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse { path }),
            Err(TryLockError::Error(source)) => Err(StartError::DataDir { path, source }),
        }
    }
}

/// Makes the folder for its owner alone, keeps it out of version control, and opens the file that is locked.
fn prepare(path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    let ignored = path.join(".gitignore");
    if !ignored.exists() {
        fs::write(ignored, "*\n")?;
    }
    let lock = path.join("publisher.lock");
    OpenOptions::new().create(true).append(true).mode(0o600).open(lock)
}
