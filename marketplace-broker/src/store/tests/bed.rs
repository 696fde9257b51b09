//! A database that outlives the stores opened on it, and the few commands every test begins with. Called by the tests
//! of the store and of the commands.

use std::{ops::Deref, sync::Arc};

use jiff::Timestamp;
use shared::{
    clock::SystemClock,
    entropy::{SystemEntropy, random_uuid, seed},
    ids::{SandboxId, SubscriptionId},
    secret::Secret,
};
use sqlx::migrate::Migrator;
use tempfile::TempDir;

use super::{
    super::{Opened, Settings, Store, connect, migrate},
    postgres,
};
use crate::{
    commands::{Act, CreateSandbox, Deed, IdSeed, Purchase, World},
    config::Database,
    domain::{policy::Profile, purchase::Wish, subscription::SoldBy},
    http::token_key,
};

/// When every sandbox of a test begins.
pub(crate) const START: &str = "2027-01-31T09:00:00Z";
/// Licenses that [`buy`] buys.
pub(crate) const SEATS: i64 = 3;

/// Which database, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One writer, commands in batches.
    Sqlite,
    /// One writer, a command a transaction.
    SqliteSingle,
    /// Sixteen writers, a command a transaction.
    Postgres,
}

impl Kind {
    /// Transactions at a time.
    pub(crate) fn writers(self) -> usize {
        if self == Self::Postgres { 16 } else { 1 }
    }
}

/// A database of its own.
pub(crate) struct Bed {
    settings: Settings,
    folder: TempDir,
}

impl Bed {
    /// Makes an empty one.
    pub(crate) fn new(kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        let database = match kind {
            Kind::Postgres => Database::Postgres(Secret::new(postgres::fresh_database())),
            Kind::Sqlite | Kind::SqliteSingle => Database::Sqlite(folder.path().join("broker.db")),
        };
        let settings = Settings { database, single_transactions: kind == Kind::SqliteSingle };
        Self { settings, folder }
    }

    /// Opens a store on it.
    pub(crate) async fn open(&self) -> Broker {
        Broker(connect(&self.settings, Arc::new(SystemClock)).await.unwrap())
    }

    /// Brings the empty database to the first migration, as the first release left it.
    pub(crate) async fn first_release(&self) -> sqlx::AnyConnection {
        if let Database::Sqlite(path) = &self.settings.database {
            std::fs::File::create_new(path).unwrap();
        }
        let mut conn = self.stranger().await;
        migrate_to(&mut conn, 1).await;
        conn
    }

    /// A connection beside the store's own, as another program would have one.
    pub(crate) async fn stranger(&self) -> sqlx::AnyConnection {
        sqlx::any::install_default_drivers();
        let url = match &self.settings.database {
            Database::Postgres(url) => url.expose().clone(),
            Database::Sqlite(_) => format!("sqlite:{}/broker.db", self.folder.path().display()),
        };
        <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.unwrap()
    }
}

/// Brings a database up to this version.
pub(crate) async fn migrate_to(conn: &mut sqlx::AnyConnection, version: usize) {
    let mut migrations = migrate::all();
    migrations.truncate(version);
    Migrator::with_migrations(migrations).run(conn).await.unwrap();
}

/// An open store that can be ended in two ways.
pub(crate) struct Broker(pub(crate) Opened);

impl Deref for Broker {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0.store
    }
}

impl Broker {
    /// The pool that writes; it closes last.
    pub(crate) fn writes(&self) -> &sqlx::AnyPool {
        self.0.pools.last().unwrap()
    }

    /// As `server.rs` stops: what is queued is stored first.
    pub(crate) async fn stop(self) {
        let Opened { store, writers, pools, lock } = self.0;
        drop(store);
        for writer in writers {
            writer.await.unwrap();
        }
        for pool in pools {
            pool.close().await;
        }
        drop(lock);
    }

    /// As a power cut would, seen from inside: writers are cut off wherever they are, and nothing is drained.
    pub(crate) async fn crash(self) {
        let Opened { store, writers, pools, lock } = self.0;
        for writer in &writers {
            writer.abort();
        }
        for writer in writers {
            let _ = writer.await; // cut off, as asked
        }
        drop((store, pools, lock));
    }
}

/// The instant `hours` after [`START`].
pub(crate) fn hour(hours: i64) -> Timestamp {
    START.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hours)
}

/// Makes a sandbox whose clock stands at [`START`].
pub(crate) async fn make_sandbox(store: &Store, id: &SandboxId) {
    let world = World::believable(id, "", Timestamp::UNIX_EPOCH, &SystemEntropy).unwrap();
    let command = CreateSandbox {
        id: id.clone(),
        start_at: Some(hour(0)),
        frozen: true,
        profile: Profile::Documented,
        world,
        token_key: token_key(&SystemEntropy),
    };
    store.execute_in_turn(command).await.unwrap();
}

/// A purchase of [`SEATS`] licenses by the first customer, from publisher contoso.
pub(crate) fn buy(sandbox: &SandboxId) -> Purchase {
    Purchase {
        sandbox: sandbox.clone(),
        offer: "contoso-desk".parse().unwrap(),
        plan: "silver".parse().unwrap(),
        customer: None,
        wish: Wish {
            quantity: Some(SEATS),
            term: None,
            billing_cycle: None,
            auto_renew: true,
            sold_by: SoldBy::Partner,
            nickname: None,
            reseller_mpn: None,
            order_line: 0,
        },
        subscription: SubscriptionId(random_uuid(&SystemEntropy)),
        order: random_uuid(&SystemEntropy).to_string().parse().unwrap(),
        ids: ids(),
        seed: seed(&SystemEntropy),
        bundled_publisher: Some("http://127.0.0.1:8701".to_owned()),
    }
}

/// The customer cancels.
pub(crate) fn cancel(sandbox: &SandboxId, subscription: SubscriptionId) -> Act {
    Act { sandbox: sandbox.clone(), subscription, deed: Deed::Unsubscribe, ids: ids() }
}

/// What a command names new things from.
pub(crate) fn ids() -> IdSeed {
    IdSeed::new(&SystemEntropy, hour(0))
}
