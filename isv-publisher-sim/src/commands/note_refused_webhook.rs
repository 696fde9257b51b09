//! Something came to a webhook's address that was not taken: the console shows it, and no account hears of it.

use crate::{
    domain::RefusedWebhook,
    store::{Command, Error, Tx},
};

/// Notes what was refused.
#[derive(Debug)]
pub struct NoteRefusedWebhook {
    /// Id of the note.
    pub id: String,
    /// What came, and why it was refused.
    pub refused: RefusedWebhook,
}

impl Command for NoteRefusedWebhook {
    type Output = ();
    const NAME: &'static str = "noteRefusedWebhook";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.note_refused_webhook(&self.id, &self.refused).await
    }
}
