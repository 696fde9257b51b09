//! The form of the landing page arrived, valid.

use jiff::Timestamp;

use crate::{
    domain::{AccountKey, Information},
    store::{Command, Error, Tx},
};

/// Stores the form.
#[derive(Debug)]
pub struct SubmitInformation {
    /// The account.
    pub key: AccountKey,
    /// The form.
    pub information: Information,
    /// Sandbox time.
    pub at: Timestamp,
}

impl Command for SubmitInformation {
    type Output = ();
    const NAME: &'static str = "submitInformation";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let account = tx.require_account(&self.key).await?;
        let account = account.submit(self.information.clone(), self.at)?;
        tx.save_account(&account).await
    }
}
