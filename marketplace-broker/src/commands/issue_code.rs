//! Somebody has signed in: an authorization code is made. Called by `http/identity/authorize`.

use jiff::Timestamp;
use shared::{ids::SandboxId, secret::Secret};

use crate::{
    domain::identity::{CODE_LIFETIME, CodeGrant, IssuedCode},
    store::{Command, Failure, Tx, hash_of, insert_code},
};

/// Makes a code.
pub struct IssueCode {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The code itself.
    pub code: Secret<String>,
    /// What it stands for.
    pub grant: CodeGrant,
}

impl Command for IssueCode {
    type Output = ();
    const NAME: &'static str = "issueCode";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // codes live in real time
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        let issued = IssuedCode {
            grant: self.grant.clone(),
            expires_at: at + CODE_LIFETIME,
            redeemed_at: None,
        };
        insert_code(tx, &self.sandbox, &hash_of(&self.code), &issued, at).await
    }
}
