//! Reports usage by the publisher's own schedule: when an hour of the sandbox's clock is over, it is counted, and what
//! goes beyond the included units is sent in batches. The clock may jump, and nobody tells the publisher, so it looks
//! at it after every change here and else every few seconds, for sandboxes where something is metered only. Started by
//! `server`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use shared::{ids::SandboxId, metering::BATCH_MAX};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{pause, real};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::{CountUsage, RecordUsage, UsageNews},
    domain::hour_of,
    store::{Error, MeteredAccount, ReportState},
};

/// The longest time without a look at the clock.
const LOOK: Duration = Duration::from_secs(5);
/// The shortest time between two looks.
const REST: Duration = Duration::from_millis(250);
/// Accounts that are asked for at once.
const AT_ONCE: usize = 8;

/// Counts and reports until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        let wait = match step(&app).await {
            Ok(()) => until_next(&app).await,
            Err(error) => Err(error),
        };
        let wait = wait.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "usage cannot be reported");
            LOOK
        });
        let rested = timeout(REST, stop.cancelled()).await.is_err();
        if !rested || !pause(&mut changes, wait, &stop).await {
            return;
        }
    }
}

/// Counts the hours that are over and sends what is due.
pub async fn step(app: &App) -> Result<(), Error> {
    let mut by_sandbox: BTreeMap<SandboxId, Vec<MeteredAccount>> = BTreeMap::new();
    for account in app.store.metered_accounts().await? {
        by_sandbox.entry(account.key.sandbox.clone()).or_default().push(account);
    }
    for (sandbox, accounts) in by_sandbox {
        match app.marketplace.sandbox_time(&sandbox).await {
            Ok(now) => {
                let hour = hour_of(now);
                let until = |one: &MeteredAccount| {
                    one.counted_until.unwrap_or_else(|| hour_of(one.activated_at))
                };
                let behind: Vec<_> = accounts.into_iter().filter(|one| until(one) < hour).collect();
                for some in behind.chunks(AT_ONCE) {
                    for counted in join_all(some.iter().map(|one| count(app, one))).await {
                        counted?;
                    }
                }
            }
            Err(trouble) => tracing::debug!(%sandbox, "the clock cannot be read: {trouble}"),
        }
    }
    send(app).await
}

/// Counts an account. What the marketplace does not show now is asked for at the next look.
async fn count(app: &App, account: &MeteredAccount) -> Result<(), Error> {
    let caller = caller(&account.key.sandbox, &account.publisher);
    match app.marketplace.metered_plan(&caller, account.key.subscription).await {
        Ok(Some(plan)) => {
            let (account, now) = (account.clone(), app.clock.now());
            app.store.execute(CountUsage { account, plan, now }).await
        }
        Ok(None) => Ok(()),
        Err(trouble) => {
            let id = account.key.subscription;
            tracing::debug!(subscription.id = %id, "usage cannot be counted: {trouble}");
            Ok(())
        }
    }
}

/// Sends what is due, a batch of one publisher at a time.
async fn send(app: &App) -> Result<(), Error> {
    let limit = i64::try_from(BATCH_MAX).unwrap_or(1);
    loop {
        let reports = app.store.waiting_reports(app.clock.now(), limit).await?;
        let Some(first) = reports.first() else { return Ok(()) };
        let caller = caller(&first.key.sandbox, &first.publisher);
        let news = match app.marketplace.report_usage(&caller, &reports).await {
            Ok((told, at)) => {
                let counts = |state| told.iter().filter(|one| one.state == state).count();
                let accepted = counts(ReportState::Accepted);
                tracing::info!(
                    sandbox = %caller.sandbox, publisher = %caller.publisher,
                    "usage reported: {accepted} of {} accepted", reports.len()
                );
                UsageNews::Answered(told, at)
            }
            Err(Trouble::Unreachable { what, retry_after }) => {
                UsageNews::Unanswered { failure: what, retry_after }
            }
            Err(trouble) => UsageNews::Refused(trouble.to_string()),
        };
        app.store.execute(RecordUsage { reports, news, now: app.clock.now() }).await?;
    }
}

fn caller(sandbox: &SandboxId, publisher: &shared::ids::PublisherId) -> Caller {
    Caller { sandbox: sandbox.clone(), publisher: publisher.clone() }
}

async fn until_next(app: &App) -> Result<Duration, Error> {
    let due = app.store.next_report().await?;
    Ok(due.map_or(LOOK, |due| real(due.duration_since(app.clock.now())).min(LOOK)))
}
