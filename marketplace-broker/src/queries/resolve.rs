//! What a purchase token stands for. Changes nothing, works in every status, any number of times (C13, C14).
//! Called by `http/fulfillment/resolve`.

use shared::purchase_token::{self, TokenRefusal};

use crate::{
    domain::{purchase::token_life, refusal::Refusal, subscription::Subscription},
    store::{Caller, Failure, Store, find_subscription, token_key},
};

/// A token that resolved.
#[derive(Debug)]
pub struct Resolved(pub Subscription);

/// Why a token did not resolve.
#[derive(Debug, thiserror::Error)]
pub enum ResolveRefusal {
    /// The token is not good; told apart for log and journal.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// The token is sound and its subscription is gone (fulfillment.md 1.2, 404).
    #[error(transparent)]
    Gone(Refusal),
    /// The store gave no answer.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Reads the token, fetches its key from the sandbox it names, verifies it against that sandbox's clock, and looks
/// whether the subscription is the caller's.
pub async fn resolve(
    store: &Store,
    caller: &Caller,
    token: &str,
) -> Result<Resolved, ResolveRefusal> {
    let read = purchase_token::read(token)?;
    let mut conn = store.read().await?;
    let key = token_key(&mut conn, &read.sandbox, read.key_id).await?;
    let key = key.ok_or(TokenRefusal::UnknownKey)?;
    if read.sandbox != caller.sandbox {
        // Verified all the same, so that garbage is not called another publisher's; its expiry does not matter.
        read.verify(&key, jiff::Timestamp::MIN)?;
        return Err(TokenRefusal::AnotherPublishers.into());
    }
    let now = caller.clock.at(store.real_now());
    let claims = read.verify(&key, now)?;
    if now >= claims.issued_at + token_life(caller.policy.get()) {
        return Err(TokenRefusal::Expired.into());
    }
    let found = find_subscription(&mut conn, &caller.sandbox, claims.subscription).await?;
    let found = found.ok_or_else(|| {
        ResolveRefusal::Gone(Refusal::unknown("Subscription", claims.subscription))
    })?;
    if found.publisher_id != caller.publisher {
        return Err(TokenRefusal::AnotherPublishers.into());
    }
    Ok(Resolved(found))
}
