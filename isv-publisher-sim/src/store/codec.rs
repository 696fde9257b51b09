//! Between the values of the domain and the TEXT and BIGINT of the database. Called by the table files beside it.

use jiff::Timestamp;

use super::Error;
use crate::domain::{Call, Kind, OperationCall};

/// An instant as it is stored: microseconds since 1970.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// An instant as it was stored.
pub(super) fn instant(table: &'static str, micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros).map_err(|error| Error::corrupt(table, &error))
}

/// The same for a column that may be NULL.
pub(super) fn instant_or_null(
    table: &'static str,
    micros: Option<i64>,
) -> Result<Option<Timestamp>, Error> {
    micros.map(|micros| instant(table, micros)).transpose()
}

/// A call as it was stored: its name, and the operation or nothing.
pub(super) fn call(name: &str, operation: &str) -> Result<Call, Error> {
    let corrupt = || Error::corrupt("outbox", &format_args!("{name} for {operation:?}"));
    if operation.is_empty() {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        return kind.map(Call::Account).ok_or_else(corrupt);
    }
    let operation = operation.parse().map_err(|_| corrupt())?;
    let call = OperationCall::ALL.into_iter().find(|call| call.name() == name);
    call.map(|call| Call::Operation(operation, call)).ok_or_else(corrupt)
}

/// A list of e-mail addresses as it was stored, one a line.
pub(super) fn people(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
