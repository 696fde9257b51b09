//! The keys that apps may prove themselves with. Called by `http/rehearsal/client_keys` and `partner_client_keys`.

use shared::ids::SandboxId;

use crate::{
    commands::{KeyOwner, WhichApp},
    domain::{identity::ClientKey, refusal::Refusal},
    store::{self, Failure, Store},
};

/// The keys of both apps of a publisher, or of a partner's only one.
pub async fn client_keys(
    store: &Store,
    sandbox: &SandboxId,
    owner: &KeyOwner,
) -> Result<Vec<(WhichApp, ClientKey)>, Failure> {
    let mut conn = store.read().await?;
    let apps = match owner {
        KeyOwner::Publisher(id) => {
            let found = store::publisher(&mut conn, sandbox, id).await?;
            let found = found.ok_or_else(|| Refusal::unknown("Publisher", id))?;
            vec![(WhichApp::Api, found.app.client_id), (WhichApp::SignIn, found.sign_in.client_id)]
        }
        KeyOwner::Partner(id) => {
            let found = store::partner(&mut conn, sandbox, id).await?;
            let found = found.ok_or_else(|| Refusal::unknown("Partner", id))?;
            vec![(WhichApp::Api, found.app.client_id)]
        }
    };
    let mut all = Vec::new();
    for (app, client) in apps {
        let keys = store::client_keys(&mut conn, sandbox, client).await?;
        all.extend(keys.into_iter().map(|key| (app, key)));
    }
    Ok(all)
}
