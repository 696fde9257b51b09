//! Opens either database: pools, SQLite's switches, the file lock, migrations. The part with two dialects.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use shared::clock::Clock;
use sqlx::{AnyConnection, AnyPool, Connection, Executor, any::AnyPoolOptions};
use tokio::task::JoinHandle;

use super::{
    Store,
    lock::FileLock,
    migrate,
    writer::{self, Shape},
};
use crate::config::Database;

/// Commands that SQLite commits together at most.
const BATCH: usize = 256;
/// Connections that write to PostgreSQL at a time.
const POSTGRES_WRITERS: usize = 16;
/// How long PostgreSQL may take to answer.
const REACH_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Connections that only read a SQLite file.
const SQLITE_READERS: u32 = 4;

/// How to open the store.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the data is.
    pub database: Database,
    /// One command a transaction on SQLite too: the baseline of `rehearse load`.
    pub single_transactions: bool,
}

/// An open store and what keeps it open.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The writers; they end when every `Store` is dropped.
    pub writers: Vec<JoinHandle<()>>,
    /// Closed in this order after the writers have ended.
    pub pools: Vec<AnyPool>,
    /// Held while the broker runs.
    pub lock: Option<FileLock>,
}

/// Why the database cannot be opened. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Another broker has the file.
    #[error("the database {} is in use by another broker; stop it, or choose another --data-dir", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("cannot open the database {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A path that is no text.
    #[error("the path {} is not valid Unicode", path.display())]
    BadPath {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer program.
    #[error(
        "the database is of version {found}, newer than this program knows ({known}); use the newer program, or another --data-dir"
    )]
    Newer {
        /// Its version.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// PostgreSQL does not answer.
    #[error("cannot reach PostgreSQL at {at}: {error}")]
    Unreachable {
        /// The URL without its password.
        at: String,
        /// Why.
        error: sqlx::Error,
    },
    /// A migration that was changed after it was applied.
    #[error("cannot migrate the database: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else the database says.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
}

/// Opens the database, brings it up to date and starts the writers.
pub async fn connect(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Opened, ConnectError> {
    sqlx::any::install_default_drivers();
    match &settings.database {
        Database::Sqlite(path) => {
            let lock = FileLock::take(path)?;
            let (writes, reads) = sqlite_pools(path).await?;
            migrate::run(&writes, migrate::all(), Some(path)).await?;
            let batch = if settings.single_transactions { 1 } else { BATCH };
            let shape = Shape { postgres: false, batch, writers: 1 };
            // The writing one is closed last: SQLite then folds the WAL into the file.
            let pools = vec![reads.clone(), writes.clone()];
            let (store, writers) = writer::start(writes, reads, shape, clock);
            Ok(Opened { store, writers, pools, lock: Some(lock) })
        }
        Database::Postgres(url) => {
            let pool = postgres_pool(url.expose(), &settings.database).await?;
            let shape = Shape { postgres: true, batch: 1, writers: POSTGRES_WRITERS };
            let pools = vec![pool.clone()];
            let (store, writers) = writer::start(pool.clone(), pool, shape, clock);
            Ok(Opened { store, writers, pools, lock: None })
        }
    }
}

fn options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Brings the database up to date and opens the pool that readers and writers share.
async fn postgres_pool(url: &str, database: &Database) -> Result<AnyPool, ConnectError> {
    let unreachable = |error| ConnectError::Unreachable { at: database.to_string(), error };
    // One plain connection first: a pool would only say that it timed out.
    let first = tokio::time::timeout(REACH_LIMIT, AnyConnection::connect(url)).await;
    let first = first.map_err(|_| unreachable(sqlx::Error::PoolTimedOut))?.map_err(unreachable)?;
    first.close().await.map_err(unreachable)?;
    // A migration may take its time; the statements of commands may not.
    let migrating = options(1).connect(url).await.map_err(unreachable)?;
    migrate::run(&migrating, migrate::all(), None).await?;
    migrating.close().await;
    // Half as many again as there are writers keeps reads from starving.
    let connections = u32::try_from(POSTGRES_WRITERS).unwrap_or(u32::MAX) + 8;
    options(connections)
        .acquire_timeout(REACH_LIMIT)
        .after_connect(|conn, _| {
            Box::pin(async move {
                conn.execute("SET lock_timeout = '3s'").await?;
                conn.execute("SET statement_timeout = '5s'").await?;
                Ok(())
            })
        })
        .connect(url)
        .await
        .map_err(unreachable)
}

/// Characters of a path that a URL would read as its own.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'&');

/// One connection that writes and a few that only read.
pub(super) async fn sqlite_pools(path: &Path) -> Result<(AnyPool, AnyPool), ConnectError> {
    sqlx::any::install_default_drivers();
    let text = path.to_str().ok_or_else(|| ConnectError::BadPath { path: path.into() })?;
    let encoded = utf8_percent_encode(text, PATH);
    create(path).map_err(|error| ConnectError::Unreadable { path: path.into(), error })?;
    let unreadable = |error: sqlx::Error| ConnectError::Unreadable {
        path: path.into(),
        error: std::io::Error::other(error),
    };
    // A pool would try again for half a minute; one plain connection says at once what is wrong with the file.
    let url = format!("sqlite:{encoded}?mode=rwc");
    let mut first = AnyConnection::connect(&url).await.map_err(unreadable)?;
    first.execute("PRAGMA journal_mode=WAL").await.map_err(unreadable)?;
    first.close().await.map_err(unreadable)?;
    let writes = options(1)
        .after_connect(|conn, _| {
            Box::pin(async move {
                conn.execute("PRAGMA journal_mode=WAL").await?;
                conn.execute("PRAGMA synchronous=FULL").await?;
                conn.execute("PRAGMA wal_autocheckpoint=4000").await?;
                conn.execute("PRAGMA cache_size=-8000").await?; // KiB
                // Where a statement writes many rows, the pages as they were before it: not into a file.
                conn.execute("PRAGMA temp_store=MEMORY").await?;
                conn.execute("PRAGMA foreign_keys=ON").await?;
                Ok(())
            })
        })
        .connect(&url)
        .await
        .map_err(unreadable)?;
    let reads = options(SQLITE_READERS)
        .after_connect(|conn, _| {
            Box::pin(async move {
                conn.execute("PRAGMA query_only=ON").await?;
                Ok(())
            })
        })
        .connect(&format!("sqlite:{encoded}?mode=ro"))
        .await
        .map_err(unreadable)?;
    Ok((writes, reads))
}

/// Makes the file for its owner only, before SQLite would make it for everybody.
fn create(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    owner_only(path)
}

/// Mode 0600 where the system has modes.
pub(super) fn owner_only(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Writes a file for its owner only, whole or not at all.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    create(&draft)?;
    std::fs::write(&draft, text)?;
    std::fs::rename(&draft, path)
}
