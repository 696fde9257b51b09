//! A browser came by an activation link: the purchase it resolved to becomes an account, and the browser a visit.
//! A link that led nowhere makes a visit too, so that its token leaves the address all the same.

use jiff::{SignedDuration, Timestamp};
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::{Account, AccountKey, Purchase, Standing},
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
    /// What its link led to.
    pub opened: Opened,
    /// Real time.
    pub now: Timestamp,
}

impl Command for OpenVisit {
    type Output = ();
    const NAME: &'static str = "openVisit";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let landing = match &self.opened {
            Opened::Failed(failure) => Landing::Failed(*failure),
            Opened::Purchase { key, purchase, standing, at } => {
                let purchase = Purchase::clone(purchase);
                let account = match tx.account(key).await? {
                    Some(account) => account.reopen(purchase, *standing, *at),
                    None => Account::open(key.clone(), purchase, *standing, *at),
                };
                tx.save_account(&account).await?;
                Landing::Account(key.clone())
            }
        };
        let visit = Visit {
            cookie: self.cookie.clone(),
            sandbox: self.sandbox.clone(),
            publisher: self.publisher.clone(),
            landing,
            expires_at: self.now + LIFETIME,
        };
        tx.add_visit(&visit, self.now).await
    }
}
