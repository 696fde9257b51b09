//! What a sandbox holds, its clock, its journal. Called by `http/rehearsal`.

use jiff::Timestamp;
use shared::{ids::SandboxId, rehearsal::JournalEntry};

use crate::{
    domain::{
        catalog::Offer,
        party::{Customer, Partner, Publisher},
        policy::Policy,
        refusal::Refusal,
        sandbox::SandboxClock,
        timer::Timer,
    },
    store::{self, Failure, SandboxRow, Store},
};

/// Entries of one journal page.
const JOURNAL_PAGE: i64 = 1_000;

/// A sandbox with everything in it.
#[derive(Debug)]
pub struct SandboxView {
    /// Its clock.
    pub clock: ClockView,
    /// How it behaves where sources are silent or disagree.
    pub policy: Policy,
    /// Publishers, in order.
    pub publishers: Vec<Publisher>,
    /// Partners, in order.
    pub partners: Vec<Partner>,
    /// Customers, in order.
    pub customers: Vec<Customer>,
    /// Offers, in order.
    pub offers: Vec<Offer>,
}

/// A clock and what is due next.
#[derive(Debug)]
pub struct ClockView {
    /// The clock.
    pub clock: SandboxClock,
    /// What it shows.
    pub now: Timestamp,
    /// What is due next.
    pub next: Option<Timer>,
}

/// All sandboxes.
pub async fn sandboxes(store: &Store) -> Result<Vec<SandboxRow>, Failure> {
    let mut conn = store.read().await?;
    store::all_sandboxes(&mut conn).await
}

/// A sandbox with everything in it.
pub async fn sandbox_view(store: &Store, id: &SandboxId) -> Result<SandboxView, Failure> {
    let clock = clock_view(store, id).await?;
    let mut conn = store.read().await?;
    Ok(SandboxView {
        clock,
        policy: policy(store, id).await?,
        publishers: store::publishers(&mut conn, id).await?,
        partners: store::partners(&mut conn, id).await?,
        customers: store::customers(&mut conn, id).await?,
        offers: store::offers(&mut conn, id).await?,
    })
}

/// The policy of a sandbox.
pub async fn policy(store: &Store, id: &SandboxId) -> Result<Policy, Failure> {
    let found = store::sandbox(&mut *store.read().await?, id).await?;
    Ok(found.ok_or_else(|| Refusal::unknown("Sandbox", id))?.policy)
}

/// The clock of a sandbox.
pub async fn clock_view(store: &Store, id: &SandboxId) -> Result<ClockView, Failure> {
    let mut conn = store.read().await?;
    let clock = store::sandbox_clock(&mut conn, id).await?;
    let clock = clock.ok_or_else(|| Refusal::unknown("Sandbox", id))?;
    let next = store::first_due(&mut conn, id).await?;
    Ok(ClockView { clock, now: clock.at(store.real_now()), next })
}

/// A page of the journal after `after`.
pub async fn journal(
    store: &Store,
    id: &SandboxId,
    after: i64,
) -> Result<Vec<JournalEntry>, Failure> {
    let mut conn = store.read().await?;
    store::journal_after(&mut conn, id, after, JOURNAL_PAGE).await
}
