//! A call about an operation has ended: the row of the outbox, the webhook and the account hear of it together. The
//! account changes only when the operation has succeeded, and to what the marketplace shows then.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{Call, Course, OperationCall, Seen, Webhook, WebhookKey, backoff, look_again},
    store::{Claimed, Command, Error, NewMessage, Outcome, Tx},
};

/// How a call about an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationNews {
    /// The publisher's own answer was answered: taken (200), too late (409), or refused.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The marketplace's words, if it refused.
        said: Option<String>,
    },
    /// The operation is not decided.
    Open,
    /// It has succeeded, and this is how the subscription looks now.
    Succeeded(Box<Seen>),
    /// It has failed.
    Failed {
        /// Why, if the marketplace says so.
        said: Option<String>,
        /// Sandbox time.
        at: Timestamp,
    },
    /// The marketplace does not know it, or does not let this publisher see it.
    Lost {
        /// In its words.
        said: String,
    },
    /// No answer, or not now.
    Unanswered {
        /// Why.
        failure: String,
        /// The least pause the marketplace asked for.
        retry_after: Option<SignedDuration>,
    },
}

impl OperationNews {
    /// One word, for the metric.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Answered { .. } | Self::Succeeded(_) | Self::Failed { .. } => "delivered",
            Self::Open => "open",
            Self::Lost { .. } => "failed",
            Self::Unanswered { .. } => "retried",
        }
    }
}

/// Records how a claimed call about an operation ended.
#[derive(Debug)]
pub struct RecordOperation {
    /// The call.
    pub claimed: Claimed,
    /// Its webhook.
    pub key: WebhookKey,
    /// How it ended.
    pub news: OperationNews,
    /// Id of the call that may follow.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl RecordOperation {
    fn outcome(&self) -> Outcome {
        let attempt = self.claimed.attempt;
        match &self.news {
            OperationNews::Answered { .. }
            | OperationNews::Succeeded(_)
            | OperationNews::Failed { .. } => Outcome::Delivered,
            OperationNews::Lost { said } => Outcome::Failed(said.clone()),
            OperationNews::Open => {
                Outcome::Retry { failure: None, next_attempt_at: self.now + look_again(attempt) }
            }
            OperationNews::Unanswered { failure, retry_after } => {
                let pause = backoff(attempt).max(retry_after.unwrap_or_default());
                let failure = Some(failure.clone());
                Outcome::Retry { failure, next_attempt_at: self.now + pause }
            }
        }
    }

    fn told(&self, webhook: Webhook) -> Webhook {
        match &self.news {
            OperationNews::Answered { status, said } => webhook.patched(*status, said.clone()),
            OperationNews::Open => webhook.waiting(None),
            OperationNews::Succeeded(seen) => webhook.decided(Course::Applied, None, seen.at),
            OperationNews::Failed { said, at } => {
                webhook.decided(Course::NotApplied, said.clone(), *at)
            }
            OperationNews::Lost { said } => webhook.untouched(Course::Lost, Some(said.clone())),
            OperationNews::Unanswered { failure, .. } => webhook.waiting(Some(failure.clone())),
        }
    }

    /// A look at the operation, at once.
    fn look(&self) -> NewMessage {
        NewMessage {
            id: self.message_id.clone(),
            key: self.claimed.key.clone(),
            publisher: self.claimed.publisher.clone(),
            call: Call::Operation(self.key.operation, OperationCall::Look),
            people: Vec::new(),
            created_at: self.now,
            due_at: self.now,
        }
    }
}

impl Command for RecordOperation {
    type Output = ();
    const NAME: &'static str = "recordOperation";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.settle(&self.claimed, &self.outcome()).await?;
        let before = tx.webhook(&self.key).await?;
        let before = before.ok_or_else(|| Error::corrupt("outbox", &"a call of no webhook"))?;
        let webhook = self.told(before.clone());
        if webhook != before {
            tx.save_webhook(&webhook).await?;
        }
        match &self.news {
            OperationNews::Answered { .. } => tx.enqueue(&self.look()).await,
            OperationNews::Succeeded(seen) => {
                let account = tx.require_account(&self.claimed.key).await?;
                tx.save_account(&account.follow(&webhook.action, Seen::clone(seen))).await
            }
            OperationNews::Open
            | OperationNews::Failed { .. }
            | OperationNews::Lost { .. }
            | OperationNews::Unanswered { .. } => Ok(()),
        }
    }
}
