//! The answer to a sign-in came. Whatever it says, it comes once.

use jiff::Timestamp;

use crate::{
    domain::Place,
    store::{Command, CookieHash, Error, Tx},
};

/// Takes the sign-in that an answer belongs to.
#[derive(Debug)]
pub struct TakeSignIn {
    /// The visit.
    pub cookie: CookieHash,
    /// What the answer carries.
    pub state: CookieHash,
    /// Real time.
    pub now: Timestamp,
}

impl Command for TakeSignIn {
    /// Where it leads to, if this visit waits for it.
    type Output = Option<Place>;
    const NAME: &'static str = "takeSignIn";

    async fn run(&self, tx: &mut Tx) -> Result<Option<Place>, Error> {
        tx.take_sign_in(&self.state, &self.cookie, self.now).await
    }
}
