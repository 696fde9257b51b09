//! Migrations: one folder, one dialect, one list. Before any that is not the first, the SQLite file is copied.

use std::path::{Path, PathBuf};

use sqlx::{
    AnyPool, Row, SqlSafeStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
    query,
};

use super::connect::ConnectError;

/// Every migration, in order. A test holds that the list equals the folder.
pub(super) fn all() -> Vec<Migration> {
    vec![
        one(1, "world", include_str!("../../migrations/0001_world.sql")),
        one(2, "publisher_side", include_str!("../../migrations/0002_publisher_side.sql")),
        one(3, "policy", include_str!("../../migrations/0003_policy.sql")),
        one(4, "metering", include_str!("../../migrations/0004_metering.sql")),
        one(5, "identity", include_str!("../../migrations/0005_identity.sql")),
        one(6, "notices", include_str!("../../migrations/0006_notices.sql")),
        one(7, "partner_side", include_str!("../../migrations/0007_partner_side.sql")),
        one(8, "steps", include_str!("../../migrations/0008_steps.sql")),
        one(9, "partner_sign_in", include_str!("../../migrations/0009_partner_sign_in.sql")),
        one(10, "customers", include_str!("../../migrations/0010_customers.sql")),
        one(11, "quirks", include_str!("../../migrations/0011_quirks.sql")),
        one(12, "step_declarers", include_str!("../../migrations/0012_step_declarers.sql")),
    ]
}

fn one(version: i64, name: &'static str, text: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
}

/// Brings the database up to date. `file` is the SQLite file to copy before it is changed.
pub(super) async fn run(
    pool: &AnyPool,
    migrations: Vec<Migration>,
    file: Option<&Path>,
) -> Result<(), ConnectError> {
    let newest = migrations.last().map_or(0, |migration| migration.version);
    let applied = newest_applied(pool).await.map_err(ConnectError::Database)?;
    if applied > newest {
        return Err(ConnectError::Newer { found: applied, known: newest });
    }
    if let Some(file) = file
        && applied > 0
        && applied < newest
    {
        copy(pool, &backup_path(file, applied)).await?;
    }
    Migrator::with_migrations(migrations).run(pool).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            ConnectError::Database(error)
        }
        other => ConnectError::Migration(other),
    })
}

/// The newest migration that was applied; 0 for a fresh database.
async fn newest_applied(pool: &AnyPool) -> Result<i64, sqlx::Error> {
    let mut conn = pool.acquire().await?;
    conn.ensure_migrations_table("_sqlx_migrations").await.map_err(|error| match error {
        MigrateError::Execute(error) => error,
        other => sqlx::Error::Protocol(other.to_string()),
    })?;
    query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *conn)
        .await?
        .try_get(0)
}

/// `broker.db` at version 1 is copied to `broker.db.version-1`.
fn backup_path(file: &Path, version: i64) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(format!(".version-{version}"));
    path.into()
}

/// A consistent copy, made by SQLite itself. An older copy of the same version is replaced.
async fn copy(pool: &AnyPool, to: &Path) -> Result<(), ConnectError> {
    let unreadable = |error| ConnectError::Unreadable { path: to.into(), error };
    if to.exists() {
        std::fs::remove_file(to).map_err(unreadable)?;
    }
    let text = to.to_str().ok_or_else(|| ConnectError::BadPath { path: to.into() })?;
    query("VACUUM INTO $1").bind(text).execute(pool).await.map_err(ConnectError::Database)?;
    super::connect::owner_only(to).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connect::sqlite_pools;

    #[test]
    fn the_list_equals_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let list: Vec<_> =
            all().iter().map(|m| format!("{:04}_{}.sql", m.version, m.description)).collect();
        assert_eq!(files, list);
    }

    #[tokio::test]
    async fn a_file_is_copied_before_a_later_migration_and_a_newer_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("broker.db");
        let first = || vec![one(1, "first", "CREATE TABLE a (x BIGINT)")];
        let both = || {
            let mut list = first();
            list.push(one(2, "second", "CREATE TABLE b (x BIGINT)"));
            list
        };
        let copied = dir.path().join("broker.db.version-1");
        let (writes, _reads) = sqlite_pools(&file).await.unwrap();
        run(&writes, first(), Some(&file)).await.unwrap();
        assert!(!copied.exists(), "the first migration needs no copy");
        query("INSERT INTO a (x) VALUES (7)").execute(&writes).await.unwrap();
        run(&writes, both(), Some(&file)).await.unwrap();
        run(&writes, both(), Some(&file)).await.unwrap();
        let (copy, _reads) = sqlite_pools(&copied).await.unwrap();
        let x: i64 = query("SELECT x FROM a").fetch_one(&copy).await.unwrap().try_get(0).unwrap();
        assert_eq!(x, 7);
        assert!(query("SELECT x FROM b").fetch_all(&copy).await.is_err(), "the copy is older");
        let refused = run(&writes, first(), Some(&file)).await.unwrap_err();
        assert!(matches!(refused, ConnectError::Newer { found: 2, known: 1 }), "{refused}");
    }
}
