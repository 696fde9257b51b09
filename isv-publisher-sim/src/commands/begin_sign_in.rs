//! A visitor is sent to the identity service to sign in.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::Place,
    store::{Command, CookieHash, Error, Tx},
};

/// How long an answer is waited for, real time: somebody may have to look for a password, and lunch is lunch.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Waits for the answer to a sign-in.
#[derive(Debug)]
pub struct BeginSignIn {
    /// The visit.
    pub cookie: CookieHash,
    /// What the answer must carry.
    pub state: CookieHash,
    /// Where it leads to.
    pub place: Place,
    /// Real time.
    pub now: Timestamp,
}

impl Command for BeginSignIn {
    type Output = ();
    const NAME: &'static str = "beginSignIn";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.add_sign_in(&self.state, &self.cookie, &self.place, self.now + LIFETIME).await
    }
}
