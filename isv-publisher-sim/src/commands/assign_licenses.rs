//! The publisher assigns the licenses to the people of the form, and the marketplace is to hear of it: the first key.

use jiff::Timestamp;

use crate::{
    domain::{AccountKey, Call, Kind},
    store::{Command, Error, NewMessage, Tx},
};

/// Writes down who holds a license and adds the call `licenseAssignments`.
#[derive(Debug)]
pub struct AssignLicenses {
    /// The account.
    pub key: AccountKey,
    /// Id of the call.
    pub message_id: String,
    /// Real time.
    pub now: Timestamp,
}

impl Command for AssignLicenses {
    type Output = ();
    const NAME: &'static str = "assignLicenses";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        let people = account.may_assign()?;
        let message = NewMessage {
            id: self.message_id.clone(),
            key: self.key.clone(),
            publisher: account.purchase.publisher.clone(),
            call: Call::Account(Kind::LicenseAssignments),
            people,
            created_at: self.now,
            due_at: self.now,
        };
        tx.replace_licenses(&self.key, &message.people).await?;
        tx.save_account(&account.assigning()).await?;
        tx.enqueue(&message).await
    }
}
