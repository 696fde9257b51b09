//! A rehearsal sandbox is made: clock, token key, publishers, partners, customers, catalogue. Called by
//! `http/rehearsal/sandboxes` and at start-up for `default`.

mod world;

use jiff::Timestamp;
use shared::{ids::SandboxId, purchase_token::TokenKey};

use super::record;
use crate::{
    domain::{
        agreement::Agreement,
        event::Event,
        policy::{Policy, Profile},
        refusal::Refusal,
        sandbox::SandboxClock,
    },
    store::{
        Command, Failure, Tx, count_sandboxes, insert_agreement, insert_customer, insert_offer,
        insert_partner, insert_publisher, insert_sandbox, insert_token_key, sandbox,
    },
};

pub use world::{World, client_secret};

/// Sandboxes of one installation.
const SANDBOXES_MAX: i64 = 1_000;

/// Makes a sandbox.
pub struct CreateSandbox {
    /// Its id.
    pub id: SandboxId,
    /// What its clock shows at the start; the real time if absent.
    pub start_at: Option<Timestamp>,
    /// Whether its clock stands.
    pub frozen: bool,
    /// How it behaves where sources are silent or disagree.
    pub profile: Profile,
    /// Who and what is in it.
    pub world: World,
    /// What signs its purchase tokens.
    pub token_key: TokenKey,
}

impl Command for CreateSandbox {
    type Output = ();
    const NAME: &'static str = "createSandbox";

    fn sandbox(&self) -> Option<&SandboxId> {
        None // it does not exist yet
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<(), Failure> {
        if sandbox(tx.read(), &self.id).await?.is_some() {
            return Err(Refusal::Exists { what: "Sandbox", id: self.id.to_string() }.into());
        }
        if count_sandboxes(tx.read()).await? >= SANDBOXES_MAX {
            let reason = format!("an installation holds {SANDBOXES_MAX} sandboxes at most");
            return Err(Refusal::Limit(reason).into());
        }
        let start_at = self.start_at.unwrap_or(at);
        let clock = SandboxClock::showing(start_at, at, self.frozen);
        insert_sandbox(tx, &self.id, (clock, Policy::of(self.profile)), at).await?;
        insert_token_key(tx, &self.id, &self.token_key).await?;
        self.fill(tx, start_at).await?;
        record(tx, &self.id, start_at, None, &Event::SandboxCreated);
        Ok(())
    }
}

impl CreateSandbox {
    async fn fill(&self, tx: &mut Tx, start_at: Timestamp) -> Result<(), Failure> {
        for (position, publisher) in (0..).zip(&self.world.publishers) {
            insert_publisher(tx, &self.id, position, publisher).await?;
        }
        for (position, partner) in (0..).zip(&self.world.partners) {
            insert_partner(tx, &self.id, position, partner).await?;
        }
        for (position, customer) in (0..).zip(&self.world.customers) {
            insert_customer(tx, &self.id, position, customer).await?;
            insert_agreement(tx, &self.id, &Agreement::of_old(customer, start_at)).await?;
        }
        for offer in &self.world.offers {
            insert_offer(tx, &self.id, offer).await?;
        }
        Ok(())
    }
}
