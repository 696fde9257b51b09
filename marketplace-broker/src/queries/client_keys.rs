//! The keys that a publisher's apps may prove themselves with. Called by `http/rehearsal/client_keys`.

use shared::ids::{PublisherId, SandboxId};

use crate::{
    commands::WhichApp,
    domain::{identity::ClientKey, refusal::Refusal},
    store::{self, Failure, Store},
};

/// The keys of both apps of a publisher.
pub async fn client_keys(
    store: &Store,
    sandbox: &SandboxId,
    publisher: &PublisherId,
) -> Result<Vec<(WhichApp, ClientKey)>, Failure> {
    let mut conn = store.read().await?;
    let found = store::publisher(&mut conn, sandbox, publisher).await?;
    let found = found.ok_or_else(|| Refusal::unknown("Publisher", publisher))?;
    let mut all = Vec::new();
    for (app, client) in
        [(WhichApp::Api, found.app.client_id), (WhichApp::SignIn, found.sign_in.client_id)]
    {
        let keys = store::client_keys(&mut conn, sandbox, client).await?;
        all.extend(keys.into_iter().map(|key| (app, key)));
    }
    Ok(all)
}
