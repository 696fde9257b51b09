//! What a visitor's cookie shows: an account, that a sign-in is needed or was another person's, or what was wrong with
//! the link.

use jiff::Timestamp;
use shared::ids::{PublisherId, SandboxId};

use crate::{
    domain::{Account, Visitor},
    store::{CookieHash, Error, Landing, Store, TokenFailure},
};

/// What a visitor may see.
#[derive(Debug)]
pub enum Page {
    /// The purchase the link led to, and who looks at it.
    Account(Box<Account>, Visitor),
    /// There is a purchase, and nobody knows yet who asks.
    SignInNeeded {
        /// Whom the purchase is for, if an address is known.
        hint: String,
    },
    /// There is a purchase, and whoever signed in neither bought it nor uses it.
    NotTheirs(Visitor),
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
    let visit = match cookie {
        Some(cookie) => store.visit(cookie, sandbox, publisher, now).await?,
        None => None,
    };
    let Some(visit) = visit else { return Ok(Page::Failed(TokenFailure::Missing)) };
    let key = match visit.landing {
        Landing::Failed(failure) => return Ok(Page::Failed(failure)),
        Landing::Account(key) => key,
    };
    let account = store.account(&key).await?;
    let account = account.ok_or_else(|| Error::corrupt("visits", &key.subscription))?;
    Ok(match visit.signed_in.filter(|signed_in| signed_in.holds(now)) {
        None => Page::SignInNeeded { hint: account.purchase.beneficiary_email },
        Some(signed_in) if account.purchase.admits(&signed_in.visitor) => {
            Page::Account(Box::new(account), signed_in.visitor)
        }
        Some(signed_in) => Page::NotTheirs(signed_in.visitor),
    })
}
