//! Who can sign in to the apps of a sandbox, and whose partner's users they are. Called by `http/identity` and
//! `http/rehearsal/partner`.

use shared::ids::{PartnerId, SandboxId};

use crate::{
    domain::{
        identity::{Account, accounts},
        party::Partner,
        refusal::Refusal,
    },
    store::{self, Failure, Store},
};

/// The accounts of a sandbox, in the order in which a picker shows them.
pub async fn accounts_of(store: &Store, sandbox: &SandboxId) -> Result<Vec<Account>, Failure> {
    let mut conn = store.read().await?;
    let customers = store::customers(&mut conn, sandbox).await?;
    let partners = store::partners(&mut conn, sandbox).await?;
    Ok(accounts(sandbox, &customers, &partners))
}

/// A partner that there is.
pub async fn partner(
    store: &Store,
    sandbox: &SandboxId,
    id: &PartnerId,
) -> Result<Partner, Failure> {
    let found = store::partner(&mut *store.read().await?, sandbox, id).await?;
    Ok(found.ok_or_else(|| Refusal::unknown("Partner", id))?)
}
