//! Who can sign in to the apps of a sandbox. Called by `http/identity`.

use shared::ids::SandboxId;

use crate::{
    domain::identity::{Account, accounts},
    store::{self, Failure, Store},
};

/// The accounts of a sandbox, in the order in which a picker shows them.
pub async fn accounts_of(store: &Store, sandbox: &SandboxId) -> Result<Vec<Account>, Failure> {
    let mut conn = store.read().await?;
    let customers = store::customers(&mut conn, sandbox).await?;
    let partners = store::partners(&mut conn, sandbox).await?;
    Ok(accounts(sandbox, &customers, &partners))
}
