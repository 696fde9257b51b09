//! Exchanges are written to the journal, many at a time. Called by `workers/journal`.

use jiff::Timestamp;
use shared::ids::SandboxId;

use crate::store::{Command, ExchangeRow, Failure, JournalRow, Tx};

/// Writes exchanges, in order.
pub struct RecordExchanges(pub Vec<ExchangeRow>);

impl Command for RecordExchanges {
    type Output = ();
    const NAME: &'static str = "recordExchanges";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // each row tells its own
    }

    async fn run(&self, tx: &mut Tx, _at: Timestamp) -> Result<(), Failure> {
        for row in &self.0 {
            tx.record(JournalRow::exchange(row));
        }
        Ok(())
    }
}
