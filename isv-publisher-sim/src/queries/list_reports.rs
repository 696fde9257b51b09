//! Usage that was reported from a sandbox, for the console.

use shared::ids::SandboxId;

use crate::store::{Error, Report, Store};

/// The reports of the sandbox, the newest hour first, at most 200.
pub async fn list_reports(store: &Store, sandbox: &SandboxId) -> Result<Vec<Report>, Error> {
    store.reports(sandbox).await
}
