//! What a visitor's cookie shows: an account, or what was wrong with the link.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::Account,
    store::{CookieHash, Error, Landing, Store, TokenFailure},
};

/// What a visitor may see.
#[derive(Debug)]
pub enum Page {
    /// The purchase the link led to.
    Account(Box<Account>),
    /// Why there is none.
    Failed(TokenFailure),
}

/// What the visit of `cookie` may see on this publisher's page at `now` (real time). Without a visit the link is
/// missing.
pub async fn account_of_visit(
    store: &Store,
    cookie: Option<&CookieHash>,
    sandbox: &SandboxId,
    publisher: &PublisherId,
    now: Timestamp,
) -> Result<Page, Error> {
    let landing = match cookie {
        Some(cookie) => store.visit(cookie, sandbox, publisher, now).await?,
        None => None,
    };
    match landing.unwrap_or(Landing::Failed(TokenFailure::Missing)) {
        Landing::Failed(failure) => Ok(Page::Failed(failure)),
        Landing::Account(key) => match store.account(&key).await? {
            Some(account) => Ok(Page::Account(Box::new(account))),
            None => Err(Error::corrupt("visits", &key.subscription)),
        },
    }
}
