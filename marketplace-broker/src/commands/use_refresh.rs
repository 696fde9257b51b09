//! An app uses a refresh token; each use makes the next one. Called by the token endpoint.

use jiff::Timestamp;
use shared::{
    ids::{ClientId, SandboxId},
    secret::Secret,
};

use crate::{
    domain::identity::{Door, RefreshGrant, RefreshRefusal, Scopes},
    store::{
        Command, Failure, Tx, end_refresh_family, hash_of, insert_refresh, refresh_for_update,
        refresh_used,
    },
};

/// Uses a refresh token.
pub struct UseRefresh {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The token itself.
    pub token: Secret<String>,
    /// The app, which has proved who it is.
    pub client: ClientId,
    /// Where it is used.
    pub door: Door,
    /// What it is used for; everything that was allowed if absent.
    pub wanted: Option<Scopes>,
    /// Whether a token is good once.
    pub once: bool,
    /// The one that takes its place.
    pub next: Secret<String>,
}

impl Command for UseRefresh {
    /// A refusal here is the authority's, not the marketplace's.
    type Output = Result<RefreshGrant, RefreshRefusal>;
    const NAME: &'static str = "useRefresh";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // refresh tokens live in real time
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Self::Output, Failure> {
        let hash = hash_of(&self.token);
        let Some(issued) = refresh_for_update(tx, &self.sandbox, &hash).await? else {
            return Ok(Err(RefreshRefusal::Unknown));
        };
        match issued.redeem((self.client, self.door), self.wanted.as_ref(), self.once, at) {
            Ok(grant) => {
                refresh_used(tx, &self.sandbox, &hash, at).await?;
                let next = hash_of(&self.next);
                insert_refresh(tx, &self.sandbox, &next, &issued.next(at), at).await?;
                Ok(Ok(grant.clone()))
            }
            Err(RefreshRefusal::Reused) => {
                end_refresh_family(tx, &self.sandbox, &issued).await?;
                Ok(Err(RefreshRefusal::Reused))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}
