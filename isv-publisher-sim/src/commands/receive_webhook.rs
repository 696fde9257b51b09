//! A webhook that is the marketplace's has come: it is taken, refused or put off, and what follows from that for the
//! account and the outbox is stored together with it. The answer is sent after the commit, so that nothing that was
//! answered 200 is lost. A webhook that was taken before changes nothing but its count.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{
        Account, AccountKey, Answer, Behavior, Call, Checks, Course, Operation, OperationCall,
        Reaction, Seen, Told, Webhook, WebhookKey, react,
    },
    store::{Command, Error, NewMessage, Tx},
};

/// The publisher's own answer to an operation leaves a moment after the answer to the webhook. One that overtakes it
/// is allowed, but then the marketplace's book says that the webhook was never answered in time.
const AFTER_ANSWER: SignedDuration = SignedDuration::from_millis(30);

/// What the receiver found out about a webhook.
#[derive(Debug)]
pub enum Finding {
    /// It was taken before, so nobody was asked anything.
    Repeated,
    /// The console says that the server is down.
    Unavailable,
    /// The marketplace could not be asked, for this reason.
    Unread(String),
    /// Its action is not known here.
    Unknown,
    /// The operation and the subscription, as the API shows them.
    Read {
        /// What the console chose.
        behavior: Behavior,
        /// The operation; it is the one the webhook tells of.
        operation: Box<Operation>,
        /// The subscription.
        seen: Box<Seen>,
    },
}

/// Takes a webhook, or says why not.
#[derive(Debug)]
pub struct ReceiveWebhook {
    /// Its name.
    pub key: WebhookKey,
    /// What it tells of.
    pub told: Told,
    /// By what it is known to be the marketplace's.
    pub checks: Checks,
    /// What was found out.
    pub finding: Finding,
    /// Sandbox time, as it said itself.
    pub at: Option<Timestamp>,
    /// Id of the call that may follow.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for ReceiveWebhook {
    type Output = Answer;
    const NAME: &'static str = "receiveWebhook";

    async fn run(&self, tx: &mut Tx) -> Result<Answer, Error> {
        let webhook = match tx.webhook(&self.key).await? {
            Some(webhook) => webhook,
            None => Webhook::new(self.key.clone(), &self.told, self.checks, self.now),
        };
        let webhook = webhook.came(self.checks, self.at, self.now);
        let webhook = if webhook.is_handled() {
            webhook
        } else {
            match &self.finding {
                // Somebody took it between the look and now, or the row would be handled.
                Finding::Repeated => return Err(Error::Stale),
                Finding::Unavailable => webhook.untouched(Course::Unavailable, None),
                Finding::Unread(why) => webhook.untouched(Course::Unread, Some(why.clone())),
                Finding::Unknown => webhook.untouched(Course::Unknown, None),
                Finding::Read { behavior, operation, seen } => {
                    self.take(tx, webhook, *behavior, operation, seen).await?
                }
            }
        };
        tx.save_webhook(&webhook).await?;
        Ok(webhook.course.answer())
    }
}

impl ReceiveWebhook {
    async fn take(
        &self,
        tx: &mut Tx,
        webhook: Webhook,
        behavior: Behavior,
        operation: &Operation,
        seen: &Seen,
    ) -> Result<Webhook, Error> {
        let action = &operation.told.action;
        let reaction = react(behavior, action, operation.source, operation.status);
        let call = match reaction {
            Reaction::Apply | Reaction::Note | Reaction::Refuse | Reaction::Unavailable => None,
            Reaction::Follow => Some(OperationCall::Look),
            Reaction::Patch(verdict) => Some(OperationCall::Answer(verdict)),
        };
        let key = webhook.account();
        let known = tx.account(&key).await?;
        if reaction == Reaction::Apply {
            let account = known.unwrap_or_else(|| found(key, seen));
            tx.save_account(&account.follow(action, seen.clone())).await?;
        } else if call.is_some() && known.is_none() {
            tx.save_account(&found(key, seen)).await?;
        }
        if let Some(call) = call {
            tx.enqueue(&self.message(&webhook, call)).await?;
        }
        Ok(webhook.taken(reaction, operation, seen.at))
    }

    fn message(&self, webhook: &Webhook, call: OperationCall) -> NewMessage {
        NewMessage {
            id: self.message_id.clone(),
            key: webhook.account(),
            publisher: self.key.publisher.clone(),
            call: Call::Operation(self.key.operation, call),
            people: Vec::new(),
            created_at: self.now,
            due_at: self.now + AFTER_ANSWER,
        }
    }
}

/// The account of a subscription whose landing page nobody has opened yet.
fn found(key: AccountKey, seen: &Seen) -> Account {
    Account::open(key, seen.purchase.clone(), seen.standing, seen.at)
}
