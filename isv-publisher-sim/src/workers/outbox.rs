//! Delivers the calls the marketplace is still to get: claims rows with a lease, calls, records. Safe to run twice:
//! a row is held by one worker, a result counts only for the attempt that made it, and both calls may be repeated.
//! Started by `server`; tests step it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::rehearsal::LicenseConfirmation;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{pause, real};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::{Accepted, Delivery, RecordDelivery},
    domain::{Kind, Standing},
    store::{Claimed, Error},
};

/// Longer than [`ATTEMPT`], so that a living worker never loses its row.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// The longest an attempt may take, with all the calls it makes.
const ATTEMPT: Duration = Duration::from_secs(12);
/// Calls in flight at once.
const BATCH: i64 = 8;
/// The longest time without a look, in case a change was made by another process.
const IDLE: Duration = Duration::from_secs(30);
/// The pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Delivers until it is told to stop; what it holds then is recorded first.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        let wait = match step(&app).await {
            Ok(()) => until_next(&app).await,
            Err(error) => Err(error),
        };
        let wait = wait.unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the outbox cannot be worked on"
            );
            AFTER_FAILURE
        });
        if !pause(&mut changes, wait, &stop).await {
            return;
        }
    }
}

/// Delivers what is due now.
pub async fn step(app: &App) -> Result<(), Error> {
    loop {
        let now = app.clock.now();
        if app.store.next_due().await?.is_none_or(|due| due > now) {
            return Ok(());
        }
        let claimed = app.store.claim(now, now + LEASE, BATCH).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        for recorded in join_all(claimed.into_iter().map(|claimed| deliver(app, claimed))).await {
            match recorded {
                Ok(()) | Err(Error::Stale) => {} // stale: another worker has taken the row over and will record it
                Err(error) => return Err(error),
            }
        }
    }
}

async fn until_next(app: &App) -> Result<Duration, Error> {
    let due = app.store.next_due().await?;
    Ok(due.map_or(IDLE, |due| real(due.duration_since(app.clock.now())).min(IDLE)))
}

#[tracing::instrument(name = "outbox.message.deliver", skip_all, fields(
    sandbox = %claimed.key.sandbox, subscription.id = %claimed.key.subscription,
    call = claimed.kind.name(), attempt = claimed.attempt, outcome))]
async fn deliver(app: &App, claimed: Claimed) -> Result<(), Error> {
    let delivery = match timeout(ATTEMPT, call(app, &claimed)).await {
        Ok(Ok(accepted)) => Delivery::Accepted(accepted),
        Ok(Err(trouble)) => given_up_or_later(app, &claimed, trouble).await,
        Err(_) => {
            Delivery::Unanswered { failure: "it took too long".to_owned(), retry_after: None }
        }
    };
    tracing::Span::current().record("outcome", delivery.name());
    tracing::info!("{} for {}: {}", claimed.kind.name(), claimed.key.subscription, delivery.name());
    app.metrics.delivered(claimed.kind, delivery.name());
    app.store.execute(RecordDelivery { claimed, delivery, now: app.clock.now() }).await
}

fn caller(claimed: &Claimed) -> Caller {
    Caller { sandbox: claimed.key.sandbox.clone(), publisher: claimed.publisher.clone() }
}

async fn call(app: &App, claimed: &Claimed) -> Result<Accepted, Trouble> {
    let (caller, subscription) = (caller(claimed), claimed.key.subscription);
    match claimed.kind {
        Kind::LicenseAssignments => {
            let assigned = app
                .marketplace
                .assign_licenses(&caller, subscription, &claimed.people, &claimed.id)
                .await?;
            let confirmed_at = assigned.confirmed_at.map(|at| at.0);
            Ok(Accepted::Licenses { assigned: assigned.assigned, confirmed_at })
        }
        Kind::Activate => {
            let confirmation = app.marketplace.license_confirmation(&caller).await?;
            let both_keys = confirmation == LicenseConfirmation::WithActivation;
            let at = app.marketplace.activate(&caller, subscription, &claimed.id).await;
            match at {
                Ok(at) => Ok(Accepted::Fulfillment { at, both_keys }),
                // An attempt before this one may have been accepted without anybody hearing of it.
                Err(refused @ Trouble::Refused { .. }) => {
                    match app.marketplace.standing(&caller, subscription).await? {
                        (Standing::Subscribed, at) => Ok(Accepted::Fulfillment { at, both_keys }),
                        _ => Err(refused),
                    }
                }
                Err(trouble) => Err(trouble),
            }
        }
    }
}

async fn given_up_or_later(app: &App, claimed: &Claimed, trouble: Trouble) -> Delivery {
    match trouble {
        Trouble::Unreachable { what, retry_after } => {
            Delivery::Unanswered { failure: what, retry_after }
        }
        Trouble::UnknownSandbox | Trouble::UnknownPublisher => {
            Delivery::Refused { failure: trouble.to_string(), standing: None }
        }
        Trouble::Refused { message, .. } => {
            let caller = caller(claimed);
            let asked = app.marketplace.standing(&caller, claimed.key.subscription);
            let standing = timeout(Duration::from_secs(2), asked).await;
            Delivery::Refused { failure: message, standing: standing.ok().and_then(Result::ok) }
        }
    }
}
