//! A visitor has proved who it is.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::{SignedIn, Visitor},
    store::{Command, CookieHash, Error, Tx, Visit},
};

/// Marks a visit as signed in, under a new cookie: one that somebody else may have planted opens nothing.
#[derive(Debug)]
pub struct SignVisitorIn {
    /// Where the visit is.
    pub sandbox: SandboxId,
    /// On whose page.
    pub publisher: PublisherId,
    /// Its cookie.
    pub cookie: CookieHash,
    /// The cookie it is given.
    pub new_cookie: CookieHash,
    /// Who it is.
    pub visitor: Visitor,
    /// Real time.
    pub now: Timestamp,
}

impl Command for SignVisitorIn {
    /// Whether there is such a visit.
    type Output = bool;
    const NAME: &'static str = "signVisitorIn";

    async fn run(&self, tx: &mut Tx) -> Result<bool, Error> {
        let visit = tx.visit(&self.cookie, &self.sandbox, &self.publisher, self.now).await?;
        let Some(visit) = visit else { return Ok(false) };
        tx.remove_visit(&self.cookie).await?;
        let signed_in = SignedIn { visitor: self.visitor.clone(), at: self.now };
        let visit = Visit { cookie: self.new_cookie.clone(), signed_in: Some(signed_in), ..visit };
        tx.add_visit(&visit, self.now).await?;
        Ok(true)
    }
}
