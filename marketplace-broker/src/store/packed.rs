//! Wide rows of long lists, with most of their columns in one text: the driver takes each column of each row by itself from
//! the database's thread to ours, which costs more than everything else in a list of a thousand. Called by the families of
//! tables that have such lists; both ways of reading are [`Columns`].

use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::Row;

use super::{
    codec::{Reader, instant},
    failure::Failure,
};

/// What stands between columns: no packed one holds it.
pub(super) const BETWEEN: char = '|';

/// Columns of a row by name, wherever they stand.
pub(super) trait Columns {
    /// A stored value that the domain does not know.
    fn odd(&self, column: &str) -> Failure;
    /// A text.
    fn maybe_str(&self, column: &str) -> Result<Option<&str>, Failure>;
    /// A number.
    fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure>;

    fn maybe_text(&self, column: &str) -> Result<Option<String>, Failure> {
        Ok(self.maybe_str(column)?.map(str::to_owned))
    }

    fn str(&self, column: &str) -> Result<&str, Failure> {
        self.maybe_str(column)?.ok_or_else(|| self.odd(column))
    }

    fn int(&self, column: &str) -> Result<i64, Failure> {
        self.maybe_int(column)?.ok_or_else(|| self.odd(column))
    }

    fn maybe_at(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(micros) = self.maybe_int(column)? else { return Ok(None) };
        instant(micros).map(Some).ok_or_else(|| self.odd(column))
    }

    fn at(&self, column: &str) -> Result<Timestamp, Failure> {
        self.maybe_at(column)?.ok_or_else(|| self.odd(column))
    }

    /// An id or enum that parses from its text.
    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, Failure> {
        self.str(column)?.parse().map_err(|_| self.odd(column))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Failure> {
        serde_json::from_str(self.str(column)?).map_err(|_| self.odd(column))
    }
}

impl Columns for Reader<'_> {
    fn odd(&self, column: &str) -> Failure {
        Reader::odd(self, column)
    }

    fn maybe_str(&self, column: &str) -> Result<Option<&str>, Failure> {
        Ok(self.row.try_get(column)?)
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        Reader::maybe_int(self, column)
    }
}

/// A row whose column `packed` holds others; an empty one is NULL.
pub(super) struct Packed<'r> {
    reader: Reader<'r>,
    names: &'static [&'static str],
    values: Vec<&'r str>,
}

impl<'r> Packed<'r> {
    /// Reads a row in which these columns are packed, in this order.
    pub(super) fn of(reader: Reader<'r>, names: &'static [&'static str]) -> Result<Self, Failure> {
        let packed: &'r str = reader.row.try_get("packed")?;
        let mut values = Vec::with_capacity(names.len());
        values.extend(packed.split(BETWEEN));
        if values.len() == names.len() {
            Ok(Self { reader, names, values })
        } else {
            Err(reader.odd("packed"))
        }
    }

    fn packed(&self, column: &str) -> Option<&'r str> {
        let place = self.names.iter().position(|name| *name == column)?;
        self.values.get(place).copied()
    }
}

impl Columns for Packed<'_> {
    fn odd(&self, column: &str) -> Failure {
        self.reader.odd(column)
    }

    fn maybe_str(&self, column: &str) -> Result<Option<&str>, Failure> {
        match self.packed(column) {
            Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            None => self.reader.maybe_str(column),
        }
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        match self.packed(column) {
            Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| self.odd(column)),
            None => self.reader.maybe_int(column),
        }
    }
}
