//! An app redeems an authorization code, once, and gets the first refresh token if it asked for one. Called by the token
//! endpoint.

use jiff::Timestamp;
use shared::{ids::SandboxId, secret::Secret};
use uuid::Uuid;

use crate::{
    domain::identity::{CodeGrant, CodeRefusal, IssuedRefresh, REFRESH_LIFETIME, Redeeming},
    store::{Command, Failure, Tx, code_for_update, hash_of, insert_refresh, redeemed},
};

/// Redeems a code.
pub struct RedeemCode {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The code itself.
    pub code: Secret<String>,
    /// Who wants to, and by which proof.
    pub by: Redeeming,
    /// The refresh token that is given for it, if one was asked for.
    pub refresh: Secret<String>,
    /// What begins with this sign-in.
    pub family: Uuid,
}

impl Command for RedeemCode {
    /// A refusal here is the authority's, not the marketplace's.
    type Output = Result<CodeGrant, CodeRefusal>;
    const NAME: &'static str = "redeemCode";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // codes live in real time
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Self::Output, Failure> {
        let hash = hash_of(&self.code);
        let Some(issued) = code_for_update(tx, &self.sandbox, &hash).await? else {
            return Ok(Err(CodeRefusal::Unknown));
        };
        match issued.redeem(&self.by, at) {
            Ok(grant) => {
                redeemed(tx, &self.sandbox, &hash, at).await?;
                if let Some(granted) = grant.refresh() {
                    let expires_at = at + REFRESH_LIFETIME;
                    let new = IssuedRefresh {
                        family: self.family,
                        grant: granted,
                        expires_at,
                        used_at: None,
                    };
                    insert_refresh(tx, &self.sandbox, &hash_of(&self.refresh), &new, at).await?;
                }
                Ok(Ok(grant.clone()))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}
