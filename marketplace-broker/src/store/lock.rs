//! The advisory lock beside a SQLite file: a second broker on the same file is refused. A file of its own, because
//! closing any handle of the database file would drop SQLite's own locks on it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::connect::{ConnectError, owner_only};

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Locks `<database>.lock`, or says that another broker has it.
    pub(super) fn take(database: &Path) -> Result<Self, ConnectError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let unreadable = |error| ConnectError::Unreadable { path: database.into(), error };
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(unreadable)?;
        owner_only(Path::new(&path)).map_err(unreadable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ConnectError::Locked { path: database.into() }),
            Err(TryLockError::Error(error)) => Err(unreadable(error)),
        }
    }
}
