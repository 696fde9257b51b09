//! Somebody who knows the control token signed in to the console, or signed out.

use jiff::{SignedDuration, Timestamp};

use crate::store::{Command, CookieHash, Error, Tx};

/// How long a console session lasts, real time.
const LIFETIME: SignedDuration = SignedDuration::from_hours(8);

/// Begins a console session.
#[derive(Debug)]
pub struct SignIn {
    /// The cookie the browser is given.
    pub cookie: CookieHash,
    /// Real time.
    pub now: Timestamp,
}

impl Command for SignIn {
    type Output = ();
    const NAME: &'static str = "signIn";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.add_console_session(&self.cookie, self.now, self.now + LIFETIME).await
    }
}

/// Ends a console session.
#[derive(Debug)]
pub struct SignOut {
    /// The cookie.
    pub cookie: CookieHash,
}

impl Command for SignOut {
    type Output = ();
    const NAME: &'static str = "signOut";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.remove_console_session(&self.cookie).await
    }
}
