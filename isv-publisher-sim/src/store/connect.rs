//! Opens the SQLite file: its switches, its migrations, its mode. Called at start and by tests.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::{
    AnyConnection, AnyPool, Connection, Executor, SqlSafeStr,
    any::AnyPoolOptions,
    migrate::{Migration, MigrationType, Migrator},
};
use tokio::sync::watch;

use super::{Error, Store};

/// What would end the path inside a connection URL.
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ').add(b'"');

const READERS: u32 = 4;

/// Every migration, in order: its name, and its text.
const MIGRATIONS: [(&str, &str); 5] = [
    ("accounts", include_str!("../../migrations/0001_accounts.sql")),
    ("webhooks", include_str!("../../migrations/0002_webhooks.sql")),
    ("usage", include_str!("../../migrations/0003_usage.sql")),
    ("signin", include_str!("../../migrations/0004_signin.sql")),
    ("steps", include_str!("../../migrations/0005_steps.sql")),
];

/// The first `count` migrations.
fn migrations(count: usize) -> Migrator {
    let listed = MIGRATIONS.iter().take(count).zip(1..).map(|((name, text), version)| {
        let text = text.into_sql_str();
        Migration::new(version, (*name).into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(listed.collect())
}

impl Store {
    /// Opens the database at `path`, makes it if it is not there, and brings it up to date.
    pub async fn connect(path: &Path) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        make_private(path).map_err(sqlx::Error::Io)?;
        let text = path.to_string_lossy();
        let url = format!("sqlite:{}", utf8_percent_encode(&text, PATH));
        // A pool would try again for its whole time-out; one connection tells at once what is wrong with the file.
        let mut first = AnyConnection::connect(&format!("{url}?mode=rw")).await?;
        first.execute("PRAGMA journal_mode=WAL").await?;
        first.close().await?;
        let writes = options(1)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute("PRAGMA synchronous=FULL").await?;
                    connection.execute("PRAGMA foreign_keys=ON").await?;
                    Ok(())
                })
            })
            .connect(&format!("{url}?mode=rw"))
            .await?;
        migrations(MIGRATIONS.len()).run(&writes).await?;
        let reads: AnyPool = options(READERS)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute("PRAGMA query_only=ON").await?;
                    Ok(())
                })
            })
            .connect(&format!("{url}?mode=ro"))
            .await?;
        Ok(Self { writes, reads, changes: Arc::new(watch::Sender::new(0)) })
    }
}

fn options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Makes the file for its owner alone before SQLite opens it; SQLite gives its side files the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UserId;

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_told_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("publisher.db");
        std::fs::write(&path, "no database at all ".repeat(100)).unwrap();
        let broken = Store::connect(&path).await.err().unwrap();
        assert!(matches!(broken, Error::Database(_)));

        std::fs::remove_file(&path).unwrap();
        let store = Store::connect(&path).await.unwrap();
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                     execution_time) VALUES (99, 'later', 1, x'00', 0)";
        sqlx::query(newer).execute(&store.writes).await.unwrap();
        store.close().await;
        let newer = Store::connect(&path).await.err().unwrap();
        assert_eq!(newer.to_string(), "it was made by a newer version (migration 99)");
    }

    #[tokio::test]
    async fn a_file_of_the_first_version_is_brought_up_to_date_with_what_it_holds() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("publisher.db");
        sqlx::any::install_default_drivers();
        make_private(&path).unwrap();
        let url = format!("sqlite:{}?mode=rw", path.display());
        let old = options(1).connect(&url).await.unwrap();
        migrations(1).run(&old).await.unwrap();
        let id = "00000000-0000-0000-0000-000000000001";
        for statement in [
            format!(
                "INSERT INTO accounts VALUES ('default', '{id}', 'contoso', 'Contoso', 'Desk', \
                 'Gold', 'Our desk', 2, 'P1M', 'Hanbit', '', 'Alder', '', 'settingUp', NULL, \
                 'hanbit', 'Haeun', 'h@b.example', 'a@b.c', 1, 1, 1, 0, NULL, NULL, 1, 3)"
            ),
            format!(
                "INSERT INTO outbox VALUES ('m1', 'default', '{id}', 'contoso', \
                 'licenseAssignments', 'a@b.c', 'waiting', 2, 1, 5, NULL, 'busy')"
            ),
            format!(
                "INSERT INTO visits VALUES ('h1', 'default', 'contoso', '{id}', NULL, \
                 9000000000000000)"
            ),
        ] {
            old.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
        old.close().await;

        let store = Store::connect(&path).await.unwrap();
        let sandbox = "default".parse().unwrap();
        let accounts = store.accounts(&sandbox).await.unwrap();
        let account = &accounts[0];
        assert_eq!((account.version, account.purchase.term), (3, None));
        // Nobody is known to be let in, and nobody who came before stays.
        assert_eq!(account.purchase.purchaser_user, UserId::default());
        let visits = "SELECT COUNT(*) FROM visits";
        let (visits,): (i64,) = sqlx::query_as(visits).fetch_one(&store.reads).await.unwrap();
        assert_eq!(visits, 0);
        assert_eq!(account.assigning.failure(), Some("busy"));
        let at = jiff::Timestamp::from_second(1).unwrap();
        let claimed = store.claim(at, at, 8).await.unwrap();
        assert_eq!((claimed[0].attempt, claimed[0].people.len()), (3, 1));
        assert!(store.webhooks(&sandbox).await.unwrap().is_empty());
    }

    #[test]
    fn the_list_of_migrations_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<_> = migrations(MIGRATIONS.len())
            .iter()
            .map(|m| format!("{:04}_{}.sql", m.version, m.description))
            .collect();
        assert_eq!(files, listed);
    }
}
