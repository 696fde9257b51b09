//! Writes that nobody in their transaction reads again: gathered while commands run, written with multi-row statements
//! before COMMIT. A batch of commands then pays for a few statements instead of a few each. Called by the writer.

use shared::ids::SandboxId;

use super::{
    attempts::{self, AttemptRow},
    charges::{self, ChargeRow},
    failure::Failure,
    journal::{self, JournalRow},
    timers::{self, VoidTimers},
    tx::Tx,
};
use crate::domain::timer::Timer;

/// Rows in one statement at most. A statement's text depends on their number only, so all texts there are fit into a
/// connection's cache of prepared statements (100).
pub(super) const ROWS: usize = 16;

/// Rows in one statement where there are many. SQLite's driver hands over 50 answers of a statement at most before both
/// sides wait for each other at every row: that many rows come back without a wait, and the number of rows after them.
pub(super) const MANY: usize = 48;

/// Cuts rows into pages for statements: pages of [`MANY`], then pages of [`ROWS`] at most, so that there are few texts.
pub(super) fn pages<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = if rows.len() >= MANY { MANY } else { ROWS.min(rows.len()) };
        let (page, rest) = rows.split_at(size);
        rows = rest;
        (!page.is_empty()).then_some(page)
    })
}

/// Places of a statement for so many rows, where the last row may stand in the places that are left: few texts.
pub(super) fn padded(rows: usize) -> usize {
    match rows {
        0..=1 => 1,
        2..=5 => 5,
        _ => rows.next_multiple_of(25),
    }
}

/// What was gathered in a transaction.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) journal: Vec<JournalRow>,
    pub(super) charges: Vec<ChargeRow>,
    pub(super) void_timers: Vec<VoidTimers>,
    pub(super) timers: Vec<(SandboxId, Timer)>,
    pub(super) attempts: Vec<(SandboxId, AttemptRow)>,
}

/// Writes everything that was gathered; the journal last, because its numbering locks the sandbox's row.
pub(super) async fn flush(tx: &mut Tx) -> Result<(), Failure> {
    timers::flush(tx).await?;
    let Gathered { journal, charges, attempts, .. } = std::mem::take(&mut tx.gathered);
    charges::flush(tx, &charges).await?;
    attempts::flush(tx, &attempts).await?;
    journal::flush(tx, journal).await
}

/// The places of `rows` rows of `columns` values, bound in order: `($1, $2), ($3, $4)`, on SQLite `(?, ?), (?, ?)`.
/// There the driver looks up the name of each place, and SQLite searches all names for it: a statement of 700 named
/// places spends a quarter of its time so.
pub(super) fn places(tx: &Tx, rows: usize, columns: usize) -> String {
    if tx.postgres { numbered(rows, columns) } else { nameless(rows, columns) }
}

fn nameless(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

fn numbered(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for place in 0..rows * columns {
        text.push_str(match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        text.push('$');
        text.push_str(&(place + 1).to_string());
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::{nameless, numbered, pages};

    #[test]
    fn pages_are_large_where_there_are_many_rows() {
        let sizes = |rows: usize| pages(&vec![(); rows]).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), [0; 0]);
        assert_eq!(sizes(5), [5]);
        assert_eq!(sizes(47), [16, 16, 15]);
        assert_eq!(sizes(98), [48, 48, 2]);
    }

    #[test]
    fn places_are_numbered_row_by_row() {
        assert_eq!(numbered(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(nameless(2, 3), "(?, ?, ?), (?, ?, ?)");
    }
}
