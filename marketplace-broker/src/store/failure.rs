//! Why a command or a query gave no answer. Called by the store, turned into wire errors by `http/*/problem.rs`.

use std::sync::Arc;

use crate::domain::refusal::Refusal;

/// Why a change did not happen. It can be cloned: a failed COMMIT is told to the whole batch.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody else changed it first; the writer runs it again.
    #[error("somebody else changed it first")]
    Stale,
    /// The queue is full.
    #[error("too many changes are waiting")]
    Busy,
    /// The command took longer than its time limit.
    #[error("the change took too long")]
    TimedOut,
    /// The command panicked.
    #[error("the change broke")]
    Panicked,
    /// A stored row does not fit the domain: the message names table and column.
    #[error("stored data does not fit: {0}")]
    Inconsistent(String),
    /// The database failed.
    #[error("database")]
    Database(#[source] Arc<sqlx::Error>),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl Failure {
    /// PostgreSQL asks for the transaction to be run again (serialization failure, deadlock), or somebody was faster.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Stale => true,
            Self::Database(error) => {
                let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
                matches!(code.as_deref(), Some("40001" | "40P01"))
            }
            _ => false,
        }
    }

    /// The database is out of reach or locked: the caller may try again later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Busy | Self::Stale | Self::TimedOut => true,
            Self::Database(error) => match error.as_ref() {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
                sqlx::Error::Database(error) => {
                    let code = error.code();
                    // SQLite: busy. PostgreSQL: 57P01 to 57P03, shutting down or starting.
                    matches!(
                        code.as_deref(),
                        Some("5" | "55P03" | "57014" | "57P01" | "57P02" | "57P03")
                    )
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the rest of a batch may go on: nothing went wrong in the database.
    pub(super) fn is_domain(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Stale)
    }
}
