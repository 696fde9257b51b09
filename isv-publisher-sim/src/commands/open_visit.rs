//! A browser came by an activation link: the purchase it resolved to becomes an account, and the browser a visit.
//! A link that led nowhere makes a visit too, so that its token leaves the address all the same.

use jiff::{SignedDuration, Timestamp};
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::{Account, AccountKey, Purchase, SignedIn, Standing},
    store::{Command, CookieHash, Error, Landing, TokenFailure, Tx, Visit},
};

/// How long a visit lasts, real time: longer than a working day, as a form may wait over lunch.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What the link led to.
#[derive(Debug)]
pub enum Opened {
    /// The marketplace resolved it.
    Purchase {
        /// The account.
        key: AccountKey,
        /// What was bought.
        purchase: Box<Purchase>,
        /// Where it stands.
        standing: Standing,
        /// Sandbox time of the answer.
        at: Timestamp,
    },
    /// There was none: an account that is known already is opened by its own address.
    Known(AccountKey),
    /// It did not.
    Failed(TokenFailure),
}

/// Records a visit.
#[derive(Debug)]
pub struct OpenVisit {
    /// Where the browser came to.
    pub sandbox: SandboxId,
    /// Whose page.
    pub publisher: PublisherId,
    /// The cookie it is given.
    pub cookie: CookieHash,
    /// The cookie it came with: whoever signed in there need not do so again.
    pub previous: Option<CookieHash>,
    /// What its link led to.
    pub opened: Opened,
    /// Real time.
    pub now: Timestamp,
}

impl Command for OpenVisit {
    /// Whether somebody is signed in there from the start.
    type Output = bool;
    const NAME: &'static str = "openVisit";

    async fn run(&self, tx: &mut Tx) -> Result<bool, Error> {
        let (landing, signed_in) = match &self.opened {
            Opened::Failed(failure) => (Landing::Failed(*failure), None),
            Opened::Purchase { key, purchase, standing, at } => {
                let purchase = Purchase::clone(purchase);
                let account = match tx.account(key).await? {
                    Some(account) => account.reopen(purchase, *standing, *at),
                    None => Account::open(key.clone(), purchase, *standing, *at),
                };
                tx.save_account(&account).await?;
                (Landing::Account(key.clone()), self.signed_in_before(tx, &account).await?)
            }
            Opened::Known(key) => {
                let account = tx.require_account(key).await?;
                (Landing::Account(key.clone()), self.signed_in_before(tx, &account).await?)
            }
        };
        let is_signed_in = signed_in.is_some();
        let visit = Visit {
            cookie: self.cookie.clone(),
            sandbox: self.sandbox.clone(),
            publisher: self.publisher.clone(),
            landing,
            signed_in,
            expires_at: self.now + LIFETIME,
        };
        tx.add_visit(&visit, self.now).await?;
        Ok(is_signed_in)
    }
}

impl OpenVisit {
    /// The sign-in of this browser's visit before, if it was on this page and is of somebody who may open the purchase.
    /// Anybody else signs in anew.
    async fn signed_in_before(
        &self,
        tx: &mut Tx,
        account: &Account,
    ) -> Result<Option<SignedIn>, Error> {
        let Some(previous) = &self.previous else { return Ok(None) };
        let visit = tx.visit(previous, &self.sandbox, &self.publisher, self.now).await?;
        let signed_in = visit.and_then(|visit| visit.signed_in);
        Ok(signed_in.filter(|signed_in| {
            signed_in.holds(self.now) && account.purchase.admits(&signed_in.visitor)
        }))
    }
}
