//! A change that a client may ask for twice without making it twice: the .NET SDK repeats a POST with the same
//! MS-RequestId (partner-center.md 3.0, P58). Wraps commands of the partner face that make something.

use std::time::Duration;

use jiff::Timestamp;
use shared::ids::SandboxId;

use crate::{
    domain::refusal::Refusal,
    store::{Command, Failure, RequestKey, Tx, find_partner_request, insert_partner_request},
};

/// A command that makes something which can be found again by its id.
pub trait Replayable: Command {
    /// What was made: ids only, never a secret.
    fn keep(made: &Self::Output) -> String;

    /// The answer to a repeat: what was made, as it is now, without what is shown only once.
    fn recall(
        &self,
        tx: &mut Tx,
        kept: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

/// Runs a command unless the same request has run it before; then it gives what that one made. Memory and effect commit
/// together. A refusal is not remembered: the client may mend the cause and send the same request again.
pub struct Once<C> {
    /// The change.
    pub command: C,
    /// What makes a repeat; `None`: the client sent no id, so every request is its own.
    pub key: Option<RequestKey>,
}

impl<C: Replayable> Command for Once<C> {
    type Output = C::Output;
    const NAME: &'static str = C::NAME;
    const TIME_LIMIT: Duration = C::TIME_LIMIT;

    fn sandbox(&self) -> Option<&SandboxId> {
        self.command.sandbox()
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<C::Output, Failure> {
        let Some(key) = &self.key else { return self.command.run(tx, at).await };
        let sandbox = self.sandbox().ok_or_else(|| Refusal::unknown("Sandbox", ""))?;
        if let Some(kept) = find_partner_request(tx.read(), sandbox, key).await? {
            return self.command.recall(tx, &kept, at).await;
        }
        let made = match self.command.run(tx, at).await {
            // The same request may have been faster while this one waited for a lock, and be what it collides with: then
            // it runs again, and finds it.
            Err(refused @ Failure::Refused(_)) => {
                let faster = find_partner_request(tx.read(), sandbox, key).await?;
                return Err(if faster.is_some() { Failure::Stale } else { refused });
            }
            made => made?,
        };
        insert_partner_request(tx, sandbox, key, &C::keep(&made), at).await?;
        Ok(made)
    }
}
