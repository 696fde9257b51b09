//! Rows to values and back: the few conversions every table family needs. Called inside `store` only.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::{Row, any::AnyRow};

use super::failure::Failure;

/// The column of a row, or a failure that names table and column.
pub(super) struct Reader<'r> {
    pub(super) table: &'static str,
    pub(super) row: &'r AnyRow,
}

impl Reader<'_> {
    /// A stored value that the domain does not know.
    pub(super) fn odd(&self, column: &str) -> Failure {
        Failure::Inconsistent(format!("{}.{column}", self.table))
    }

    pub(super) fn text(&self, column: &str) -> Result<String, Failure> {
        Ok(self.row.try_get(column)?)
    }

    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, Failure> {
        Ok(self.row.try_get(column)?)
    }

    pub(super) fn int(&self, column: &str) -> Result<i64, Failure> {
        Ok(self.row.try_get(column)?)
    }

    pub(super) fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        Ok(self.row.try_get(column)?)
    }

    pub(super) fn at(&self, column: &str) -> Result<Timestamp, Failure> {
        instant(self.int(column)?).ok_or_else(|| self.odd(column))
    }

    pub(super) fn maybe_at(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(micros) = self.maybe_int(column)? else { return Ok(None) };
        instant(micros).map(Some).ok_or_else(|| self.odd(column))
    }

    /// An id or enum that parses from its text.
    pub(super) fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, Failure> {
        self.text(column)?.parse().map_err(|_| self.odd(column))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.odd(column))
    }

    pub(super) fn maybe_json<T: DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, Failure> {
        let Some(text) = self.maybe_text(column)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| self.odd(column))
    }
}

/// Microseconds as an instant.
pub(super) fn instant(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

/// JSON as it is stored.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Inconsistent(error.to_string()))
}
