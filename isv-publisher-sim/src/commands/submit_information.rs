//! The form of the landing page arrived, valid. The marketplace is to hear who sent it first, and where the customer signs
//! in from now on (S24).

use jiff::Timestamp;

use crate::{
    domain::{AccountKey, Call, Information, Kind, Setup},
    store::{Command, Error, NewMessage, Tx},
};

/// Stores the form, and adds the call `setup` with the first one.
#[derive(Debug)]
pub struct SubmitInformation {
    /// The account.
    pub key: AccountKey,
    /// The form.
    pub information: Information,
    /// Sandbox time.
    pub at: Timestamp,
    /// What is reported of it, if it is the first.
    pub setup: Setup,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for SubmitInformation {
    type Output = ();
    const NAME: &'static str = "submitInformation";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        let account = account.submit(self.information.clone(), self.at)?;
        tx.save_account(&account).await?;
        if !tx.keep_setup(&self.key, &self.setup).await? {
            return Ok(());
        }
        let message = NewMessage {
            id: self.message_id.clone(),
            key: self.key.clone(),
            publisher: account.purchase.publisher.clone(),
            call: Call::Account(Kind::Setup),
            people: Vec::new(),
            created_at: self.now,
            due_at: self.now,
        };
        tx.enqueue(&message).await
    }
}
