//! The accounts of a sandbox, for the console.

use shared::ids::SandboxId;

use crate::{
    domain::Account,
    store::{Error, Store},
};

/// All accounts of the sandbox, newest first, at most 200.
pub async fn list_accounts(store: &Store, sandbox: &SandboxId) -> Result<Vec<Account>, Error> {
    store.accounts(sandbox).await
}
