//! What the store answers when a command did not happen. Called by commands, queries and, at the end, `http`.

use std::fmt;

use crate::domain::Refusal;

/// Why a command or a query gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of the publisher says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody else changed the row first, or took over the outbox row.
    #[error("somebody else changed it first")]
    Stale,
    /// A row that no command can have written.
    #[error("{table} holds an impossible row: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database could not be made ready.
    #[error("the database could not be made ready")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database knows a migration that this version does not.
    #[error("it was made by a newer version (migration {0})")]
    Newer(i64),
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => Self::Newer(version),
            other => Self::Migration(other),
        }
    }
}

impl Error {
    /// For a row of `table` that does not make sense.
    pub(crate) fn corrupt(table: &'static str, what: &dyn fmt::Display) -> Self {
        Self::Corrupt { table, what: what.to_string() }
    }
}
