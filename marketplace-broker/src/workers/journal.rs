//! Exchanges on their way to the journal: many handlers send, one worker writes what has gathered in one command.
//! A full channel makes the handler wait, so nothing is dropped; a stop drains it.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::{
    commands::RecordExchanges,
    store::{ExchangeRow, Store},
};

/// Exchanges that may wait to be written.
const WAITING_MAX: usize = 1_024;
/// Exchanges written by one command at most.
const PAGE: usize = 256;
/// How long the first exchange of a page waits for others: the writer belongs to changes, not to their record.
const GATHER: Duration = Duration::from_millis(25);

/// The sending end, for the http layer.
#[derive(Clone)]
pub struct Exchanges(mpsc::Sender<ExchangeRow>);

impl Exchanges {
    /// Hands over an exchange.
    pub async fn record(&self, row: ExchangeRow) {
        if self.0.send(row).await.is_err() {
            tracing::error!("the journal worker is gone; an exchange is not in the journal");
        }
    }
}

/// Both ends.
pub fn channel() -> (Exchanges, mpsc::Receiver<ExchangeRow>) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    (Exchanges(sender), receiver)
}

/// Writes until every sender is gone and the channel is empty.
pub async fn run(store: Store, mut exchanges: mpsc::Receiver<ExchangeRow>) {
    let mut rows = Vec::with_capacity(PAGE);
    while let Some(first) = exchanges.recv().await {
        rows.push(first);
        let gather = async {
            while rows.len() < PAGE
                && let Some(row) = exchanges.recv().await
            {
                rows.push(row);
            }
        };
        let _ = tokio::time::timeout(GATHER, gather).await; // what has come by then is the page
        let count = rows.len();
        if let Err(failure) =
            store.execute_in_turn(RecordExchanges(std::mem::take(&mut rows))).await
        {
            metrics::counter!("broker_journal_lost_total")
                .increment(u64::try_from(count).unwrap_or(u64::MAX));
            tracing::error!(%failure, count, "exchanges are not in the journal");
        }
    }
}
