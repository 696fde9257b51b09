//! A call about an account has ended, one way or another: the row of the outbox and the account hear of it together.

use jiff::Timestamp;

use crate::{
    domain::{PublisherStep, Seen, Standing, backoff},
    store::{Claimed, Command, Error, Outcome, Tx},
};

/// What the marketplace accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The list of people.
    Licenses {
        /// People in it.
        assigned: i64,
        /// When the first key turned, if it has; sandbox time.
        confirmed_at: Option<Timestamp>,
    },
    /// The activation.
    Fulfillment {
        /// Sandbox time of the answer.
        at: Timestamp,
        /// Whether the marketplace counts it for the licenses too.
        both_keys: bool,
    },
    /// Who submitted the information.
    Setup,
    /// The steps.
    Steps,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was accepted.
    Accepted(Accepted),
    /// It was refused for good.
    Refused {
        /// In the marketplace's words.
        failure: String,
        /// Where the subscription stands, and when it was asked, if that could be learned; sandbox time.
        standing: Option<(Standing, Timestamp)>,
    },
    /// No answer, or not now.
    Unanswered {
        /// Why.
        failure: String,
        /// The least pause the marketplace asked for.
        retry_after: Option<jiff::SignedDuration>,
    },
}

impl Delivery {
    /// One word, for the metric.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "delivered",
            Self::Refused { .. } => "failed",
            Self::Unanswered { .. } => "retried",
        }
    }
}

/// Records how a claimed call ended.
#[derive(Debug)]
pub struct RecordDelivery {
    /// The call.
    pub claimed: Claimed,
    /// How it ended.
    pub delivery: Delivery,
    /// The steps it told of, if it did. There may be others by now.
    pub told: Option<Vec<PublisherStep>>,
    /// The subscription as it looks now, if it was looked at.
    pub seen: Option<Box<Seen>>,
    /// Real time.
    pub now: Timestamp,
}

impl RecordDelivery {
    fn outcome(&self) -> Outcome {
        match &self.delivery {
            Delivery::Accepted(_) => Outcome::Delivered,
            Delivery::Refused { failure, .. } => Outcome::Failed(failure.clone()),
            Delivery::Unanswered { failure, retry_after } => {
                let pause = backoff(self.claimed.attempt).max(retry_after.unwrap_or_default());
                let failure = Some(failure.clone());
                Outcome::Retry { failure, next_attempt_at: self.now + pause }
            }
        }
    }
}

impl Command for RecordDelivery {
    type Output = ();
    const NAME: &'static str = "recordDelivery";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let outcome = match (self.outcome(), &self.told) {
            // Whatever became of these, the newest are not told yet.
            (Outcome::Delivered | Outcome::Failed(_), Some(told))
                if tx.publisher_steps(&self.claimed.key).await? != *told =>
            {
                Outcome::Retry { failure: None, next_attempt_at: self.now }
            }
            (outcome, _) => outcome,
        };
        tx.settle(&self.claimed, &outcome).await?;
        let account = match &self.delivery {
            Delivery::Unanswered { .. }
            | Delivery::Refused { standing: None, .. }
            | Delivery::Accepted(Accepted::Setup | Accepted::Steps) => return Ok(()),
            Delivery::Accepted(Accepted::Licenses { assigned, confirmed_at }) => {
                let account = tx.require_account(&self.claimed.key).await?;
                account.assigned(*assigned, *confirmed_at)
            }
            Delivery::Accepted(Accepted::Fulfillment { at, both_keys }) => {
                let account = tx.require_account(&self.claimed.key).await?;
                account.confirmed(*at, *both_keys)
            }
            Delivery::Refused { standing: Some((standing, at)), .. } => {
                tx.require_account(&self.claimed.key).await?.standing(*standing, *at)
            }
        };
        let account = match self.seen.as_deref().cloned() {
            Some(Seen { purchase, standing, at }) => account.reopen(purchase, standing, at),
            None => account,
        };
        tx.save_account(&account).await
    }
}
