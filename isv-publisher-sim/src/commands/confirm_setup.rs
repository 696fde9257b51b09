//! The publisher says that the setup is finished, and the marketplace is to hear of it: the second key.

use jiff::Timestamp;

use crate::{
    domain::{AccountKey, Call, Kind},
    store::{Command, Error, NewMessage, Tx},
};

/// Adds the call `activate`.
#[derive(Debug)]
pub struct ConfirmSetup {
    /// The account.
    pub key: AccountKey,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for ConfirmSetup {
    type Output = ();
    const NAME: &'static str = "confirmSetup";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        account.may_confirm()?;
        let message = NewMessage {
            id: self.message_id.clone(),
            key: self.key.clone(),
            publisher: account.purchase.publisher.clone(),
            call: Call::Account(Kind::Activate),
            people: Vec::new(),
            created_at: self.now,
            due_at: self.now,
        };
        tx.enqueue(&message).await
    }
}
