//! Delivers the calls the marketplace is still to get: claims rows with a lease, calls, records. Safe to run twice:
//! a row is held by one worker, a result counts only for the attempt that made it, and both calls may be repeated.
//! Started by `server`; tests step it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::{ids::OperationId, rehearsal::LicenseConfirmation};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{operations, pause, real};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::{Accepted, Delivery, OperationNews, RecordDelivery, RecordOperation},
    domain::{Call, Kind, OperationCall, PublisherStep, Seen, Setup, Standing, WebhookKey},
    store::{Claimed, Error},
};

/// Longer than [`ATTEMPT`], so that a living worker never loses its row.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// The longest an attempt may take, with all the calls it makes.
const ATTEMPT: Duration = Duration::from_secs(12);
/// The longest a look at the subscription may take after an attempt, so that both fit into [`LEASE`].
const LOOK: Duration = Duration::from_secs(2);
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
    call = claimed.call.name(), attempt = claimed.attempt, outcome))]
async fn deliver(app: &App, claimed: Claimed) -> Result<(), Error> {
    match claimed.call {
        Call::Account(kind) => deliver_call(app, claimed, kind).await,
        Call::Operation(operation, call) => deliver_operation(app, claimed, operation, call).await,
    }
}

const TOO_LONG: &str = "it took too long";

fn told(app: &App, claimed: &Claimed, outcome: &'static str) {
    tracing::Span::current().record("outcome", outcome);
    tracing::info!("{} for {}: {outcome}", claimed.call.name(), claimed.key.subscription);
    app.metrics.delivered(claimed.call, outcome);
}

async fn deliver_operation(
    app: &App,
    claimed: Claimed,
    operation: OperationId,
    call: OperationCall,
) -> Result<(), Error> {
    let (sandbox, publisher) = (claimed.key.sandbox.clone(), claimed.publisher.clone());
    let key = WebhookKey { sandbox, publisher, operation };
    let made = timeout(ATTEMPT, operations::make(app, &claimed, &key, call)).await;
    let news = made.unwrap_or_else(|_| OperationNews::Unanswered {
        failure: TOO_LONG.to_owned(),
        retry_after: None,
    });
    told(app, &claimed, news.name());
    let (message_id, now) = (app.new_id(), app.clock.now());
    app.store.execute(RecordOperation { claimed, key, news, message_id, now }).await
}

/// What a call says, as it is stored when the call is made.
enum Words {
    /// Everything stands in the row.
    People,
    Activate,
    Setup(Setup),
    Steps(Vec<PublisherStep>),
}

async fn words(app: &App, claimed: &Claimed, kind: Kind) -> Result<Words, Error> {
    Ok(match kind {
        Kind::LicenseAssignments => Words::People,
        Kind::Activate => Words::Activate,
        Kind::Setup => {
            let kept = app.store.setup(&claimed.key).await?;
            Words::Setup(kept.ok_or_else(|| Error::corrupt("setups", &claimed.key.subscription))?)
        }
        Kind::PublisherSteps => Words::Steps(app.store.publisher_steps(&claimed.key).await?),
    })
}

async fn deliver_call(app: &App, claimed: Claimed, kind: Kind) -> Result<(), Error> {
    let words = words(app, &claimed, kind).await?;
    let delivery = match timeout(ATTEMPT, call(app, &claimed, &words)).await {
        Ok(Ok(accepted)) => Delivery::Accepted(accepted),
        Ok(Err(trouble)) => given_up_or_later(app, &claimed, trouble).await,
        Err(_) => Delivery::Unanswered { failure: TOO_LONG.to_owned(), retry_after: None },
    };
    told(app, &claimed, delivery.name());
    let seen = match &delivery {
        Delivery::Accepted(accepted) => once_billing_starts(app, &claimed, *accepted).await?,
        Delivery::Refused { .. } | Delivery::Unanswered { .. } => None,
    };
    let told = match words {
        Words::Steps(steps) => Some(steps),
        Words::People | Words::Activate | Words::Setup(_) => None,
    };
    let now = app.clock.now();
    app.store.execute(RecordDelivery { claimed, delivery, told, seen, now }).await
}

fn caller(claimed: &Claimed) -> Caller {
    Caller { sandbox: claimed.key.sandbox.clone(), publisher: claimed.publisher.clone() }
}

/// The subscription once both keys are in: its term is set then. Nothing waits for it, so it is asked for once.
async fn once_billing_starts(
    app: &App,
    claimed: &Claimed,
    accepted: Accepted,
) -> Result<Option<Box<Seen>>, Error> {
    let keys = app.store.account(&claimed.key).await?.map(|account| account.keys());
    let keys = keys.unwrap_or_default();
    let both = match accepted {
        Accepted::Licenses { confirmed_at, .. } => {
            confirmed_at.is_some() && keys.fulfillment_confirmed_at.is_some()
        }
        Accepted::Fulfillment { both_keys, .. } => both_keys || keys.licenses_assigned_at.is_some(),
        Accepted::Setup | Accepted::Steps => false,
    };
    if !both {
        return Ok(None);
    }
    let caller = caller(claimed);
    let looked = timeout(LOOK, app.marketplace.seen(&caller, claimed.key.subscription)).await;
    Ok(looked.ok().and_then(Result::ok).map(Box::new))
}

async fn call(app: &App, claimed: &Claimed, words: &Words) -> Result<Accepted, Trouble> {
    let (caller, subscription) = (caller(claimed), claimed.key.subscription);
    match words {
        Words::Setup(setup) => {
            app.marketplace.report_setup(&caller, subscription, setup, &claimed.id).await?;
            Ok(Accepted::Setup)
        }
        Words::Steps(steps) => {
            app.marketplace.declare_steps(&caller, subscription, steps, &claimed.id).await?;
            Ok(Accepted::Steps)
        }
        Words::People => {
            let assigned = app
                .marketplace
                .assign_licenses(&caller, subscription, &claimed.people, &claimed.id)
                .await?;
            let confirmed_at = assigned.confirmed_at.map(|at| at.0);
            Ok(Accepted::Licenses { assigned: assigned.assigned, confirmed_at })
        }
        Words::Activate => {
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
            let standing = timeout(LOOK, asked).await;
            Delivery::Refused { failure: message, standing: standing.ok().and_then(Result::ok) }
        }
    }
}
