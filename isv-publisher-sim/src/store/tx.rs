//! One open transaction, as a command sees it. Dropped without COMMIT, it rolls back.

use sqlx::{Any, AnyConnection, Transaction, any::AnyArguments, query::Query};

use super::Error;

/// One open transaction of the one writer.
pub struct Tx {
    inner: Transaction<'static, Any>,
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Any>) -> Self {
        Self { inner }
    }

    /// For statements of this folder.
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// A write that names what it expects to find: it must hit exactly one row.
    pub(super) async fn write_one(
        &mut self,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<(), Error> {
        match query.execute(self.connection()).await?.rows_affected() {
            1 => Ok(()),
            _ => Err(Error::Stale),
        }
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        Ok(self.inner.commit().await?)
    }
}
