//! Long lists, a whole page of rows in one text: the driver takes each column of each row by itself from the database's
//! thread to ours, which costs more than everything else in a list of a thousand. Called by the families of tables that
//! have such lists; both ways of reading are [`Columns`].

use std::{cell::Cell, str::FromStr};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    codec::{Reader, instant},
    failure::Failure,
};

/// What stands between rows. A control character: ids, numbers and JSON hold none, and free text is freed of it in SQL.
pub(super) const BETWEEN_ROWS: &str = "\u{1e}";
/// What stands between columns.
pub(super) const BETWEEN_COLUMNS: &str = "\u{1f}";

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
        use sqlx::Row;
        Ok(self.row.try_get(column)?)
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        Reader::maybe_int(self, column)
    }
}

/// A packed row. A column without text is NULL.
pub(super) struct Packed<'t> {
    table: &'static str,
    names: &'static [&'static str],
    values: Vec<&'t str>,
    /// Where the next column is looked for first: columns are mostly read in their order.
    next: Cell<usize>,
}

impl<'t> Packed<'t> {
    /// The rows of a packed page, each with these columns in this order.
    pub(super) fn rows(
        (table, names): (&'static str, &'static [&'static str]),
        page: &'t str,
    ) -> impl Iterator<Item = Result<Self, Failure>> {
        page.split(BETWEEN_ROWS).map(move |row| {
            let mut values = Vec::with_capacity(names.len());
            values.extend(row.split(BETWEEN_COLUMNS));
            let fits = values.len() == names.len();
            let packed = Self { table, names, values, next: Cell::new(0) };
            if fits { Ok(packed) } else { Err(packed.odd("packed")) }
        })
    }

    fn text(&self, column: &str) -> Option<&'t str> {
        let next = self.next.get();
        let place = match self.names.get(next) {
            Some(name) if *name == column => next,
            _ => self.names.iter().position(|name| *name == column)?,
        };
        self.next.set(place + 1);
        self.values.get(place).copied().filter(|text| !text.is_empty())
    }
}

impl Columns for Packed<'_> {
    fn odd(&self, column: &str) -> Failure {
        Failure::Inconsistent(format!("{}.{column}", self.table))
    }

    fn maybe_str(&self, column: &str) -> Result<Option<&str>, Failure> {
        Ok(self.text(column))
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        let number = |text: &str| text.parse().map_err(|_| self.odd(column));
        self.text(column).map(number).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["id", "quantity", "name"];

    fn rows(page: &str) -> Vec<Result<Packed<'_>, Failure>> {
        Packed::rows(("things", NAMES), page).collect()
    }

    #[test]
    fn columns_are_found_in_any_order_and_empty_ones_are_null() {
        let page = ["a\u{1f}7\u{1f}A thing", "b\u{1f}\u{1f}"].join(BETWEEN_ROWS);
        let rows = rows(&page);
        let [Ok(one), Ok(other)] = &rows[..] else { panic!("two rows") };
        assert_eq!(one.str("id").unwrap(), "a");
        assert_eq!(one.maybe_text("name").unwrap().as_deref(), Some("A thing"));
        assert_eq!(one.int("quantity").unwrap(), 7);
        assert_eq!(other.maybe_int("quantity").unwrap(), None);
        assert!(other.str("name").is_err());
        assert!(one.int("name").is_err());
    }

    #[test]
    fn a_row_with_other_columns_is_refused() {
        for page in ["", "a", "a\u{1f}7", "a\u{1f}7\u{1f}x\u{1f}y"] {
            assert!(rows(page).iter().any(Result::is_err), "{page:?}");
        }
    }
}
