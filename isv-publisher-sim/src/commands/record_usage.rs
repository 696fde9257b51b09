//! A batch of usage was sent: each report hears what became of it. Called by the usage worker.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::backoff,
    store::{Command, Error, Report, ReportState, Tx},
};

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageNews {
    /// What the marketplace says of each report, in their order, and when; sandbox time.
    Answered(Vec<ToldUsage>, Timestamp),
    /// The whole batch was refused for good, in the marketplace's words.
    Refused(String),
    /// No answer, or not now.
    Unanswered {
        /// Why.
        failure: String,
        /// The least pause the marketplace asked for.
        retry_after: Option<SignedDuration>,
    },
}

/// What the marketplace says of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldUsage {
    /// What became of it; `Waiting`: the marketplace failed, and it is sent again.
    pub state: ReportState,
    /// Its words, if it did not accept.
    pub note: Option<String>,
}

/// Records how a batch ended.
#[derive(Debug)]
pub struct RecordUsage {
    /// The reports that were sent.
    pub reports: Vec<Report>,
    /// How it ended.
    pub news: UsageNews,
    /// Real time.
    pub now: Timestamp,
}

impl RecordUsage {
    fn told(&self, at: usize) -> (ToldUsage, Option<Timestamp>) {
        let waiting = |note| (ToldUsage { state: ReportState::Waiting, note }, None);
        match &self.news {
            UsageNews::Answered(all, when) => match all.get(at) {
                Some(told) => (told.clone(), Some(*when)),
                None => waiting(Some("the answer leaves it out".to_owned())),
            },
            UsageNews::Refused(said) => {
                (ToldUsage { state: ReportState::Refused, note: Some(said.clone()) }, None)
            }
            UsageNews::Unanswered { failure, .. } => waiting(Some(failure.clone())),
        }
    }

    fn pause(&self, attempts: i64) -> SignedDuration {
        match &self.news {
            UsageNews::Unanswered { retry_after: Some(least), .. } => backoff(attempts).max(*least),
            _ => backoff(attempts),
        }
    }
}

impl Command for RecordUsage {
    type Output = ();
    const NAME: &'static str = "recordUsage";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        for (at, report) in self.reports.iter().enumerate() {
            let (ToldUsage { state, note }, answered_at) = self.told(at);
            let attempts = report.attempts + 1;
            let report = Report { state, note, attempts, answered_at, ..report.clone() };
            tx.save_report(&report, self.now + self.pause(attempts)).await?;
        }
        Ok(())
    }
}
